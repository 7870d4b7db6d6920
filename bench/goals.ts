import { grid, rowOf, type Report } from './report.ts';
import { rows } from './rows.ts';

/** How far the goals are reached on one Node. */
export interface Reached {
  /** The exact version. */
  readonly node: string;
  /** The time and the command of the measurement. */
  readonly run: string;
  /** The ratio to the plain code, by the row's name. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** The rows that have a goal, and those of TLS. */
export const goalRows = rows.filter(({ goal, group }) => goal !== undefined && group !== 'tls');
export const tlsGoalRows = rows.filter(({ goal, group }) => goal !== undefined && group === 'tls');

/** The part of a report that concerns the goals. */
export function ratiosOf({ outcomes }: Report, among = goalRows): Reached['ratios'] {
  const ratios = outcomes.flatMap((outcome) => {
    const own = outcome.results['await-socket'];
    return own === undefined || !among.includes(rowOf(outcome)) ? [] : [[outcome.row, own.ratio.median] as const];
  });
  return Object.fromEntries(ratios);
}

/** The goals, and how far each Node reaches them. */
export function goalsTable(byNode: Readonly<Record<string, Reached>>, among = goalRows): string {
  const nodes = Object.entries(byNode);
  const lines = among.map(({ name, title, goal = 0 }) => [
    title,
    goal.toFixed(2),
    ...nodes.map(([, { ratios }]) => {
      const ratio = ratios[name];
      return ratio === undefined ? '–' : `${ratio.toFixed(2)}${ratio < goal ? ' ↓' : ''}`;
    }),
  ]);
  const runs = nodes.map(([, { node, run }]) => `- Node ${node}: ${run}`);
  return [grid(['', 'goal', ...nodes.map(([major]) => `Node ${major}`)], lines), runs.join('\n')].join('\n\n');
}
