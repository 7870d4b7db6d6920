import { describe, expect, it } from '@jest/globals';
import { goalRows, goalsTable, ratiosOf } from '../../bench/goals.ts';
import type { Outcome, Result } from '../../bench/measure.ts';

function result(ratio: number): Result {
  const spread = { median: ratio, quartiles: [ratio, ratio] } as const;
  return { speed: spread, ratio: spread, cost: spread };
}

function outcome(row: string, ratio: number): Outcome {
  return { row, peer: 'data', results: { data: result(1), 'await-socket': result(ratio) }, failures: {} };
}

describe('ratiosOf()', () => {
  it("gives the library's ratio in each row that has a goal", () => {
    const outcomes = [outcome('ping-pong-client', 1.25), outcome('udp-send', 2)];
    expect(ratiosOf({ outcomes })).toEqual({ 'ping-pong-client': 1.25 });
  });

  it('leaves out a row in which the library failed', () => {
    expect(ratiosOf({ outcomes: [{ ...outcome('ping-pong-client', 1), results: { data: result(1) } }] })).toEqual({});
  });
});

describe('goalsTable()', () => {
  const table = goalsTable({
    '20': { node: '20.19.0', run: 'once', ratios: { 'ping-pong-client': 1.04 } },
    '24': { node: '24.1.0', run: 'again', ratios: { 'ping-pong-client': 1.06 } },
  }).split('\n');

  it('has a line for each goal and a column for each Node, and marks missed goals', () => {
    expect(table[0]).toBe('|  | goal | Node 20 | Node 24 |');
    expect(table).toContain('| ping-pong, client | 1.05 | 1.04 ↓ | 1.06 |');
    expect(table).toContain('| 1,000 connections | 0.95 | – | – |');
    expect(table.filter((line) => line.startsWith('|'))).toHaveLength(goalRows.length + 2);
  });

  it('gives the version and the run of each', () => {
    expect(table.slice(-2)).toEqual(['- Node 20.19.0: once', '- Node 24.1.0: again']);
  });
});
