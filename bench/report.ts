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
}

/** What concerns TLS, or the rest. */
export function partOf({ outcomes, memory, tlsMemory, growths }: Report, isTls: boolean): Report {
  const own = outcomes.filter((outcome) => (rowOf(outcome).group === 'tls') === isTls);
  return isTls ? { outcomes: own, tlsMemory } : { outcomes: own, memory, growths };
}

/** The columns after those that every table has. */
const others = contenderNames.filter((name) => name !== 'data' && name !== 'await-socket');

/** All results as Markdown; `between` gives the text between a heading and its table. */
export function markdown(report: Report, between: (group: Group) => string = () => ''): string {
  const parts: string[] = [];
  for (const group of Object.keys(groups) as Group[]) {
    const own = report.outcomes.filter((outcome) => rowOf(outcome).group === group);
    if (own.length > 0) parts.push(`### ${groups[group]}`, between(group), table(own));
  }
  if (report.tlsMemory !== undefined) parts.push('### Memory over TLS', tlsMemoryTable(report.tlsMemory));
  const paths = pathsTable(report.outcomes);
  if (paths !== undefined) parts.push('### What the fast path buys', paths);
  if (report.memory !== undefined) parts.push('### Memory', memoryTable(report.memory));
  if (report.growths !== undefined) parts.push('### Growth', growthTable(report.growths));
  return parts.filter((part) => part !== '').join('\n\n');
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
    'processor time',
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
    row.goal === undefined ? '' : row.goal.toFixed(2),
    own === undefined ? '–' : `**${own.ratio.median.toFixed(2)}**`,
    own === undefined ? '–' : range(own.ratio),
    own === undefined ? '–' : own.cost.median.toFixed(2),
    ...shown.map((name) => outcome.results[name]?.ratio.median.toFixed(2) ?? '–'),
  ];
}

/** Outcomes as a table: the library now, and the library at an earlier commit. */
export function againstTable(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map((outcome) => {
    const { title, unit } = rowOf(outcome);
    const { before, 'await-socket': now } = outcome.results;
    if (before === undefined || now === undefined) return [title, '–', '–', '–', '–', '–', '–'];
    const ratios = [now.ratio, now.cost].flatMap((ratio) => [`**${ratio.median.toFixed(2)}**`, range(ratio)]);
    return [title, speed(before.speed.median, unit), speed(now.speed.median, unit), ...ratios];
  });
  return grid(['', 'before', 'now', 'ratio', 'quartiles', 'processor time', 'quartiles'], lines);
}

function range({ quartiles }: Spread): string {
  return quartiles.map((ratio) => ratio.toFixed(2)).join('–');
}

export function rowOf({ row }: Outcome): Row {
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
function tlsMemoryMost({ data }: MemoryOutcome): { heap: number | undefined; active: number | undefined } {
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
  const head = ['', 'fast path', 'documented path', 'processor time, fast', 'processor time, documented'];
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

function tlsMemoryMisses(memory: MemoryOutcome): string[] {
  const own = memory['await-socket'];
  const most = tlsMemoryMost(memory);
  return (['heap', 'active'] as const).flatMap((kind) => {
    const [needed, goal] = [own?.[kind], most[kind]];
    if (needed === undefined || goal === undefined || needed <= goal) return [];
    return [`memory over TLS, ${kind}: ${needed.toFixed(1)}, goal ${goal.toFixed(1)}`];
  });
}

/** One line for each missed goal, and for each contender that should not be faster and is. */
export function misses({ outcomes, memory, tlsMemory, growths }: Report): string[] {
  const lines: string[] = [];
  for (const outcome of outcomes) {
    const { title, goal } = rowOf(outcome);
    const own = outcome.results['await-socket']?.ratio.median;
    if (own === undefined) continue;
    if (goal !== undefined && own < goal) lines.push(`${title}: ${own.toFixed(2)}, goal ${goal.toFixed(2)}`);
    for (const name of ['for-await', 'promise-socket', 'python-asyncio'] as const) {
      const other = outcome.results[name]?.ratio.median;
      if (other !== undefined && own < other) {
        lines.push(`${title}: ${own.toFixed(2)}, ${titles[name]} ${other.toFixed(2)}`);
      }
    }
  }
  lines.push(...tlsMemoryMisses(tlsMemory ?? {}));
  const own = memory?.['await-socket'];
  for (const kind of ['idle', 'active'] as const) {
    const goal = memoryGoal[kind];
    if (own !== undefined && own[kind] > goal) lines.push(`memory, ${kind}: ${own[kind].toFixed(1)}, goal ${goal}`);
  }
  for (const growth of growths ?? []) {
    if (factor(growth) > growthGoal) lines.push(`${growth.title}: ${factor(growth).toFixed(2)}, goal ${growthGoal}`);
  }
  return lines;
}
