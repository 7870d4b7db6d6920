import { bytesOf, isBytes, rangeError, size, typeError } from './arguments.ts';
import type { WaitOptions } from './call-options.ts';

/** The bytes that a search looks for, or text in UTF-8; of several the one counts that ends first. */
export type Separator = string | Uint8Array | readonly (string | Uint8Array)[];

/** How to search for a separator. */
export interface SearchOptions extends WaitOptions {
  /** How many bytes there may be before the separator; 65,536 where it is left out. */
  readonly limit?: number | undefined;
}

/** asyncio's limit. */
const DEFAULT_LIMIT = 65_536;

/** The separators, the shortest first, in memory that the caller cannot change while the call waits. */
export function separatorsOf(given: unknown): readonly Buffer[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const separators = list.map((one) => {
    if (typeof one !== 'string' && !isBytes(one)) {
      throw typeError('separator must be a string, bytes, or an array of these', given);
    }
    return Buffer.from(bytesOf(one));
  });
  separators.sort((one, other) => one.length - other.length);
  const [shortest] = separators;
  if (shortest === undefined) throw rangeError('Separator should contain at least one element', given);
  if (shortest.length === 0) throw rangeError('Separator should be at least one-byte string', given);
  return separators;
}

/** The limit of a search. */
export function limitOf(limit: unknown): number {
  return limit === undefined ? DEFAULT_LIMIT : size(limit, 'limit', 'limit must not be negative');
}
