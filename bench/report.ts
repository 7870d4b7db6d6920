import { goals, goalText } from './goals.ts';
import { factor, growthGoal, type Growth } from './growth.ts';
import type { Outcome } from './measure.ts';
import { CONNECTIONS, memoryGoal, TLS_CONNECTIONS, tlsMemoryGoal, type MemoryOutcome } from './memory.ts';
import { contenderNames, groups, rows, type ContenderName, type Group, type Row, type Unit } from './rows.ts';
import type { Spread } from './statistics.ts';

/** The contenders' names in tables and charts. */
export const titles: Readonly<Record<ContenderName, string>> = {
  data: "plain 'data'",
  onread: 'plain onread',
  'for-await': 'for await',
  'promise-socket': 'promise-socket',
  'await-socket': 'await-socket',
  'await-socket-documented-path': 'await-socket, documented path',
  'python-blocking': 'Python, blocking',
  'python-asyncio': 'Python, asyncio',
  deno: 'Deno',
  bun: 'Bun',
};

/** All results. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly memory?: MemoryOutcome | undefined;
  readonly tlsMemory?: MemoryOutcome | undefined;
  readonly growths?: readonly Growth[] | undefined;
  /** The bytes that a round trip allocates. */
  readonly allocation?: number | undefined;
}

/** The columns after those that every table has. */
const others = contenderNames.filter((name) => name !== 'data' && name !== 'await-socket');

/** All results as Markdown. */
export function markdown(report: Report): string {
  const parts: string[] = [];
  for (const group of Object.keys(groups) as Group[]) {
    const own = report.outcomes.filter((outcome) => rowOf(outcome).group === group);
    if (own.length > 0) parts.push(`### ${groups[group]}`, table(own));
  }
  if (report.tlsMemory !== undefined) parts.push('### Memory over TLS', tlsMemoryTable(report.tlsMemory));
  const paths = pathsTable(report.outcomes);
  if (paths !== undefined) parts.push('### What the fast path buys', paths);
  if (report.memory !== undefined) parts.push('### Memory', memoryTable(report.memory));
  if (report.growths !== undefined) parts.push('### Growth', growthTable(report.growths));
  return parts.join('\n\n');
}

/** Outcomes as a table. */
export function table(outcomes: readonly Outcome[]): string {
  const shown = others.filter((name) => outcomes.some(({ results }) => results[name] !== undefined));
  const head = [
    '',
    titles.data,
    'goal',
    titles['await-socket'],
    'quartiles',
    'speed',
    'own time',
    ...shown.map((name) => titles[name]),
  ];
  return grid(head, [...outcomes.map((outcome) => line(outcome, shown))]);
}

function line(outcome: Outcome, shown: readonly ContenderName[]): string[] {
  const row = rowOf(outcome);
  const { data, 'await-socket': own } = outcome.results;
  return [
    row.title,
    data === undefined ? '–' : speed(data.speed.median, row.unit),
    goalText(goals[row.name]),
    own === undefined ? '–' : `**${own.ratio.median.toFixed(2)}**`,
    own === undefined ? '–' : range(own.ratio),
    own === undefined ? '–' : own.speedRatio.median.toFixed(2),
    own === undefined ? '–' : own.cost.median.toFixed(2),
    ...shown.map((name) => outcome.results[name]?.ratio.median.toFixed(2) ?? '–'),
  ];
}

/** Outcomes as a table: the library now and at an earlier commit, beside the plain code. */
export function againstTable(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ row, results, change }) => {
    const { title, unit } = rowOf({ row });
    const { data, before, 'await-socket': now } = results;
    return [
      title,
      data === undefined ? '–' : speed(data.speed.median, unit),
      ...[before?.ratio, now?.ratio].map((ratio) => ratio?.median.toFixed(2) ?? '–'),
      change === undefined ? '–' : `**${change.ratio.median.toFixed(2)}**`,
      change === undefined ? '–' : range(change.ratio),
      change?.speedRatio.median.toFixed(2) ?? '–',
    ];
  });
  return grid(['', titles.data, 'before', 'now', 'now to before', 'quartiles', 'speed'], lines);
}

function range({ quartiles }: Spread): string {
  return quartiles.map((ratio) => ratio.toFixed(2)).join('–');
}

export function rowOf({ row }: Pick<Outcome, 'row'>): Row {
  const found = rows.find(({ name }) => name === row);
  if (found === undefined) throw new Error(`there is no row ${row}`);
  return found;
}

function memoryTable(memory: MemoryOutcome): string {
  const lines = contenderNames.flatMap((name) => {
    const own = memory[name];
    return own === undefined ? [] : [[titles[name], own.idle.toFixed(1), own.active.toFixed(1)]];
  });
  const goal = ['goal of await-socket', memoryGoal.idle.toFixed(1), memoryGoal.active.toFixed(1)];
  return grid([`KiB a connection, of ${CONNECTIONS}`, 'idle', 'active'], [...lines, goal]);
}

function tlsMemoryTable(memory: MemoryOutcome): string {
  const lines = contenderNames.flatMap((name) => {
    const own = memory[name];
    if (own === undefined) return [];
    return [[titles[name], own.heap?.toFixed(1) ?? '–', own.idle.toFixed(1), own.active.toFixed(1)]];
  });
  const { heap, active } = tlsMemoryMost(memory);
  const goal = ['goal of await-socket', heap?.toFixed(1) ?? '–', '', active?.toFixed(1) ?? '–'];
  return grid([`KiB a connection, of ${TLS_CONNECTIONS}`, "V8's heap", 'idle', 'active'], [...lines, goal]);
}

/** The most that the library may need over TLS. */
export function tlsMemoryMost({ data }: MemoryOutcome): { heap: number | undefined; active: number | undefined } {
  if (data === undefined) return { heap: undefined, active: undefined };
  const { heap, active } = tlsMemoryGoal;
  return { heap: data.heap === undefined ? undefined : heap * data.heap, active: active * data.active };
}

function growthTable(growths: readonly Growth[]): string {
  const lines = growths.map((growth) => [
    growth.title,
    growth.points.map(({ size }) => size.toLocaleString('en')).join(' → ') + ` ${growth.unit}`,
    growth.points.map(({ nanoseconds }) => nanoseconds.toFixed(0)).join(' → '),
    `${factor(growth).toFixed(2)} ×`,
    `${growthGoal.toFixed(2)} ×`,
  ]);
  return grid(['', 'queued', 'ns an operation', 'growth', 'goal'], lines);
}

/** The rows in which the library was measured on both backends. */
function pathsTable(outcomes: readonly Outcome[]): string | undefined {
  const lines = outcomes.flatMap((outcome) => {
    const { 'await-socket': fast, 'await-socket-documented-path': documented } = outcome.results;
    if (fast === undefined || documented === undefined) return [];
    return [
      [
        rowOf(outcome).title,
        ...[fast.ratio, documented.ratio, fast.cost, documented.cost].map(({ median }) => median.toFixed(2)),
      ],
    ];
  });
  const head = ['', 'fast path', 'documented path', 'own time, fast', 'own time, documented'];
  return lines.length === 0 ? undefined : grid(head, lines);
}

/** A Markdown table: the first column to the left, the others to the right. */
export function grid(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A number a second in three digits: `108 k/s`, `1.50 GB/s`. */
export function speed(aSecond: number, unit: Unit): string {
  const prefixes = ['', 'k', 'M', 'G'];
  const thousands = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(aSecond) / 3)));
  const scaled = aSecond / 1000 ** thousands;
  const digits = Math.max(0, 2 - Math.max(0, Math.floor(Math.log10(scaled))));
  return `${scaled.toFixed(digits)} ${prefixes[thousands] ?? ''}${unit === 'bytes' ? 'B/s' : '/s'}`;
}
