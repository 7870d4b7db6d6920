import { Purpose, type ExtendedKeyUsage } from './constants.ts';

/** Whether a value is one of the two purposes. */
export function isPurpose(value: unknown): value is ExtendedKeyUsage {
  return value === Purpose.SERVER_AUTH || value === Purpose.CLIENT_AUTH;
}
