/** Python counts characters, JavaScript units of 16 bits: a character beyond U+FFFF is one there and two here. */

/** Where `count` characters from `start` on end, or the text if it has fewer. A pair of surrogates is one character. */
export function skipCharacters(text: string, start: number, count: number): number {
  let at = start;
  for (let left = count; left > 0 && at < text.length; left -= 1) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    at += isPair ? 2 : 1;
  }
  return Math.min(at, text.length);
}

/** How many characters the text has from `start` to `end`. */
export function countCharacters(text: string, start = 0, end = text.length): number {
  let count = end - start;
  for (let at = start; at < end - 1; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) !== 0xd800 || (text.charCodeAt(at + 1) & 0xfc00) !== 0xdc00) continue;
    count -= 1;
    at += 1;
  }
  return count;
}
