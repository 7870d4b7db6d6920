import { allocationGoal, goals, goalText, reached, type Reached } from './goals.ts';
import { factor, growthGoal } from './growth.ts';
import { memoryGoal, type MemoryOutcome } from './memory.ts';
import { grid, rowOf, titles, tlsMemoryMost, type Report } from './report.ts';
import { rows } from './rows.ts';

/** The goals beside what was reached on each Node, by its major version. Missed goals are marked with ↓. */
export function goalsTable(byNode: Readonly<Record<string, Report>>): string {
  const nodes = Object.entries(byNode);
  const lines = rows.flatMap((row) => {
    const goal = goals[row.name];
    const cells = nodes.map(([, { outcomes }]) => {
      const outcome = outcomes.find((one) => one.row === row.name);
      return cell(outcome && reached(outcome));
    });
    return goal === undefined || cells.every((text) => text === NONE) ? [] : [[row.title, goalText(goal), ...cells]];
  });
  const allocations = nodes.map(([major, { allocation }]) => cell(reachedAllocation(major, allocation)));
  if (allocations.some((text) => text !== NONE)) {
    lines.push([ALLOCATION, `≤ ${allocationGoal.most.toFixed(2)} ×`, ...allocations]);
  }
  return grid(['', 'goal', ...nodes.map(([major]) => `Node ${major}`)], lines);
}

const NONE = '–';
const ALLOCATION = 'bytes that a round trip allocates, to those before';

function cell(one: Reached | undefined): string {
  return one === undefined ? NONE : `${one.value.toFixed(2)}${one.isMet ? '' : ' ↓'}`;
}

function reachedAllocation(major: string, allocation: number | undefined): Reached | undefined {
  const of = allocationGoal.of[Number(major)];
  if (allocation === undefined || of === undefined) return undefined;
  return { value: allocation / of, isMet: allocation / of <= allocationGoal.most };
}

/** How many goals a report of one Node meets, as a sentence; `undefined` where it measured none. */
export function goalsMet(major: string, { outcomes, allocation }: Report): string | undefined {
  const all = [...outcomes.map(reached), reachedAllocation(major, allocation)].filter((one) => one !== undefined);
  if (all.length === 0) return undefined;
  return `${all.filter(({ isMet }) => isMet).length} of ${all.length} goals are met.`;
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
    const { title, name } = rowOf(outcome);
    const own = outcome.results['await-socket']?.ratio.median;
    if (own === undefined) continue;
    const missed = reached(outcome);
    if (missed?.isMet === false) lines.push(`${title}: ${missed.value.toFixed(2)}, goal ${goalText(goals[name])}`);
    for (const other of ['for-await', 'promise-socket', 'python-asyncio'] as const) {
      const theirs = outcome.results[other]?.ratio.median;
      if (theirs !== undefined && own < theirs) {
        lines.push(`${title}: ${own.toFixed(2)}, ${titles[other]} ${theirs.toFixed(2)}`);
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
