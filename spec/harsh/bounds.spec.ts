import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PAGE } from '../soak/tables.ts';

const [, part = ''] = readFileSync(PAGE, 'utf8').split('## What a peer can make us hold');
const rows = part
  .split('\n')
  .filter((line) => /^\| (?!Of |-)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the table of what a peer can make us hold', () => {
  it('has rows with a bound and a test', () => {
    expect(rows.length).toBeGreaterThan(12);
    expect(rows.filter(([, , bound, , test]) => bound === '' || test?.includes('`spec/') !== true)).toEqual([]);
  });

  it('names files that exist', () => {
    const files = rows.flatMap((row) =>
      [...row.join().matchAll(/`((?:lib|spec)\/[^`]+)`/g)].map(([, file = '']) => file),
    );
    expect(files.length).toBeGreaterThan(24);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names bounds that these files have', () => {
    const bounds = rows.flatMap(([, , , where = '']) => [...where.matchAll(/`(\w+)` in `([^`]+)`/g)]);
    expect(bounds.length).toBeGreaterThan(12);
    const missing = bounds.filter(([, name = '', file = '']) => !readFileSync(file, 'utf8').includes(name));
    expect(missing.map(([text]) => text)).toEqual([]);
  });
});
