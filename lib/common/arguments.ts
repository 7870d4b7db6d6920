import { inspect, types } from 'node:util';
import { raised } from './stack.ts';

/**
 * The checks that Python's argument parser makes, with its texts, followed by what was received. `TypeError` is
 * Python's `TypeError`; `RangeError` stands for its `ValueError` and `OverflowError`.
 */

/** How many characters of a value a message shows. */
const LONGEST_SHOWN = 120;

/** A value as messages show it: short, on one line. */
export function shown(value: unknown): string {
  // inspect() prints errors and longer arrays on several lines, whatever its options are.
  const text = inspected(value).replaceAll(/\s*\n\s*/g, ' ');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}

/** The value as Node shows it; only its kind where inspecting it throws. */
function inspected(value: unknown): string {
  try {
    return inspect(value, { depth: 0, maxArrayLength: 10, maxStringLength: 60, breakLength: Infinity });
  } catch {
    return typeof value === 'function' ? 'a function' : 'an object';
  }
}

/** The end of a message about an unexpected value. */
export function received(value: unknown): string {
  return `(received ${shown(value)})`;
}

/** A TypeError about an argument; it shows the value. */
export function typeError(text: string, value: unknown): TypeError {
  return raised(new TypeError(`${text} ${received(value)}`));
}

/** A RangeError about an argument; it shows the value. */
export function rangeError(text: string, value: unknown): RangeError {
  return raised(new RangeError(`${text} ${received(value)}`));
}

/** The value as an integer, as Python's `i` and `n` formats take it: a float is a `TypeError`, a boolean is 0 or 1. */
export function integer(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  throw typeError(`${name} must be an integer`, value);
}

/** An {@link integer} that fits in a C `int`, as family, flags and option numbers must. */
export function int(value: unknown, name: string): number {
  const number = integer(value, name);
  if (number >= -0x8000_0000 && number <= 0x7fff_ffff) return number;
  throw rangeError(`signed integer is ${number < 0 ? 'less than minimum' : 'greater than maximum'}: ${name}`, value);
}

/** The first number above C's `ssize_t`, on 64-bit systems. */
const MAX_SIZE = 2 ** 63;

/**
 * An {@link integer} that is not negative and fits in C's `ssize_t`; `text` is Python's message for a negative one.
 */
export function size(value: unknown, name: string, text: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const number = integer(value, name);
  if (Math.abs(number) >= MAX_SIZE) {
    throw rangeError(`int too large to convert to C ssize_t: ${name}`, value);
  }
  if (number >= 0) return number;
  throw rangeError(text, value);
}

/** Data that may be sent: bytes in any view or buffer, or a string, which is sent as UTF-8. */
export type Data = ArrayBufferView | ArrayBuffer | SharedArrayBuffer | string;

/** Whether a value is an array of bytes. Not `instanceof`, which is false for one of another realm, such as a vm context. */
export function isBytes(value: unknown): value is Uint8Array {
  return types.isUint8Array(value);
}

/** The bytes of the data to send, without a copy where they are bytes already. */
export function bytesOf(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  try {
    if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    // Not `instanceof`, which is false for memory of another realm, such as a vm context.
    if (types.isAnyArrayBuffer(data)) return Buffer.from(data);
  } catch {
    throw typeError('the memory of a bytes-like object is detached or was resized', data);
  }
  throw typeError('a bytes-like object or a string is required', data);
}

/** The bytes of each of several pieces; a string or bytes are not a list of pieces. */
export function buffersOf(pieces: unknown, name: string, bytes: (piece: unknown) => Buffer = bytesOf): Buffer[] {
  if (isList(pieces)) return Array.from(pieces, (piece) => bytes(piece));
  throw typeError(`${name} must be an iterable of buffers`, pieces);
}

function isList(pieces: unknown): pieces is Iterable<unknown> {
  return typeof pieces === 'object' && pieces !== null && Symbol.iterator in pieces && !ArrayBuffer.isView(pieces);
}
