/** The generated parts of the documents, with the command that writes each; the text around them is written by hand. */
const commands = {
  results: 'npm run bench -- --write',
  details: 'npm run bench -- --write',
  goals: 'npm run bench -- --write',
  counts: 'npm run counts -- --write',
} as const;

export type Part = keyof typeof commands;

/** The document of each part. */
export const documents: Readonly<Record<Part, string>> = {
  results: 'docs/performance.md',
  details: 'bench/README.md',
  goals: 'bench/README.md',
  counts: 'bench/README.md',
};

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
