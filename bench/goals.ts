import type { Outcome } from './measure.ts';
import type { ContenderName } from './rows.ts';

/** The goals of the library, by the name of the row, and which of them a measurement meets. */

/** The least ratio to the plain code, or the most that the library may take, as a multiple of what another takes. */
export type Goal =
  | { readonly least: number }
  | { readonly most: number; readonly of: Extract<ContenderName, 'data' | 'python-blocking'> };

export const goals: Readonly<Record<string, Goal>> = {
  'ping-pong-client': { least: 1.05 },
  'ping-pong-server': { least: 1.05 },
  'ping-pong-into': { least: 1.1 },
  'recv-64k': { least: 1.1 },
  'recv-into-64k': { least: 1.3 },
  'recv-1k': { least: 1.15 },
  readline: { most: 1.5, of: 'python-blocking' },
  'recv-line': { most: 1.5, of: 'python-blocking' },
  'readline-bytes': { most: 1.5, of: 'python-blocking' },
  'send-64k': { least: 0.98 },
  'send-1k': { least: 0.98 },
  'write-1k': { least: 3 },
  'crowd-1000': { least: 1 },
  'crowd-5000': { least: 1 },
  // 0.9 of what a server with a task for each connection is to reach.
  'selector-ping-pong': { least: 0.94 },
  'selector-1000': { least: 0.85 },
  connect: { least: 1.05 },
  accept: { least: 1.05 },
  'cold-ping-pong': { least: 1.1 },
  'cold-server': { least: 1 },
  start: { most: 1.15, of: 'data' },
  'udp-ping-pong': { least: 1.02 },
  'udp-ping-pong-connected': { least: 1.1 },
  'udp-send-connected': { least: 0.95 },
  'udp-receive': { least: 0.95 },
  // At most 0.9, 0.4 and 0.6 of what the plain code takes.
  'udp-flood': { least: 1.11 },
  'udp-flood-segments': { least: 2.5 },
  'udp-send-many': { least: 1.67 },
  'tls-ping-pong': { least: 0.95 },
  'tls-recv-64k': { least: 1.05 },
  'tls-send-64k': { least: 0.98 },
  'tls-handshake-client': { least: 1 },
  'tls-handshake-server': { least: 1 },
};

/** The bytes that a round trip may allocate, as a part of what it allocated on each Node when the goal was set. */
export const allocationGoal = {
  most: 0.7,
  of: { 20: 1307, 22: 1411, 24: 1418, 26: 1050 } as Readonly<Record<number, number>>,
};

/** What a goal asks for, as tables show it. */
export function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return '';
  if ('least' in goal) return goal.least.toFixed(2);
  return `≤ ${goal.most.toFixed(2)} ×${goal.of === 'data' ? '' : ' Python'}`;
}

/** What the library has reached of a goal; `undefined` where it, or what it is compared with, was not measured. */
export interface Reached {
  readonly value: number;
  readonly isMet: boolean;
}

/** How far an outcome reaches the goal of its row. */
export function reached({ row, results }: Pick<Outcome, 'row' | 'results'>): Reached | undefined {
  const goal = goals[row];
  const own = results['await-socket'];
  if (goal === undefined || own === undefined) return undefined;
  if ('least' in goal) return { value: own.ratio.median, isMet: own.ratio.median >= goal.least };
  const other = results[goal.of];
  if (other === undefined) return undefined;
  // The row says what the ratio to the plain code compares; with others, the process's own time is compared.
  const value = goal.of === 'data' ? 1 / own.ratio.median : own.cost.median / other.cost.median;
  return { value, isMet: value <= goal.most };
}
