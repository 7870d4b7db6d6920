import { chart, type ChartRow } from './charts.ts';
import type { Outcome } from './measure.ts';
import type { Results } from './results.ts';
import { grid, rowOf, speed, titles } from './report.ts';
import { contenderNames, groups, type ContenderName, type Group } from './rows.ts';

/** The Node whose results the charts show, and beside which the table shows the others. */
export const SHOWN = '20';

/** The others that the table of docs/performance.md shows. */
const others: readonly ContenderName[] = [
  'await-socket-documented-path',
  'for-await',
  'promise-socket',
  'python-blocking',
  'python-asyncio',
];

/** The ratios in a group's rows, as the group's chart shows them. */
export function chartRows(outcomes: readonly Outcome[], group: Group): ChartRow[] {
  return outcomes
    .filter((outcome) => rowOf(outcome).group === group)
    .map((outcome) => ({
      title: rowOf(outcome).title,
      ratios: Object.fromEntries(
        contenderNames.flatMap((name) => {
          const result = outcome.results[name];
          return result === undefined ? [] : [[name, result.ratio.median] as const];
        }),
      ),
    }));
}

/** The charts of the groups that were measured. */
export function chartsOf(outcomes: readonly Outcome[]): (readonly [Group, string])[] {
  return (Object.keys(groups) as Group[]).flatMap((group) => {
    const rows = chartRows(outcomes, group);
    return rows.length === 0 ? [] : [[group, chart(rows)] as const];
  });
}

/** The one table of docs/performance.md: a line for each row, the library on each Node, and the others on one Node. */
export function resultsTable(results: Results): string {
  const nodes = Object.keys(results);
  const outcomes = results[SHOWN]?.outcomes ?? [];
  const shown = others.filter((name) => outcomes.some((outcome) => outcome.results[name] !== undefined));
  const head = [
    '',
    'plain code',
    ...nodes.map((major) => `**await-socket**, Node ${major}`),
    ...shown.map((name) => (name === 'await-socket-documented-path' ? 'documented path' : titles[name])),
  ];
  const lines = (Object.keys(groups) as Group[]).flatMap((group) => {
    const own = outcomes.filter((outcome) => rowOf(outcome).group === group);
    if (own.length === 0) return [];
    const above = [`**${groups[group]}**`, ...head.slice(1).map(() => '')];
    return [above, ...own.map((outcome) => line(outcome, results, shown))];
  });
  return grid(head, lines);
}

function line({ row, results: own }: Outcome, results: Results, shown: readonly ContenderName[]): string[] {
  const { title, unit } = rowOf({ row });
  const onNodes = Object.values(results).map(({ outcomes }) => {
    const ratio = outcomes.find((outcome) => outcome.row === row)?.results['await-socket']?.ratio;
    return ratio === undefined ? '–' : `**${ratio.median.toFixed(2)}**`;
  });
  return [
    title,
    own.data === undefined ? '–' : speed(own.data.speed.median, unit),
    ...onNodes,
    ...shown.map((name) => own[name]?.ratio.median.toFixed(2) ?? '–'),
  ];
}
