import { received } from '../arguments.ts';

/** The value as a string without NUL, as Python's `s` format takes it. `call` is the function's name in Python. */
export function text(value: unknown, call: string, position: number): string {
  if (typeof value !== 'string') throw new TypeError(`${call}() argument ${position} must be str ${received(value)}`);
  if (value.includes('\0')) throw new RangeError(`embedded null character ${received(value)}`);
  return value;
}
