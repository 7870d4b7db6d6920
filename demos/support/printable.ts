/** Control characters, line separators, and the marks that turn the direction of the text around them. */
const DANGEROUS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text from another program, without characters that a terminal would obey or that would disguise the text. */
export function printable(text: string): string {
  return text.replaceAll(DANGEROUS, '\u{FFFD}');
}
