import { rangeError, typeError } from './arguments.ts';
import { called } from './stack.ts';

let defaultTimeout: number | null = null;

/**
 * The time limit that new sockets start with, in seconds; `null` for none.
 *
 * @see https://docs.python.org/3/library/socket.html#socket.getdefaulttimeout
 */
export function getdefaulttimeout(): number | null {
  return defaultTimeout;
}

/**
 * Sets the time limit that new sockets start with, accepted ones included.
 *
 * @param timeout - seconds; `null` to wait for ever, 0 not to wait at all.
 * @throws RangeError if it is negative, NaN or too large; TypeError if it is not a number.
 * @see https://docs.python.org/3/library/socket.html#socket.setdefaulttimeout
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * socket.setdefaulttimeout(10);
 * using sock = socket.socket();
 * console.log(sock.gettimeout()); // 10
 * ```
 */
export function setdefaulttimeout(timeout: number | null): void {
  defaultTimeout = called(setdefaulttimeout, () => checkTimeout(timeout));
}

/** Python keeps a time limit in nanoseconds, in 64 bits. */
const LONGEST_TIMEOUT = 2 ** 63 / 1e9;

/** Checks a time limit as Python does. */
export function checkTimeout(timeout: unknown): number | null {
  if (timeout === null) return null;
  const seconds = typeof timeout === 'boolean' ? Number(timeout) : timeout;
  if (typeof seconds !== 'number') throw typeError('timeout must be a number or null', timeout);
  if (Number.isNaN(seconds)) throw rangeError('timeout must not be NaN', timeout);
  if (Math.abs(seconds) >= LONGEST_TIMEOUT) {
    throw rangeError('timeout is too large', timeout);
  }
  if (seconds < 0) throw rangeError('Timeout value out of range', timeout);
  // Python rounds up, to whole nanoseconds.
  return Math.ceil(seconds * 1e9) / 1e9 + 0;
}
