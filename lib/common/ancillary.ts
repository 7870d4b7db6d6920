import { integer, rangeError } from './arguments.ts';
import { called } from './stack.ts';

/** The size of Linux's `struct cmsghdr`, and its alignment, on a 64-bit machine (cmsg(3)). */
const HEADER = 16;
const ALIGNMENT = 8;

/** The largest C int. */
const MAX_LENGTH = 0x7fff_ffff;

/**
 * The length of an item of ancillary data with its header, without the padding after it.
 *
 * @param length - the item's own length, in bytes.
 * @returns bytes.
 * @throws TypeError if length is no integer; RangeError if it is negative or too large.
 * @see https://docs.python.org/3/library/socket.html#socket.CMSG_LEN
 */
export function CMSG_LEN(length: number): number {
  return called(CMSG_LEN, () => HEADER + checkLength('CMSG_LEN', length, MAX_LENGTH - HEADER));
}

/**
 * The space that an item of ancillary data takes, with its header and the padding after it.
 *
 * @param length - the item's own length, in bytes.
 * @returns bytes.
 * @throws TypeError if length is no integer; RangeError if it is negative or too large.
 * @see https://docs.python.org/3/library/socket.html#socket.CMSG_SPACE
 */
export function CMSG_SPACE(length: number): number {
  return called(CMSG_SPACE, () => {
    const given = checkLength('CMSG_SPACE', length, MAX_LENGTH - HEADER - ALIGNMENT);
    return HEADER + Math.ceil(given / ALIGNMENT) * ALIGNMENT;
  });
}

function checkLength(call: string, length: unknown, most: number): number {
  const given = integer(length, `${call}(): length`);
  if (given < 0 || given > most) throw rangeError(`${call}(): length must be 0-${most}`, length);
  return given;
}
