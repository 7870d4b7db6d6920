/** Text that others sent, without what a terminal would take for commands. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
}
