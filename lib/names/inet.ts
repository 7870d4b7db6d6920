import { endianness } from 'node:os';
import { types } from 'node:util';
import { bytesOf, int, integer, rangeError, shown, typeError } from '../common/arguments.ts';
import { AF_INET, AF_INET6 } from '../common/constants.ts';
import { osError, textError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { text } from './text.ts';

const IS_LITTLE_ENDIAN = endianness() === 'LE';

/**
 * The bytes of an IPv4 address in any of the forms of inet_aton(3): one to four numbers, each decimal, octal or
 * hexadecimal.
 */
export function parseIPv4(address: string): Buffer | null {
  const parts = address.split('.');
  if (parts.length > 4 || !parts.every((part) => /^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(part))) return null;
  const numbers = parts.map((part) => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = numbers.pop() ?? 0;
  // The last number fills all the bytes that the others leave.
  if (last >= 256 ** (4 - numbers.length) || numbers.some((number) => number > 0xff)) return null;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(last);
  numbers.forEach((number, index) => bytes.writeUInt8(number, index));
  return bytes;
}

/** The bytes of an IPv4 address in its one strict form: four decimal numbers without leading zeros. */
export function parseDottedQuad(address: string): Buffer | null {
  return /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(address) ? parseIPv4(address) : null;
}

/** The bytes of an IPv6 address, without a zone. */
export function parseIPv6(address: string): Buffer | null {
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0) return null;
  const left = parseGroups(head, tail === undefined);
  const right = parseGroups(tail ?? '', true);
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  // '::' stands for one group of zeros at least.
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const bytes = Buffer.alloc(16);
  [...left, ...Array.from({ length: missing }, () => 0), ...right].forEach((group, index) =>
    bytes.writeUInt16BE(group, 2 * index),
  );
  return bytes;
}

/**
 * The groups on one side of a '::'. At the end of the address, the last two may be written as an IPv4 address.
 */
function parseGroups(side: string, endsAddress: boolean): number[] | null {
  if (side === '') return [];
  const parts = side.split(':');
  const quad = endsAddress ? parseDottedQuad(parts.at(-1) ?? '') : null;
  if (quad !== null) parts.pop();
  if (!parts.every((part) => /^[\da-f]{1,4}$/i.test(part))) return null;
  const groups = parts.map((part) => Number.parseInt(part, 16));
  return quad === null ? groups : [...groups, quad.readUInt16BE(0), quad.readUInt16BE(2)];
}

/** An IPv4 address as text. */
export function formatIPv4(bytes: Buffer): string {
  return bytes.join('.');
}

/**
 * An IPv6 address as text, as glibc writes it: by RFC 5952, with the last two groups as an IPv4 address where it was
 * made from one (`::ffff:1.2.3.4`, `::1.2.3.4`).
 */
export function formatIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index));
  const { start, length } = longestZeros(groups);
  const holdsIPv4 = start === 0 && (length === 6 || (length === 5 && groups[5] === 0xffff));
  const words = groups.map((group) => group.toString(16));
  if (holdsIPv4) words.splice(6, 2, formatIPv4(bytes.subarray(12)));
  if (length < 2) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

/** The longest run of zeros, the first of several. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  });
  return longest;
}

/**
 * Packs an IPv4 address into its four bytes.
 *
 * @param address - one to four numbers, each decimal, octal (`010`) or hexadecimal (`0x7f`): `'127.0.0.1'`, `'127.1'`,
 * `'0x7f.1'`. Text after white space is ignored.
 * @returns four bytes, most significant first.
 * @throws OSError without a number ('illegal IP address string passed to inet_aton') for anything else.
 * @see https://docs.python.org/3/library/socket.html#socket.inet_aton
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * console.log(socket.inetAton('127.1')); // <Buffer 7f 00 00 01>
 * ```
 */
export function inetAton(address: string): Buffer {
  return called(inetAton, () => {
    const [number = ''] = text(address, 'inetAton(): address').split(/[ \t\n\v\f\r]/, 1);
    const bytes = parseIPv4(number);
    if (bytes === null) throw textError('illegal IP address string passed to inet_aton', { address: shown(address) });
    return bytes;
  });
}

/**
 * Writes the four bytes of an IPv4 address as text.
 *
 * @param packed - four bytes, most significant first.
 * @returns four decimal numbers: `'127.0.0.1'`.
 * @throws OSError without a number ('packed IP wrong length for inet_ntoa') where there are not four bytes.
 * @see https://docs.python.org/3/library/socket.html#socket.inet_ntoa
 */
export function inetNtoa(packed: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string {
  return called(inetNtoa, () => {
    const bytes = packedBytes(packed, 'inetNtoa(): packed');
    if (bytes.length === 4) return formatIPv4(bytes);
    throw textError('packed IP wrong length for inet_ntoa', { note: `4 bytes are wanted, received ${shown(packed)}` });
  });
}

/**
 * Packs a numeric address into its bytes.
 *
 * @param family - AF_INET or AF_INET6.
 * @param address - the address in its strict form: four decimal numbers, or an IPv6 address without a zone.
 * @returns 4 bytes for AF_INET, 16 for AF_INET6.
 * @throws OSError without a number ('illegal IP address string passed to inet_pton') for anything that is not such an
 * address; EAFNOSUPPORT for another family.
 * @see https://docs.python.org/3/library/socket.html#socket.inet_pton
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * console.log(socket.inetPton(socket.AF_INET, '127.0.0.1')); // <Buffer 7f 00 00 01>
 * ```
 */
export function inetPton(family: number, address: string): Buffer {
  return called(inetPton, () => {
    const af = int(family, 'inetPton(): family');
    const host = text(address, 'inetPton(): address');
    if (af !== AF_INET && af !== AF_INET6)
      throw osError('EAFNOSUPPORT', { syscall: 'inet_pton', address: `family ${af}` });
    const bytes = af === AF_INET ? parseDottedQuad(host) : parseIPv6(host);
    if (bytes === null) throw textError('illegal IP address string passed to inet_pton', { address: shown(address) });
    return bytes;
  });
}

/**
 * Writes the bytes of an address as text.
 *
 * @param family - AF_INET or AF_INET6.
 * @param packed - 4 bytes for AF_INET, 16 for AF_INET6.
 * @returns the address in its shortest form (RFC 5952): `'127.0.0.1'`, `'::1'`, `'::ffff:127.0.0.1'`.
 * @throws RangeError (Python: ValueError) 'unknown address family …' or 'invalid length of packed IP address string'.
 * @see https://docs.python.org/3/library/socket.html#socket.inet_ntop
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const packed = socket.inetPton(socket.AF_INET6, '2001:DB8:0:0:0:0:0:1');
 * console.log(socket.inetNtop(socket.AF_INET6, packed)); // 2001:db8::1
 * ```
 */
export function inetNtop(family: number, packed: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string {
  return called(inetNtop, () => {
    const af = int(family, 'inetNtop(): family');
    const bytes = packedBytes(packed, 'inetNtop(): packed');
    if (af !== AF_INET && af !== AF_INET6) throw rangeError('inetNtop(): family must be AF_INET or AF_INET6', family);
    const length = af === AF_INET ? 4 : 16;
    if (bytes.length !== length) throw rangeError(`inetNtop(): packed must have ${length} bytes`, packed);
    return af === AF_INET ? formatIPv4(bytes) : formatIPv6(bytes);
  });
}

function packedBytes(packed: unknown, name: string): Buffer {
  if (ArrayBuffer.isView(packed) || types.isAnyArrayBuffer(packed)) return bytesOf(packed);
  throw typeError(`${name} must be bytes`, packed);
}

/**
 * Turns a 16-bit number from the machine's byte order into the network's.
 *
 * @param value - 0 to 65535.
 * @returns the number with its two bytes exchanged; unchanged on a machine that is big-endian itself.
 * @throws RangeError (Python: OverflowError) for a number out of range.
 * @see https://docs.python.org/3/library/socket.html#socket.htons
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const port = new Uint8Array(Uint16Array.of(socket.htons(80)).buffer);
 * console.log(Buffer.from(port)); // <Buffer 00 50>
 * ```
 */
export function htons(value: number): number {
  return called(htons, () => swap16(value, 'htons'));
}

/**
 * Turns a 16-bit number from the network's byte order into the machine's.
 *
 * @param value - 0 to 65535.
 * @returns the number with its two bytes exchanged; unchanged on a machine that is big-endian itself.
 * @throws RangeError (Python: OverflowError) for a number out of range.
 * @see https://docs.python.org/3/library/socket.html#socket.ntohs
 */
export function ntohs(value: number): number {
  return called(ntohs, () => swap16(value, 'ntohs'));
}

/**
 * Turns a 32-bit number from the machine's byte order into the network's.
 *
 * @param value - 0 to 4294967295.
 * @returns the number with its four bytes reversed; unchanged on a machine that is big-endian itself.
 * @throws RangeError (Python: OverflowError) for a number out of range.
 * @see https://docs.python.org/3/library/socket.html#socket.htonl
 */
export function htonl(value: number): number {
  return called(htonl, () => swap32(value, 'htonl'));
}

/**
 * Turns a 32-bit number from the network's byte order into the machine's.
 *
 * @param value - 0 to 4294967295.
 * @returns the number with its four bytes reversed; unchanged on a machine that is big-endian itself.
 * @throws RangeError (Python: OverflowError) for a number out of range.
 * @see https://docs.python.org/3/library/socket.html#socket.ntohl
 */
export function ntohl(value: number): number {
  return called(ntohl, () => swap32(value, 'ntohl'));
}

function swap16(value: unknown, call: string): number {
  const number = int(value, `${call}(): value`);
  if (number < 0 || number > 0xffff) throw rangeError(`${call}(): value must be 0-65535`, value);
  return IS_LITTLE_ENDIAN ? ((number & 0xff) << 8) | (number >> 8) : number;
}

function swap32(value: unknown, call: string): number {
  const number = integer(value, `${call}(): value`);
  if (number < 0 || number > 0xffff_ffff) throw rangeError(`${call}(): value must be 0-4294967295`, value);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return IS_LITTLE_ENDIAN ? bytes.readUInt32BE() : number;
}
