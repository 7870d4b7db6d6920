import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { checkQuery } from '../../lib/options/options.ts';
import { REFUSED_OPTIONS } from '../../lib/options/refused-options.ts';
import { hasKoffi } from '../support/koffi.ts';
import { withoutKernel } from '../support/without-kernel.ts';
import { root } from './blocks.ts';

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The rows of the first table of a document, without its head. */
function rowsOf(text: string): string[][] {
  return tablesOf(text)[0] ?? [];
}

/** The rows of each table of a document, without their heads. */
function tablesOf(text: string): string[][][] {
  const blocks = text.split('\n\n').filter((block) => block.startsWith('|'));
  return blocks.map(rowsOfTable);
}

function rowsOfTable(block: string): string[][] {
  const lines = block.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) => line.split('|').slice(1, -1));
  return rows.slice(2).map((cells) => cells.map((cell) => cell.trim()));
}

/** The texts between backquotes. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

const exported = new Map<string, unknown>(Object.entries(socket));

function constant(name: string): number {
  return Number(exported.get(name));
}

/**
 * The exported names with a prefix, of options that sockets of the internet have. IP_DEFAULT_* and IP_MAX_* are
 * numbers, not options. SO_J1939_* and SO_VM_SOCKETS_* belong to levels of CAN and of AF_VSOCK: their numbers mean
 * other options of SOL_SOCKET.
 */
function optionNames(prefix: string): string[] {
  return [...exported.keys()].filter((name) =>
    new RegExp(`^${prefix}_(?!DEFAULT_|MAX_|J1939_|VM_SOCKETS_)`).test(name),
  );
}

/** Whether Node itself has an option, on one kind of socket. */
function isKnown(family: number, type: number, level: string, name: string): boolean {
  try {
    withoutKernel(family, type).get(checkQuery(constant(level), constant(name), 0));
    return true;
  } catch {
    return false;
  }
}

describe('docs/options.md', () => {
  const rows = rowsOf(read('docs/options.md')).map(([levelCell = '', optionCell = '', , since = '', initial = '']) => {
    const [level = ''] = quoted(levelCell);
    const [option = ''] = quoted(optionCell);
    return { level, option, since, initial };
  });

  /** The option's value on a new socket; `undefined` where it is not known. */
  function valueOf(family: number, level: string, option: string): number | undefined {
    using sock = socket.socket(family, socket.SOCK_STREAM);
    try {
      return sock.getsockopt(constant(level), constant(option));
    } catch (error) {
      // A level that the family does not have is an error of its own.
      if (error instanceof socket.OSError && ['ENOPROTOOPT', 'ENOTSUP'].includes(error.code ?? '')) return undefined;
      throw error;
    }
  }

  it.each(rows)('gives the initial value of $option', ({ level, option, since, initial }) => {
    const found = [socket.AF_INET, socket.AF_INET6]
      .map((family) => valueOf(family, level, option))
      .filter((value) => value !== undefined);
    if (since === 'all') expect(found).not.toEqual([]);
    const told = initial === 'off' ? ['0'] : initial.split(' or ');
    for (const value of found) expect(told).toContain(String(value));
  });

  it('gives the initial values of the options of UDP, and has every one', () => {
    const udp = (tablesOf(read('docs/options.md'))[1] ?? []).flatMap(([level = '', options = '', , initial = '']) =>
      quoted(options).map((option) => ({ level: quoted(level)[0] ?? '', option, initial })),
    );
    const family = (level: string): number => (level === 'IPPROTO_IPV6' ? socket.AF_INET6 : socket.AF_INET);
    const told = udp.filter(({ initial }) => /^\d+$/.test(initial));
    expect(told.length).toBeGreaterThan(7);
    for (const { level, option, initial } of told) {
      using sock = socket.socket(family(level), socket.SOCK_DGRAM);
      expect([option, sock.getsockopt(constant(level), constant(option))]).toEqual([option, Number(initial)]);
    }
    const names = new Set([...udp, ...rows].map(({ option }) => option));
    const levels = { SO: 'SOL_SOCKET', IP: 'IPPROTO_IP', IPV6: 'IPPROTO_IPV6' };
    for (const [prefix, level] of Object.entries(levels)) {
      for (const name of optionNames(prefix)) {
        if (isKnown(family(level), socket.SOCK_DGRAM, level, name)) expect(names).toContain(name);
      }
    }
  });

  it('has every option', () => {
    const told = rows.map(({ option }) => option);
    const levels = { SO: 'SOL_SOCKET', TCP: 'IPPROTO_TCP', IP: 'IPPROTO_IP', IPV6: 'IPPROTO_IPV6' };
    for (const [prefix, level] of Object.entries(levels)) {
      const known = optionNames(prefix).filter((name) =>
        [socket.AF_INET, socket.AF_INET6].some((family) => isKnown(family, socket.SOCK_STREAM, level, name)),
      );
      expect(told).toEqual(expect.arrayContaining(known));
    }
  });
});

(hasKoffi ? describe : describe.skip)('docs/options.md, of the options that koffi reaches', () => {
  const rows = (tablesOf(read('docs/options.md'))[2] ?? []).flatMap(([level = '', options = '', value = '']) =>
    quoted(options).map((option) => ({ level: quoted(level)[0] ?? '', option, value })),
  );
  const kinds = [
    [socket.AF_INET, socket.SOCK_STREAM],
    [socket.AF_INET6, socket.SOCK_STREAM],
    [socket.AF_UNIX, socket.SOCK_STREAM],
  ] as const;

  /** The number of its bytes, on the first kind of socket that has it. */
  function sizeOf(level: string, option: string): number | undefined {
    for (const [family, type] of kinds) {
      using sock = socket.socket(family, type);
      try {
        const value = sock.getsockopt(constant(level), constant(option), 1024);
        return Buffer.isBuffer(value) ? value.length : undefined;
      } catch (error) {
        if (!(error instanceof socket.OSError)) throw error;
      }
    }
    return undefined;
  }

  it('has rows', () => expect(rows.length).toBeGreaterThan(20));

  it.each(rows)('gives the form of $option', ({ level, option, value }) => {
    const size = sizeOf(level, option);
    expect(size).toBeDefined();
    if (value === 'number') expect(size).toBe(4);
    if (value === 'bytes') expect(size).not.toBe(4);
  });
});

describe('docs/options.md, of the options that are refused', () => {
  it('has every one of them, with its level, its number and the sockets it is refused on', () => {
    const rows = tablesOf(read('docs/options.md'))[3] ?? [];
    const told = rows.flatMap(([levelCell = '', option = '', , on = '']) =>
      [...option.matchAll(/\d{2,}/g)].map(([number]) => {
        const level = constant(quoted(levelCell)[0] ?? '');
        return { name: quoted(option)[0], level, optname: Number(number), on };
      }),
    );
    const names = new Map([
      [socket.SOCK_DGRAM, 'UDP'],
      [socket.SOCK_STREAM, 'TCP'],
    ]);
    const refused = REFUSED_OPTIONS.map(({ name, level, optname, types }) => ({
      name,
      level,
      optname,
      on: types.map((type) => names.get(type)).join(', '),
    }));
    expect(told).toEqual(refused);
  });
});

describe('docs/from-python.md', () => {
  it('names only calls that exist', () => {
    const calls = rowsOf(read('docs/from-python.md')).flat().flatMap(quoted);
    const missing = calls.filter((name) => !exported.has(name) && !(name in socket.Socket.prototype));
    expect(calls).toContain('accept');
    expect(missing).toEqual([]);
  });
});

describe('docs/promises.md', () => {
  it('has the rules that the code refers to by number', () => {
    const numbers = [...read('docs/promises.md').matchAll(/^## Rule (\d+): /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });
});
