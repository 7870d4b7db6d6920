import { contenderNames, rows, type ContenderName, type Unit } from './rows.ts';
import type { Outcome } from './measure.ts';

/** What the contenders are called in a table. */
export const titles: Readonly<Record<ContenderName, string>> = {
  data: "plain 'data'",
  onread: 'plain `onread`',
  'for-await': '`for await`',
  'promise-socket': 'promise-socket',
  'await-socket': 'await-socket',
  'python-blocking': 'Python, blocking',
  'python-asyncio': 'Python, asyncio',
};

/** The columns behind those that every table has. */
const others = contenderNames.filter((name) => name !== 'data' && name !== 'await-socket');

/** The outcomes as a Markdown table. */
export function table(outcomes: readonly Outcome[]): string {
  const shown = others.filter((name) => outcomes.some(({ results }) => results[name] !== undefined));
  const head = [
    '',
    titles.data,
    'goal',
    titles['await-socket'],
    'quartiles',
    'cost',
    ...shown.map((name) => titles[name]),
  ];
  const lines = outcomes.map((outcome) => line(outcome, shown));
  return [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function line(outcome: Outcome, shown: readonly ContenderName[]): string[] {
  const row = rows.find(({ name }) => name === outcome.row);
  if (row === undefined) throw new Error(`there is no row ${outcome.row}`);
  const { data, 'await-socket': own } = outcome.results;
  return [
    row.title,
    data === undefined ? '–' : speed(data.speed.median, row.unit),
    row.goal === undefined ? '' : row.goal.toFixed(2),
    own === undefined ? '–' : `**${own.ratio.median.toFixed(2)}**`,
    own === undefined ? '–' : own.ratio.quartiles.map((ratio) => ratio.toFixed(2)).join('–'),
    own === undefined ? '–' : own.cost.median.toFixed(2),
    ...shown.map((name) => outcome.results[name]?.ratio.median.toFixed(2) ?? '–'),
  ];
}

/** A number a second in three digits: `108 k/s`, `1.50 GB/s`. */
export function speed(aSecond: number, unit: Unit): string {
  const suffix = unit === 'bytes' ? 'B/s' : '/s';
  const prefixes = ['', 'k', 'M', 'G'];
  const thousands = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(aSecond) / 3)));
  return `${(aSecond / 1000 ** thousands).toPrecision(3)} ${prefixes[thousands] ?? ''}${suffix}`;
}
