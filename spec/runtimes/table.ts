import type { Outcome } from './program.ts';

/** The table of docs/platforms.md: behaviours by runtimes. A cell is `yes`, `no`, or the code of the error raised. */

/** The outcomes of the behaviours, by runtime. */
export type Runs = ReadonlyMap<string, readonly Outcome[]>;

const START = '<!-- npm run test:runtimes -- --write -->\n\n';
const END = '\n<!-- end -->';

/** The document, with its table replaced by that of these runs. */
export function withTable(document: string, runs: Runs): string {
  const [before, rest] = split(document, START);
  const [, after] = split(rest, END);
  return before + START + tableOf(runs) + END + after;
}

/** The differences between a run and its column of the table, by behaviour. */
export function differences(document: string, runtime: string, outcomes: readonly Outcome[]): Map<string, string> {
  const cells = columnOf(document, runtime);
  const found = new Map<string, string>();
  for (const { name, cell, reason } of outcomes) {
    const told = cells.get(name);
    if (cell !== 'skipped' && cell !== told) {
      found.set(name, `${cell}, and the table says ${told ?? 'nothing'}${reason === undefined ? '' : `: ${reason}`}`);
    }
    cells.delete(name);
  }
  for (const [name, told] of cells) found.set(name, `did not run, and the table says ${told}`);
  return found;
}

function tableOf(runs: Runs): string {
  const runtimes = [...runs.keys()];
  const names = new Set([...runs.values()].flat().map(({ name }) => name));
  const cellOf = (runtime: string, name: string): string =>
    runs.get(runtime)?.find((outcome) => outcome.name === name)?.cell ?? '';
  const rows = [...names].map((name) => [name, ...runtimes.map((runtime) => cellOf(runtime, name))]);
  const lines = [['', ...runtimes], ['---', ...runtimes.map(() => '---')], ...rows];
  return aligned(lines);
}

/** The lines of a table as Prettier formats them. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        cell === '---' ? '-'.repeat(widths[column] ?? 3) : cell.padEnd(widths[column] ?? 3),
      );
      return `| ${cells.join(' | ')} |\n`;
    })
    .join('');
}

/** The cells of a runtime, by behaviour. */
function columnOf(document: string, runtime: string): Map<string, string> {
  const [, rest] = split(document, START);
  const [table] = split(rest, END);
  const [head = [], , ...rows] = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const column = head.indexOf(runtime);
  if (column < 0) return new Map();
  return new Map(rows.flatMap(([name = '', ...cells]) => (name === '' ? [] : [[name, cells[column - 1] ?? '']])));
}

/** The text before and after a mark. */
function split(document: string, mark: string): [before: string, after: string] {
  const at = document.indexOf(mark);
  if (at < 0) throw new Error(`the document has no ${JSON.stringify(mark)}`);
  return [document.slice(0, at), document.slice(at + mark.length)];
}
