import { received } from './arguments.ts';

/** Linux's `struct cmsghdr`, and what it aligns to, on a 64-bit machine (cmsg(3)). */
const HEADER = 16;
const ALIGNMENT = 8;

/** The length of a C int. */
const MAX_LENGTH = 0x7fff_ffff;

/**
 * The length of an item of ancillary data with its header, without padding behind it.
 *
 * @param length - the item's own length, in bytes.
 * @returns bytes.
 * @throws TypeError if length is no integer; RangeError if it is negative or too large.
 * @see https://docs.python.org/3/library/socket.html#socket.CMSG_LEN
 */
export function CMSG_LEN(length: number): number {
  return itemLength('CMSG_LEN', length, HEADER + length);
}

/**
 * The room that an item of ancillary data takes, with its header and the padding behind it.
 *
 * @param length - the item's own length, in bytes.
 * @returns bytes.
 * @throws TypeError if length is no integer; RangeError if it is negative or too large.
 * @see https://docs.python.org/3/library/socket.html#socket.CMSG_SPACE
 */
export function CMSG_SPACE(length: number): number {
  return itemLength('CMSG_SPACE', length, HEADER + Math.ceil(length / ALIGNMENT) * ALIGNMENT);
}

function itemLength(call: string, length: unknown, total: number): number {
  if (typeof length !== 'number' || !Number.isInteger(length)) {
    throw new TypeError(`${call}() argument must be an integer ${received(length)}`);
  }
  if (length < 0 || total > MAX_LENGTH) throw new RangeError(`${call}() argument out of range ${received(length)}`);
  return total;
}
