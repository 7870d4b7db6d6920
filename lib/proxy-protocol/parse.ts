import { shown } from '../common/arguments.ts';
import { wrong } from './errors.ts';
import type { ProxyHeader } from './header.ts';
import { parseVersion1, PREFIX } from './version-1.ts';
import { parseVersion2, SIGNATURE } from './version-2.ts';

/** The shortest header: `PROXY UNKNOWN` with its end. */
const SHORTEST = 15;

/**
 * Reads a header.
 *
 * @param bytes - what has come of it, and nothing that follows it.
 * @returns the header, or how many bytes at least belong to it that are missing.
 * @throws ProxyProtocolError as soon as it can be no header.
 */
export function parseHeader(bytes: Buffer): ProxyHeader | number {
  if (bytes.length === 0) return SHORTEST;
  const isVersion2 = begins(bytes, SIGNATURE);
  if (!isVersion2 && !begins(bytes, PREFIX)) throw wrong(`no PROXY header: ${shown(bytes.toString('latin1'))}`);
  const parsed = isVersion2 ? parseVersion2(bytes) : parseVersion1(bytes);
  return typeof parsed === 'number' ? Math.max(parsed, SHORTEST - bytes.length) : parsed;
}

/** Whether bytes are the beginning of a header, as far as they have come. */
function begins(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}
