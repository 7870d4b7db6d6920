import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  countsTable,
  excess,
  joined,
  least,
  medians,
  rounded,
  savings,
  type Figures,
} from '../../bench/counts/figures.ts';

const allowed: Figures = { 'round trip': { promises: 6, bytes: 2000 }, 'a client': { listeners: 4 } };

describe('excess()', () => {
  it('is empty where no count exceeds its limit', () => {
    expect(excess(allowed, allowed)).toEqual([]);
    expect(excess({ 'a client': { listeners: 3 } }, allowed)).toEqual([]);
  });

  it('reports an exact count that exceeds its limit by one', () => {
    expect(excess({ 'round trip': { promises: 7 } }, allowed)).toEqual(['round trip: 7 promises, 6 allowed']);
  });

  it('tolerates a twentieth more bytes', () => {
    expect(excess({ 'round trip': { bytes: 2100 } }, allowed)).toEqual([]);
    expect(excess({ 'round trip': { bytes: 2101 } }, allowed)).toEqual([
      'round trip: 2101 bytes allocated, 2000 allowed',
    ]);
  });

  it('reports a count without a limit', () => {
    expect(excess({ accept: { timers: 0 } }, allowed)).toEqual(['accept: 0 timers, and no limit']);
  });

  it('knows the kinds of counts', () => {
    expect(() => excess({ accept: { sheep: 1 } }, allowed)).toThrow('there is no kind of count sheep');
  });
});

describe('savings()', () => {
  it('reports counts that are clearly below their limits, so that the limits can be lowered', () => {
    expect(savings({ 'round trip': { promises: 5, bytes: 1901 } }, allowed)).toEqual([
      'round trip: 5 promises, 6 allowed',
    ]);
  });
});

describe('figures', () => {
  const one: Figures = { a: { promises: 1, bytes: 7 } };
  const other: Figures = { a: { promises: 2, timers: 3 }, b: { heap: 4 } };

  it('are combined: the first, the smaller or the median of each', () => {
    expect(joined(other, one)).toEqual({ a: { promises: 2, timers: 3, bytes: 7 }, b: { heap: 4 } });
    expect(least(other, one)).toEqual({ a: { promises: 1, timers: 3, bytes: 7 }, b: { heap: 4 } });
    expect(medians([one, other, other])).toEqual({ a: { promises: 2, timers: 3, bytes: 7 }, b: { heap: 4 } });
  });

  it('are rounded, so that work that is done only once makes no difference', () => {
    expect(rounded({ a: { promises: 6.004, bytes: 7.6 } })).toEqual({ a: { promises: 6, bytes: 8 } });
  });
});

describe('countsTable()', () => {
  it('has a line for each operation and a column for each kind of count, over all Nodes', () => {
    const table = countsTable({
      '20': { 'round trip': { promises: 6, bytes: 2800 }, 'accept()': { promises: 2 } },
      '24': { 'round trip': { promises: 6, bytes: 2300 } },
    });
    expect(table.split('\n')).toEqual([
      '|  | promises | bytes allocated |',
      '| --- | --: | --: |',
      '| round trip | 6 | 2,300–2,800 |',
      '| `accept()` | 2 |  |',
    ]);
  });
});

describe('bench/counts.json', () => {
  const byNode = JSON.parse(readFileSync('bench/counts.json', 'utf8')) as Record<string, Figures>;

  it('has limits for each Node that the tests run on', () => {
    expect(Object.keys(byNode)).toEqual(['20', '22', '24', '26']);
  });

  it('has the same counts for each of them', () => {
    const counted = Object.values(byNode).map((figures) =>
      Object.entries(figures).map(([name, own]) => [name, Object.keys(own).sort()]),
    );
    for (const one of counted) expect(Object.fromEntries(one)).toEqual(Object.fromEntries(counted[0] ?? []));
  });

  it('is what bench/README.md shows', () => {
    // The document's cells are padded.
    const plain = (text: string): string => text.replace(/ +/g, ' ').replace(/-+/g, '-');
    const text = plain(readFileSync('bench/README.md', 'utf8'));
    const table = plain(countsTable(byNode));
    expect(text).toContain(table);
  });
});
