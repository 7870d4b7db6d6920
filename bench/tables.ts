import type { ChartRow } from './charts.ts';
import { titles } from './report.ts';
import { contenderNames, groups, type Group } from './rows.ts';

/** The ratios in a group's table of docs/performance.md, as the group's chart shows them. */
export function chartRows(document: string, group: Group): ChartRow[] {
  const [, section = ''] = document.split(`\n### ${groups[group]}\n`);
  const [head, , ...lines] = (section.split(/\n#/, 1)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  if (head === undefined) throw new Error(`there is no table of ${groups[group]}`);
  const columns = cellsOf(head).map((title) => contenderNames.find((name) => titles[name] === title));
  return lines.map((line) => {
    const cells = cellsOf(line);
    const ratios = columns.flatMap((name, index) => {
      // The column of the plain code has its speed; its ratio to itself is 1.
      const ratio = name === 'data' ? 1 : Number(cells[index]?.replaceAll('*', ''));
      return name === undefined || Number.isNaN(ratio) ? [] : [[name, ratio] as const];
    });
    return { title: cells[0] ?? '', ratios: Object.fromEntries(ratios) };
  });
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
