import { randomBytes } from 'node:crypto';
import { bytesOf, int, rangeError, typeError, type Data } from '../common/arguments.ts';

/**
 * Random bytes that are fit for keys.
 *
 * @param n - how many.
 * @throws RangeError if `n` is negative, or 2³¹ or more.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.RAND_bytes
 */
export function RAND_bytes(n: number): Buffer {
  const count = int(n, 'n');
  if (count < 0) throw rangeError('num must be positive', n);
  return randomBytes(count);
}

/**
 * Whether the generator of random bytes has been seeded.
 *
 * @returns `true`: Node seeds it when it starts.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.RAND_status
 */
export function RAND_status(): boolean {
  return true;
}

/**
 * Offers bytes to the generator of random bytes.
 *
 * @remarks Differs from Python in that the bytes are not mixed in: Node has no call for it, and its generator takes its
 * seed from the system, which never depends on what programs add.
 *
 * @param bytes - the bytes, or a string.
 * @param entropy - how many bytes of them cannot be guessed.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.RAND_add
 */
export function RAND_add(bytes: Data, entropy: number): void {
  bytesOf(bytes);
  if (typeof entropy !== 'number') throw typeError('entropy must be a number', entropy);
}
