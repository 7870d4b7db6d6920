/** The generated parts of a document, with the command that writes each; the text around them is written by hand. */
const commands = {
  results: 'npm run bench -- --write',
  goals: 'npm run bench -- goals --only await-socket --write',
  tls: 'npm run bench -- tls --write',
  'tls-goals': 'npm run bench -- tls --only await-socket --write',
  counts: 'npm run counts -- --write',
} as const;

export type Part = keyof typeof commands;

/** Replaces the generated part of a text between its marks. */
export function replacePart(text: string, part: Part, generated: string): string {
  return replaceMarked(text, part, commands[part], generated);
}

/** The same for a part of any document, with the command that writes it. */
export function replaceMarked(text: string, part: string, command: string, generated: string): string {
  const beginning = `<!-- ${part}: written by \`${command}\` -->`;
  const end = `<!-- end of ${part} -->`;
  const from = text.indexOf(beginning);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`there are no marks for the ${part}: ${beginning} and ${end}`);
  return `${text.slice(0, from + beginning.length)}\n\n${generated}\n\n${text.slice(to)}`;
}
