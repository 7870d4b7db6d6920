import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { hasPython, python } from '../support/python.ts';
import { root } from './blocks.ts';

/** A name of Python's, or `AF_*` for several, and what the document says of it. */
interface Told {
  readonly name: string;
  readonly how: readonly string[];
}

const documents = { names: read('docs/python.md'), fromPython: read('docs/from-python.md') };

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The text below a heading, until the next one. */
function section(heading: string): string {
  const [, text = ''] = documents.names.split(`# ${heading}\n`);
  return text.split(/^#/m)[0] ?? '';
}

/** The names between backquotes. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`(\w+\*?)`/g)].map(([, name = '']) => name);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The names in a section's table. */
function table(heading: string): Told[] {
  const lines = section(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).flatMap((line) => {
    const [names = '', how = ''] = cellsOf(line);
    return quoted(names).map((name) => ({ name, how: how.split(', ') }));
  });
}

/** The names in a section's list: after the colon of each item. */
function list(heading: string, how: string): Told[] {
  const items = section(heading).split(/^- /m).slice(1);
  return items.flatMap((item) => quoted(item.slice(item.indexOf(':'))).map((name) => ({ name, how: [how] })));
}

const functions = table('Functions');
const others = table('Classes, errors and other names');
const constants = [...list('Constants that are here', 'same'), ...list('Constants that are absent', 'absent')];
const ofModule = [...functions, ...others, ...constants];
const ofSockets = table('Methods and attributes of sockets');
const ofFiles = table('Files');
const all = [...ofModule, ...ofSockets, ...ofFiles];

/** The name in this library: `recvInto` for `recv_into`; constants and `has_ipv6` keep their names. */
function ours(name: string): string {
  const isConstant = name === name.toUpperCase() || ['has_ipv6', 'AF_DECnet'].includes(name);
  return isConstant ? name : name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isSpecial(name: string): boolean {
  return name.startsWith('_') || name.endsWith('*');
}

/**
 * The names that the document says exist here, or do not, without `__enter__` and its like, which are syntax here, and
 * without `AF_*`.
 */
function names(told: readonly Told[], here: boolean): string[] {
  return told.filter(({ name, how }) => !isSpecial(name) && how.includes('absent') !== here).map(({ name }) => name);
}

/** Whether the document mentions a name: itself, or its beginning. */
function isTold(told: readonly Told[], name: string): boolean {
  return told.some((one) => one.name === name || (one.name.endsWith('*') && name.startsWith(one.name.slice(0, -1))));
}

/** The classes of files, by Python's names. */
function files(): Record<string, object> {
  const sock = socket.socket();
  const made = {
    SocketIO: sock.makefile('rwb', { buffering: 0 }),
    BufferedReader: sock.makefile('rb'),
    BufferedWriter: sock.makefile('wb'),
    BufferedRWPair: sock.makefile('rwb'),
    TextIOWrapper: sock.makefile('r'),
  };
  sock.close();
  return made;
}

const exported = new Map<string, unknown>(Object.entries(socket));

describe('docs/python.md', () => {
  it('mentions each name once, with words that it explains', () => {
    const words = new Set(all.flatMap(({ how }) => how));
    expect([...words].sort()).toEqual(['absent', 'awaited', 'different', 'same']);
    for (const told of [ofModule, ofSockets, ofFiles]) {
      const found = told.map(({ name }) => name);
      expect(found.filter((name, index) => found.indexOf(name) !== index)).toEqual([]);
      expect(found.length).toBeGreaterThan(20);
    }
  });

  it('has a note wherever something is different or absent', () => {
    const rows = documents.names.split('\n').filter((line) => /\| (awaited, )?(different|absent) +\|/.test(line));
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((line) => cellsOf(line)[2] === '')).toEqual([]);
  });

  it('is right about what the module has and lacks', () => {
    expect(names(ofModule, true).filter((name) => !exported.has(ours(name)))).toEqual([]);
    expect(names(ofModule, false).filter((name) => exported.has(ours(name)))).toEqual([]);
  });

  it('mentions every name of the module', () => {
    const told = [
      ...names(ofModule, true).map(ours),
      ...list("Names that Python's module does not have", 'same').map(({ name }) => name),
    ];
    expect([...exported.keys()].sort()).toEqual(told.sort());
  });

  it('is right about what a socket has and lacks', () => {
    using sock = socket.socket();
    expect(names(ofSockets, true).filter((name) => !(ours(name) in sock))).toEqual([]);
    expect(names(ofSockets, false).filter((name) => ours(name) in sock)).toEqual([]);
  });

  it('agrees with docs/from-python.md on what is awaited', () => {
    const lines = documents.fromPython.split('\n');
    const head = lines.findIndex((line) => /^\| awaited +\| synchronous +\|$/.test(line));
    const rows = lines.slice(head + 2, head + 4).map(cellsOf);
    const [awaited, synchronous] = [0, 1].map((column) => new Set(rows.flatMap((row) => quoted(row[column] ?? ''))));
    const calls = [...functions, ...ofSockets].filter(({ name, how }) => !isSpecial(name) && !how.includes('absent'));
    const isCall = ({ name }: Told): boolean => !['family', 'type', 'proto', 'timeout'].includes(name);
    const told = (is: boolean): string[] =>
      calls.filter((call) => isCall(call) && call.how.includes('awaited') === is).map(({ name }) => ours(name));
    expect(new Set(told(true))).toEqual(awaited);
    expect(new Set([...told(false), 'socket'])).toEqual(synchronous);
  });
});

const PYTHON = `
import io, json, socket, sys

kinds = [socket.SocketIO, io.BufferedReader, io.BufferedWriter, io.BufferedRWPair, io.TextIOWrapper]
json.dump({
    'version': sys.version_info[:2],
    'module': {name: value if isinstance(value, int) else None for name, value in vars(socket).items()},
    'socket': dir(socket.socket),
    'files': {kind.__name__: dir(kind) for kind in kinds},
}, sys.stdout)
`;

interface TheirNames {
  readonly version: readonly [major: number, minor: number];
  /** The names of the module, with the values of numbers. */
  readonly module: Readonly<Record<string, number | boolean | null>>;
  readonly socket: readonly string[];
  readonly files: Readonly<Record<string, readonly string[]>>;
}

function areTheirNames(value: unknown): value is TheirNames {
  return typeof value === 'object' && value !== null && 'module' in value;
}

/** Empty where there is no Python. */
function theirNames(): TheirNames {
  const answer = hasPython ? python(PYTHON, null) : { version: [3, 0], module: {}, socket: [], files: {} };
  if (!areTheirNames(answer)) throw new TypeError('the names of a module were expected');
  return answer;
}

/** The names of a newer Python than the document covers are not compared. */
const NEWEST = 13;

(hasPython ? describe : describe.skip)('docs/python.md, beside the real Python', () => {
  const theirs = theirNames();
  const isKnown = theirs.version[1] <= NEWEST;
  const isPublic = (name: string): boolean => !name.startsWith('_');

  (isKnown ? it : it.skip)('has all names of the module, its sockets and its files', () => {
    const gaps = (told: readonly Told[], found: readonly string[]): string[] =>
      found.filter((name) => isPublic(name) && !isTold(told, name));
    expect(Object.keys(theirs.module).length).toBeGreaterThan(300);
    expect(gaps(ofModule, Object.keys(theirs.module))).toEqual([]);
    expect(gaps(ofSockets, theirs.socket)).toEqual([]);
    expect(gaps(ofFiles, Object.values(theirs.files).flat())).toEqual([]);
  });

  it('has no call, class or attribute that Python lacks, except for those of Windows', () => {
    const strays = (told: readonly Told[], found: readonly string[]): string[] =>
      told.map(({ name }) => name).filter((name) => !found.includes(name));
    expect(strays([...functions, ...others], Object.keys(theirs.module))).toEqual(['fromshare']);
    expect(strays(ofSockets, theirs.socket)).toEqual(['ioctl', 'share']);
    expect(strays(ofFiles, Object.values(theirs.files).flat())).toEqual([]);
  });

  it('has the constants with the values that they have in Python', () => {
    // Python's constants depend on the C library that it was built with.
    const shared = names(constants, true).filter((name) => name in theirs.module);
    expect(shared.length).toBeGreaterThan(150);
    for (const name of shared) expect([name, exported.get(name)]).toEqual([name, theirs.module[name]]);
  });

  it.each(Object.entries(files()))('is right about what a %s has and lacks', (kind, file) => {
    const found = theirs.files[kind] ?? [];
    expect(found).toContain('readline');
    expect(names(ofFiles, true).filter((name) => found.includes(name) && !(ours(name) in file))).toEqual([]);
    expect(names(ofFiles, false).filter((name) => ours(name) in file)).toEqual([]);
  });
});
