import { describe, expect, it } from '@jest/globals';
import type { Outcome, Result } from '../../bench/measure.ts';
import { added, runsOf, type Run } from '../../bench/results.ts';
import { chartRows, resultsTable } from '../../bench/tables.ts';

function result(ratio: number): Result {
  const spread = (value: number): Result['speed'] => ({ median: value, quartiles: [value, value] });
  return { speed: spread(20_000), ratio: spread(ratio), speedRatio: spread(ratio), cost: spread(1) };
}

function outcome(row: string, results: Outcome['results']): Outcome {
  return { row, peer: 'data', results, failures: {} };
}

const run = (how: string, node = '20.1.0'): Run => ({ node, machine: 'a machine', how });
const whole = {
  outcomes: [
    outcome('accept', { data: result(1), 'await-socket': result(1.25) }),
    outcome('ping-pong-client', { data: result(1), 'await-socket': result(1.5), 'promise-socket': result(0.5) }),
  ],
  allocation: 1000,
};

describe('added()', () => {
  it('keeps a first run, its rows in their order', () => {
    const kept = added({}, run('first'), whole)['20'];
    expect(kept?.runs).toEqual([run('first')]);
    expect(kept?.outcomes.map(({ row }) => row)).toEqual(['ping-pong-client', 'accept']);
    expect(kept?.outcomes[1]?.results['await-socket']).toEqual({ ...result(1.25), run: 0 });
    expect(kept?.allocation).toBe(1000);
  });

  it('replaces what a later run has measured, and keeps the rest', () => {
    const row = outcome('ping-pong-client', { data: result(1), 'await-socket': result(2) });
    const kept = added(added({}, run('first'), whole), run('second'), { outcomes: [row] })['20'];
    expect(kept?.runs).toEqual([run('first'), run('second')]);
    const { results } = kept?.outcomes[0] ?? {};
    expect(results?.['await-socket']).toEqual({ ...result(2), run: 1 });
    expect(results?.['promise-socket']).toEqual({ ...result(0.5), run: 0 });
    expect(kept?.allocation).toBe(1000);
  });

  it('forgets a run of which nothing is shown any more', () => {
    const kept = added(added({}, run('first'), whole), run('second'), whole);
    expect(kept['20']?.runs).toEqual([run('second')]);
    expect(kept['20']?.outcomes[0]?.results.data?.run).toBe(0);
  });

  it('keeps each Node apart', () => {
    const kept = added(added({}, run('first'), whole), run('second', '26.2.0'), whole);
    expect(Object.keys(kept)).toEqual(['20', '26']);
    expect(runsOf(kept)).toEqual(['Node 20.1.0: first; a machine', 'Node 26.2.0: second; a machine']);
  });
});

describe('resultsTable()', () => {
  it('has the rows by their groups, the library on each Node, and the others on one', () => {
    const all = added(added({}, run('first'), whole), run('second', '26.2.0'), {
      outcomes: whole.outcomes.slice(0, 1),
    });
    expect(resultsTable(all).split('\n')).toEqual([
      '|  | plain code | **await-socket**, Node 20 | **await-socket**, Node 26 | promise-socket |',
      '| --- | --: | --: | --: | --: |',
      '| **One connection** |  |  |  |  |',
      '| ping-pong, client | 20.0 k/s | **1.50** | – | 0.50 |',
      '| **Connections** |  |  |  |  |',
      '| `accept` | 20.0 k/s | **1.25** | **1.25** | – |',
    ]);
  });

  it('shows results that are missing', () => {
    const all = added({}, run('first'), { outcomes: [outcome('accept', {})] });
    expect(resultsTable(all).split('\n').at(-1)).toBe('| `accept` | – | – |');
    expect(resultsTable({})).toBe('|  | plain code |\n| --- | --: |');
  });
});

describe('chartRows()', () => {
  it('has the ratios of the contenders in the rows of a group', () => {
    const title = '`accept`';
    expect(chartRows(whole.outcomes, 'connections')).toEqual([{ title, ratios: { data: 1, 'await-socket': 1.25 } }]);
    expect(chartRows(whole.outcomes, 'datagrams')).toEqual([]);
  });
});
