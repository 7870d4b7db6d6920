import { domainToASCII } from 'node:url';
import { rangeError } from '../common/arguments.ts';

/** The characters that IDNA takes for a dot, including the dot itself. */
const DOTS = /[.\u3002\uff0e\uff61]/;

/** A name in ASCII with labels of 1 to 63 characters; the last may be empty. */
const FINE = /^(?:[\0-\x2d\x2f-\x7f]{1,63}\.)*[\0-\x2d\x2f-\x7f]{0,63}$/;

/** Letters that Python's codec, which is IDNA 2003, spells otherwise than Node, which is IDNA 2008. */
const SPELT_OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/ß|ẞ/g, 'ss'],
  [/ς/g, 'σ'],
  [/[\u200b-\u200d\ufeff]/g, ''],
];

/** Whether the text is ASCII alone. */
export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

/**
 * A host name as name servers know it, as Python's `idna` codec makes it.
 *
 * @throws RangeError for a label that is empty, too long or not allowed; it stands for Python's `UnicodeError`.
 */
export function toAscii(name: string): string {
  if (FINE.test(name)) return name;
  if (isAscii(name)) {
    const others = name.slice(0, name.lastIndexOf('.') + 1);
    throw idnaError(FINE.test(others) ? 'label too long' : 'label empty or too long', name);
  }
  const labels = name.split(DOTS);
  const isRooted = labels.at(-1) === '';
  if (isRooted) labels.pop();
  return labels.map((label) => labelToAscii(label, name)).join('.') + (isRooted ? '.' : '');
}

function labelToAscii(label: string, name: string): string {
  if (isAscii(label)) return checkLength(label, name);
  const spelt = SPELT_OTHERWISE.reduce(
    (text, [letters, spelling]) => text.replace(letters, spelling),
    label.toLowerCase(),
  );
  const prepared = spelt.normalize('NFKC');
  // Only a name that is still not ASCII is left to Node, which would take '127' for a number of 32 bits.
  if (isAscii(prepared)) return checkLength(prepared, name);
  const ascii = domainToASCII(prepared);
  if (ascii === '') throw idnaError('Invalid character', name);
  return checkLength(ascii, name);
}

function checkLength(label: string, name: string): string {
  if (label.length > 0 && label.length < 64) return label;
  throw idnaError('label empty or too long', name);
}

function idnaError(why: string, name: string): RangeError {
  return rangeError(`the host cannot be encoded as a host name (IDNA): ${why}`, name);
}
