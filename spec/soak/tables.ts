/** The document with the tables; the text around them is written by hand. */
export const PAGE = 'docs/reliability.md';

/** The tables of the document, each with the command that writes it. */
export const TABLES = {
  crowd: 'npm run soak -- crowd --write',
  succession: 'npm run soak -- succession --write',
  faults: 'npm run soak -- faults --write',
  tasks: 'npm run soak -- tasks --write',
  kept: 'npm run soak -- kept --write',
  weather: 'npm run harsh -- weather --write',
  outage: 'npm run harsh -- outage --write',
  descriptors: 'npm run harsh -- descriptors --write',
  shortages: 'npm run harsh -- shortages --write',
  memory: 'npm run harsh -- memory --write',
  floods: 'npm run harsh -- floods --write',
  demos: 'npm run harsh -- demos --write',
} as const;

export type TableName = keyof typeof TABLES;

/** What was measured. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** What the reader has to know besides, a sentence each: the seed, the time that it took. */
  readonly conditions?: readonly string[];
}

/** A table as Markdown. */
export function markdown({ head, rows, conditions = [] }: Table): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(shown).join(' | ')} |`);
  return [conditions.map((condition) => `- ${condition}`).join('\n'), lines.join('\n')].join('\n\n').trim();
}

function shown(cell: string | number): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
