import { isAscii, isUtf8 } from 'node:buffer';

/**
 * What is at an offset in the bytes: the length of a character in bytes, 0 for one that is not complete yet, or a flaw.
 */
export type Step = number | { readonly length: number; readonly reason: string };

/** Turns characters into bytes and back, without any state between two pieces. */
export interface Codec {
  /** Its name in Python's errors. */
  readonly name: string;
  /** Why a character cannot be encoded. */
  readonly reason: string;
  /** How many bytes make a unit. Where it is one, several characters in a row that cannot be encoded are one error. */
  readonly unit: number;
  /** The text of bytes without a flaw that end with a whole character; `undefined` if they need a closer check. */
  whole(bytes: Buffer): string | undefined;
  /** How many bytes at the end may be the beginning of a character. */
  tail(bytes: Buffer): number;
  /** What is at an offset; `final` if nothing comes after these bytes. */
  step(bytes: Buffer, at: number, final: boolean): Step;
  /** The text of bytes that {@link step} found to be characters. */
  textOf(bytes: Buffer): string;
  /** The bytes of a text; `undefined` if a character in it has none. */
  encode(text: string): Buffer | undefined;
}

/** A surrogate that is not one of a pair: with this flag a pair is one character. */
const SURROGATE = /\p{Surrogate}/u;

const isContinuation = (byte: number | undefined): byte is number => byte !== undefined && (byte & 0xc0) === 0x80;

/** One character of UTF-8; Python makes one error of as many bytes as could have begun a character. */
function utf8Step(bytes: Buffer, at: number, final: boolean): Step {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return { length: 1, reason: 'invalid start byte' };
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return final ? { length: index, reason: 'unexpected end of data' } : 0;
    if (!isContinuation(byte) || (index === 1 && !mayFollow(first, byte))) {
      // Python reads a whole surrogate before it refuses it: UTF-8 has none.
      if (first === 0xed && isContinuation(byte) && at + 2 === bytes.length && !final) return 0;
      return { length: index, reason: 'invalid continuation byte' };
    }
  }
  return length;
}

/** Whether the second byte makes no overlong form, no surrogate and nothing beyond U+10FFFF (Unicode 15, table 3-7). */
function mayFollow(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}

/** UTF-8. */
export const utf8: Codec = {
  name: 'utf-8',
  reason: 'surrogates not allowed',
  unit: 1,
  whole: (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : undefined),
  tail(bytes) {
    for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
      const at = bytes.length - back;
      if (!isContinuation(bytes[at])) return utf8Step(bytes, at, false) === 0 ? back : 0;
    }
    return 0;
  },
  step: utf8Step,
  textOf: (bytes) => bytes.toString('utf8'),
  encode: (text) => (SURROGATE.test(text) ? undefined : Buffer.from(text, 'utf8')),
};

/** UTF-16 without a byte order mark. */
function utf16(name: string, high: 0 | 1): Codec {
  const ordered = (bytes: Buffer): Buffer => (high === 1 ? bytes : Buffer.from(bytes).swap16());
  const textOf = (bytes: Buffer): string => ordered(bytes).toString('utf16le');
  /** The part of a unit that says whether it is a surrogate. */
  const kind = (bytes: Buffer, at: number): number => (bytes[at + high] ?? 0) & 0xfc;
  return {
    name,
    reason: 'surrogates not allowed',
    unit: 2,
    whole(bytes) {
      if (bytes.length % 2 !== 0) return undefined;
      const text = textOf(bytes);
      return SURROGATE.test(text) ? undefined : text;
    },
    tail(bytes) {
      const odd = bytes.length % 2;
      const even = bytes.length - odd;
      return odd + (even > 0 && kind(bytes, even - 2) === 0xd8 ? 2 : 0);
    },
    step(bytes, at, final) {
      const left = bytes.length - at;
      if (left < 2) return final ? { length: left, reason: 'truncated data' } : 0;
      if (kind(bytes, at) === 0xdc) return { length: 2, reason: 'illegal encoding' };
      if (kind(bytes, at) !== 0xd8) return 2;
      if (left < 4) return final ? { length: left, reason: 'unexpected end of data' } : 0;
      return kind(bytes, at + 2) === 0xdc ? 4 : { length: 2, reason: 'illegal UTF-16 surrogate' };
    },
    textOf,
    encode: (text) => (SURROGATE.test(text) ? undefined : ordered(Buffer.from(text, 'utf16le'))),
  };
}

/** UTF-16, the low byte first. */
export const utf16le = utf16('utf-16-le', 1);

/** UTF-16, the high byte first. */
export const utf16be = utf16('utf-16-be', 0);

/** The common part of encodings with one byte per character. */
function singleByte(
  name: string,
  reason: string,
  whole: (bytes: Buffer) => string | undefined,
  isCharacter: (byte: number) => boolean,
  textOf: (bytes: Buffer) => string,
  encode: (text: string) => Buffer | undefined,
): Codec {
  return {
    name,
    reason,
    unit: 1,
    whole,
    tail: () => 0,
    step: (bytes, at) => (isCharacter(bytes[at] ?? 0) ? 1 : { length: 1, reason }),
    textOf,
    encode,
  };
}

const latin1Text = (bytes: Buffer): string => bytes.toString('latin1');

/** ASCII. */
export const ascii = singleByte(
  'ascii',
  'ordinal not in range(128)',
  (bytes) => (isAscii(bytes) ? latin1Text(bytes) : undefined),
  (byte) => byte < 0x80,
  latin1Text,
  (text) => (/^[\0-\x7f]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined),
);

/** ISO 8859-1. */
export const latin1 = singleByte(
  'latin-1',
  'ordinal not in range(256)',
  latin1Text,
  () => true,
  latin1Text,
  (text) => (/^[\0-\xff]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined),
);

/** A table of 256 characters; `undefined` where there is none. */
export type Charmap = readonly (string | undefined)[];

/**
 * The table of an encoding that Node's TextDecoder knows by `label`. Where Windows has no character, WHATWG has put the
 * control character with the byte's number, and Python has none: `windows` for these.
 */
export function charmapOf(label: string, windows: boolean): Charmap {
  const decoder = new TextDecoder(label, { fatal: true });
  return Array.from({ length: 256 }, (_, byte) => {
    // ICU has IBM's control characters in code page 866.
    if (byte < 0x80) return String.fromCharCode(byte);
    try {
      const character = decoder.decode(Uint8Array.of(byte));
      return windows && byte < 0xa0 && character.charCodeAt(0) === byte ? undefined : character;
    } catch {
      return undefined;
    }
  });
}

/**
 * Windows' code page 1252 from a list: Node's TextDecoder decodes it as Latin 1 in many versions (nodejs/node#56542).
 */
export function cp1252(): Charmap {
  const special = Array.from('€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ', (character) =>
    character === ' ' ? undefined : character,
  );
  return Array.from({ length: 256 }, (_, byte) =>
    byte >= 0x80 && byte < 0xa0 ? special[byte - 0x80] : String.fromCharCode(byte),
  );
}

/** An encoding of one byte a character. */
export function charmap(characters: Charmap): Codec {
  const bytesOfCharacters = new Map(
    characters.flatMap((character, byte) => (character === undefined ? [] : [[character, byte] as const])),
  );
  const textOf = (bytes: Buffer): string => Array.from(bytes, (byte) => characters[byte] ?? '').join('');
  return singleByte(
    'charmap',
    'character maps to <undefined>',
    (bytes) => (bytes.every((byte) => characters[byte] !== undefined) ? textOf(bytes) : undefined),
    (byte) => characters[byte] !== undefined,
    textOf,
    (text) => {
      const bytes: number[] = [];
      for (const character of text) {
        const byte = bytesOfCharacters.get(character);
        if (byte === undefined) return undefined;
        bytes.push(byte);
      }
      return Buffer.from(bytes);
    },
  );
}
