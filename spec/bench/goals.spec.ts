import { describe, expect, it } from '@jest/globals';
import { goals, goalText, reached } from '../../bench/goals.ts';
import { goalsMet, goalsTable } from '../../bench/goals-table.ts';
import type { Outcome, Result } from '../../bench/measure.ts';
import { rows } from '../../bench/rows.ts';

function result(ratio: number, cost = 1 / ratio): Result {
  const spread = (value: number): Result['speed'] => ({ median: value, quartiles: [value, value] });
  return { speed: spread(1), ratio: spread(ratio), speedRatio: spread(ratio), cost: spread(cost) };
}

function outcome(row: string, ratio: number, others: Outcome['results'] = {}): Outcome {
  return { row, peer: 'data', results: { data: result(1), 'await-socket': result(ratio), ...others }, failures: {} };
}

describe('the goals', () => {
  it('are those of rows', () => {
    const names = rows.map(({ name }) => name);
    expect(Object.keys(goals).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('say what they ask for', () => {
    expect(goalText({ least: 1.1 })).toBe('1.10');
    expect(goalText({ most: 1.15, of: 'data' })).toBe('≤ 1.15 ×');
    expect(goalText({ most: 1.5, of: 'python-blocking' })).toBe('≤ 1.50 × Python');
    expect(goalText(undefined)).toBe('');
  });
});

describe('reached()', () => {
  it('compares the ratio with the least one', () => {
    expect(reached(outcome('ping-pong-client', 1.05))).toEqual({ value: 1.05, isMet: true });
    expect(reached(outcome('ping-pong-client', 1.04))).toEqual({ value: 1.04, isMet: false });
  });

  it('gives what the library takes as a multiple, where the goal is the most', () => {
    expect(reached(outcome('start', 0.8))).toEqual({ value: 1.25, isMet: false });
    expect(reached(outcome('start', 1.25))).toEqual({ value: 0.8, isMet: true });
  });

  it("compares the processes' own time with that of Python, where the goal does", () => {
    const python = { 'python-blocking': result(9, 0.5) };
    expect(reached(outcome('recv-line', 1.25, python))).toEqual({ value: 1.6, isMet: false });
    expect(reached(outcome('recv-line', 2, python))).toEqual({ value: 1, isMet: true });
  });

  it('is nothing where there is no goal, no result, or nothing to compare it with', () => {
    expect(reached(outcome('udp-send', 1))).toBeUndefined();
    expect(reached({ row: 'ping-pong-client', results: {} })).toBeUndefined();
    expect(reached(outcome('recv-line', 1))).toBeUndefined();
  });
});

describe('goalsTable()', () => {
  const byNode = {
    '20': { outcomes: [outcome('ping-pong-client', 1.04), outcome('udp-send', 1)], allocation: 1307 },
    '26': { outcomes: [outcome('ping-pong-client', 1.06)], allocation: 525 },
  };

  it('has a line for each goal that was measured and a column for each Node, and marks missed goals', () => {
    expect(goalsTable(byNode).split('\n')).toEqual([
      '|  | goal | Node 20 | Node 26 |',
      '| --- | --: | --: | --: |',
      '| ping-pong, client | 1.05 | 1.04 ↓ | 1.06 |',
      '| bytes that a round trip allocates, to those before | ≤ 0.70 × | 1.00 ↓ | 0.50 |',
    ]);
  });

  it('leaves out what was not measured', () => {
    const own = { '20': { outcomes: [outcome('connect', 1)] }, '22': { outcomes: [] } };
    expect(goalsTable(own).split('\n').slice(2)).toEqual(['| `connect` | 1.05 | 1.00 ↓ | – |']);
  });

  it('is followed by how many goals are met', () => {
    expect(goalsMet('20', byNode['20'])).toBe('0 of 2 goals are met.');
    expect(goalsMet('26', byNode['26'])).toBe('2 of 2 goals are met.');
    expect(goalsMet('27', byNode['26'])).toBe('1 of 1 goals are met.');
    expect(goalsMet('20', { outcomes: [] })).toBeUndefined();
  });
});
