import { isBytes, rangeError, typeError } from '../common/arguments.ts';
import { fsencode, hasSurrogates } from '../common/file-names.ts';

/** The value as a string that C can take; `name` is the argument's name, for messages. */
export function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw typeError(`${name} must be a string`, value);
  return checkedText(value, name);
}

/** A string without a NUL and without half a surrogate pair, which C cannot take. */
export function checkedText(value: string, name: string): string {
  if (value.includes('\0')) throw rangeError(`${name} must not contain a null character`, value);
  if (hasSurrogates(value)) throw rangeError(`${name} must not contain half a surrogate pair`, value);
  return value;
}

/** The bytes of a system name given as text or bytes; in text, a surrogate may stand for a byte (PEP 383). */
export function systemName(value: unknown, name: string): Buffer {
  if (typeof value !== 'string' && !isBytes(value)) throw typeError(`${name} must be a string or bytes`, value);
  const bytes = typeof value === 'string' ? fsencode(value) : Buffer.from(value);
  if (bytes === undefined) throw rangeError(`${name} must not contain half a surrogate pair`, value);
  if (bytes.includes(0)) throw rangeError(`${name} must not contain a null character`, value);
  return bytes;
}
