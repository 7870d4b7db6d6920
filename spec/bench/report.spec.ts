import { describe, expect, it } from '@jest/globals';
import type { Outcome, Result } from '../../bench/measure.ts';
import { misses } from '../../bench/goals-table.ts';
import { againstTable, markdown, speed } from '../../bench/report.ts';
import { rows } from '../../bench/rows.ts';

function result(ratio: number): Result {
  return {
    speed: { median: 108_000 * ratio, quartiles: [100_000, 120_000] },
    ratio: { median: ratio, quartiles: [ratio - 0.02, ratio + 0.03] },
    speedRatio: { median: ratio - 0.1, quartiles: [0.5, 2] },
    cost: { median: 1 / ratio, quartiles: [1, 1] },
  };
}

const outcome: Outcome = {
  row: 'ping-pong-client',
  peer: 'python-blocking',
  results: { data: result(1), 'await-socket': result(1.25), 'promise-socket': result(0.5) },
  failures: {},
};

const growth = {
  title: 'takes',
  unit: 'chunks',
  points: [
    { size: 1000, nanoseconds: 50 },
    { size: 100_000, nanoseconds: 125 },
  ],
};

describe('speed()', () => {
  it.each([
    [946, 'operations', '946 /s'],
    [12_700, 'operations', '12.7 k/s'],
    [1_504_000_000, 'bytes', '1.50 GB/s'],
    [2_300_000_000_000, 'bytes', '2300 GB/s'],
    [0.25, 'operations', '0.25 /s'],
  ] as const)('writes %d %s a second as %s', (aSecond, unit, text) => {
    expect(speed(aSecond, unit)).toBe(text);
  });
});

describe('againstTable()', () => {
  it('has the library now beside its earlier commit, and both beside the plain code', () => {
    const { ratio, speedRatio } = result(1.25);
    const results = { data: result(1), before: result(0.96), 'await-socket': result(1.2) };
    expect(againstTable([{ ...outcome, results, change: { ratio, speedRatio } }]).split('\n')).toEqual([
      "|  | plain 'data' | before | now | now to before | quartiles | speed |",
      '| --- | --: | --: | --: | --: | --: | --: |',
      '| ping-pong, client | 108 k/s | 0.96 | 1.20 | **1.25** | 1.23–1.28 | 1.15 |',
    ]);
  });

  it('shows results that are missing', () => {
    expect(againstTable([{ ...outcome, results: {} }])).toMatch(
      /\| ping-pong, client \| – \| – \| – \| – \| – \| – \|$/,
    );
  });
});

describe('markdown()', () => {
  it('has a table for each group that was measured, and a column for each contender', () => {
    expect(markdown({ outcomes: [outcome] }).split('\n')).toEqual([
      '### One connection',
      '',
      "|  | plain 'data' | goal | await-socket | quartiles | speed | own time | promise-socket |",
      '| --- | --: | --: | --: | --: | --: | --: | --: |',
      '| ping-pong, client | 108 k/s | 1.05 | **1.25** | 1.23–1.28 | 1.15 | 0.80 | 0.50 |',
    ]);
  });

  it('shows results that are missing', () => {
    const { data } = outcome.results;
    const text = markdown({ outcomes: [{ ...outcome, results: data === undefined ? {} : { data } }] });
    expect(text).toMatch(/\| 108 k\/s \| 1\.05 \| – \| – \| – \| – \|$/);
  });

  it('has a table of both backends, where both were measured', () => {
    const results = { ...outcome.results, 'await-socket-documented-path': result(0.8) };
    expect(
      markdown({ outcomes: [{ ...outcome, results }] })
        .split('\n')
        .slice(-5),
    ).toEqual([
      '### What the fast path buys',
      '',
      '|  | fast path | documented path | own time, fast | own time, documented |',
      '| --- | --: | --: | --: | --: |',
      '| ping-pong, client | 1.25 | 0.80 | 0.80 | 1.25 |',
    ]);
  });

  it('has tables of memory and of growth', () => {
    const text = markdown({ outcomes: [], memory: { data: { idle: 5, active: 7.25 } }, growths: [growth] });
    expect(text).toContain("| plain 'data' | 5.0 | 7.3 |");
    expect(text).toContain('| takes | 1,000 → 100,000 chunks | 50 → 125 | 2.50 × | 2.00 × |');
  });
});

describe('misses()', () => {
  it('is empty where all goals are reached', () => {
    expect(misses({ outcomes: [outcome] })).toEqual([]);
  });

  it('reports a missed goal, and a contender that should not be faster and is', () => {
    const slow = { ...outcome, results: { ...outcome.results, 'await-socket': result(0.45) } };
    expect(misses({ outcomes: [slow] })).toEqual([
      'ping-pong, client: 0.45, goal 1.05',
      'ping-pong, client: 0.45, promise-socket 0.50',
    ]);
  });

  it('ignores plain onread and blocking Python', () => {
    const others = { ...outcome.results, onread: result(3), 'python-blocking': result(3) };
    expect(misses({ outcomes: [{ ...outcome, results: others }] })).toEqual([]);
  });

  it('reports memory and growth beyond their goals', () => {
    const memory = { 'await-socket': { idle: 4.9, active: 6.1 } };
    expect(misses({ outcomes: [], memory, growths: [growth] })).toEqual([
      'memory, active: 6.1, goal 6',
      'takes: 2.50, goal 2',
    ]);
  });
});

describe('the rows', () => {
  it('have names of their own', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });
});

describe('the results of TLS', () => {
  const tlsMemory = {
    data: { idle: 40, active: 50, heap: 4 },
    'await-socket': { idle: 41, active: 51, heap: 4.7 },
    'python-asyncio': { idle: 300, active: 310 },
  };

  it('have the memory, and what the library may need as a multiple of the plain code', () => {
    expect(markdown({ outcomes: [], tlsMemory }).split('\n')).toEqual([
      '### Memory over TLS',
      '',
      "| KiB a connection, of 1000 | V8's heap | idle | active |",
      '| --- | --: | --: | --: |',
      "| plain 'data' | 4.0 | 40.0 | 50.0 |",
      '| await-socket | 4.7 | 41.0 | 51.0 |',
      '| Python, asyncio | – | 300.0 | 310.0 |',
      '| goal of await-socket | 4.8 |  | 50.0 |',
    ]);
    expect(misses({ outcomes: [], tlsMemory })).toEqual(['memory over TLS, active: 51.0, goal 50.0']);
  });
});
