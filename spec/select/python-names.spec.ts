import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as constants from '../../lib/common/poll-constants.ts';
import * as select from '../../lib/select.ts';
import * as selectors from '../../lib/selectors.ts';
import { root } from '../docs/blocks.ts';
import { hasPython, python } from '../support/python.ts';

/** A name of Python's, and what the document says has become of it. */
interface Told {
  readonly name: string;
  readonly how: readonly string[];
  readonly note: string;
}

const text = readFileSync(join(root, 'docs/python-select.md'), 'utf8');

function section(heading: string): string {
  const [, rest = ''] = text.split(`## ${heading}\n`);
  return rest.split(/^##/m)[0] ?? '';
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

function table(heading: string): Told[] {
  const lines = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).flatMap((line) => {
    const [names = '', how = '', note = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return quoted(names).map((name) => ({ name, how: how.split(', '), note }));
  });
}

const listed = quoted(section('Constants of select').trimStart().split('\n\n')[0] ?? '');
const ofSelect = table('Functions and classes of select');
const ofPolls = table('Poll objects');
const ofEpolls = table('Epoll objects');
const ofSelectors = table('Classes of selectors');
const ofObjects = table('Selectors');

/** A name as it is here: `get_map` is `getMap`. */
function ours(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const namesOf = (told: readonly Told[]): string[] => told.map(({ name }) => name).sort();

/** The names in a table that an object should have here, and has not, and the other way round. */
function wrong(told: readonly Told[], home: object): string[] {
  return told
    .filter(({ name, how }) => how.includes('absent') === Reflect.has(home, ours(name)))
    .map(({ name }) => name);
}

describe('docs/python-select.md', () => {
  it('tells of each name once, in words that it explains, with a note on what differs', () => {
    const tables = [ofSelect, ofPolls, ofEpolls, ofSelectors, ofObjects];
    const words = new Set(tables.flat().flatMap(({ how }) => how));
    expect([...words].sort()).toEqual(['absent', 'awaited', 'different', 'same']);
    for (const told of tables) {
      const names = namesOf(told);
      expect(names.length).toBeGreaterThan(2);
      expect(new Set(names).size).toBe(names.length);
      expect(told.filter(({ how, note }) => !how.includes('same') && note === '')).toEqual([]);
    }
  });

  it('tells what is here, and what is not', () => {
    expect(wrong(ofSelect, select)).toEqual([]);
    expect(wrong(ofPolls, select.Poll.prototype)).toEqual([]);
    expect(wrong(ofEpolls, select.Epoll.prototype)).toEqual([]);
    expect(wrong(ofSelectors, selectors)).toEqual([]);
    expect(wrong(ofObjects, selectors.EpollSelector.prototype)).toEqual([]);
    expect(listed.sort()).toEqual(Object.keys(constants).sort());
  });

  it('tells of what has no name in Python nothing', () => {
    const told = new Set([...listed, ...namesOf(ofSelect)]);
    const own = ['Poll', 'Epoll', 'KeyError'];
    expect(Object.keys(select).filter((name) => !told.has(name))).toEqual(expect.arrayContaining(own));
    expect(Object.keys(select).filter((name) => !told.has(name))).toHaveLength(own.length);
  });

  (hasPython ? it : it.skip)('accounts for each name of the real modules, and has its numbers', () => {
    const found = python(
      `
import json, select, selectors, sys
json.load(sys.stdin)
def public(one): return [name for name in dir(one) if not name.startswith('_')]
json.dump({
    'select': public(select), 'selectors': public(selectors), 'poll': public(select.poll()),
    'epoll': public(select.epoll), 'selector': public(selectors.EpollSelector),
    'numbers': {name: getattr(select, name) for name in dir(select) if name.isupper() and name[0] != '_'},
}, sys.stdout)
`,
      null,
    ) as Record<'select' | 'selectors' | 'poll' | 'epoll' | 'selector', string[]> & { numbers: Record<string, number> };
    const missing = (names: readonly string[], told: readonly Told[]): string[] =>
      names.filter((name) => !listed.includes(name) && !told.some((one) => one.name === name));
    expect(missing(found.select, ofSelect)).toEqual([]);
    // It imports the module `select`.
    expect(missing(found.selectors, ofSelectors)).toEqual(['select']);
    expect(missing(found.poll, ofPolls)).toEqual([]);
    expect(missing(found.epoll, ofEpolls)).toEqual([]);
    expect(missing(found.selector, ofObjects)).toEqual([]);
    const numbers = Object.entries(found.numbers).filter(([name]) => Reflect.has(constants, name));
    expect(numbers.length).toBeGreaterThan(25);
    expect(numbers.filter(([name, value]) => Reflect.get(constants, name) !== value)).toEqual([]);
  });
});
