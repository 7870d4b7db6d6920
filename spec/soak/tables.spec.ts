import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { replaceMarked } from '../../bench/marks.ts';
import { markdown, PAGE, TABLES, type TableName } from './tables.ts';
import { PARTS } from './parts.ts';

describe(PAGE, () => {
  const text = readFileSync(PAGE, 'utf8');

  it.each(Object.keys(TABLES) as TableName[])('has one place for the table %s, with its command', (name) => {
    expect(text.split(`<!-- ${name}: `)).toHaveLength(2);
    expect(replaceMarked(text, name, TABLES[name], 'a table')).toContain('\n\na table\n\n<!-- end of');
  });

  it('has a table for each part of the command', () => {
    for (const part of Object.keys(PARTS)) expect(TABLES).toHaveProperty(part, `npm run soak -- ${part} --write`);
  });
});

describe('a table', () => {
  it('has its conditions before it, and numbers with commas', () => {
    expect(markdown({ head: ['', 'calls'], rows: [['TCP', 1234567]], conditions: ['Seed 7'] })).toBe(
      '- Seed 7\n\n|  | calls |\n| --- | --- |\n| TCP | 1,234,567 |',
    );
  });

  it('needs no conditions', () => {
    expect(markdown({ head: ['calls'], rows: [] })).toBe('| calls |\n| --- |');
  });
});
