import { isUtf8 } from 'node:buffer';

/**
 * Names of the system as text, and back, like Python's `os.fsdecode()` and `os.fsencode()`: they are UTF-8, and each
 * other byte becomes one of the surrogates U+DC80 to U+DCFF (PEP 383), so that no name turns into another one.
 */

/** The text of a name. */
export function fsdecode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString();
  let text = '';
  for (let start = 0; start < buffer.length;) {
    const length = LENGTHS.find(
      (count) => start + count <= buffer.length && isUtf8(buffer.subarray(start, start + count)),
    );
    text +=
      length === undefined
        ? String.fromCharCode(0xdc00 + buffer.readUInt8(start))
        : buffer.toString('utf8', start, start + length);
    start += length ?? 1;
  }
  return text;
}

/** How many bytes a character has. */
const LENGTHS = [1, 2, 3, 4];

/** The bytes of a name; `undefined` for other surrogates, for which Python raises UnicodeEncodeError. */
export function fsencode(text: string): Buffer | undefined {
  if (!hasSurrogates(text)) return Buffer.from(text);
  const bytes = Array.from(text, (character) => {
    const unit = character.charCodeAt(0);
    if (!hasSurrogates(character)) return Buffer.from(character);
    return unit >= 0xdc80 && unit <= 0xdcff ? Buffer.of(unit - 0xdc00) : undefined;
  });
  return bytes.every((piece) => piece !== undefined) ? Buffer.concat(bytes) : undefined;
}

/** Whether a text has half a pair of surrogates, which is not a character. */
export function hasSurrogates(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
