import fs from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { OSError } from '../../lib/common/errors.ts';
import { ifIndextoname, ifNameindex, ifNametoindex, scopedHost } from '../../lib/names/interfaces.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test('indexes and names belong together', () => {
  const interfaces = ifNameindex();
  expect(interfaces.length).toBeGreaterThan(0);
  for (const [index, name] of interfaces) {
    expect(ifNametoindex(name)).toBe(index);
    expect(ifNametoindex(Buffer.from(name))).toBe(index);
    expect(ifIndextoname(index)).toBe(name);
  }
  const indexes = interfaces.map(([index]) => index);
  expect(indexes).toEqual(indexes.toSorted((one, other) => one - other));
});

test('without Linux’s files, Node’s list is used', () => {
  const known = ifNameindex();
  jest.spyOn(fs, 'readdirSync').mockImplementation(() => {
    throw new Error('no /sys here');
  });
  for (const pair of ifNameindex()) expect(known).toContainEqual(pair);
});

test('entries that are no interface are left out', () => {
  const known = ifNameindex();
  const read = fs.readFileSync;
  jest.spyOn(fs, 'readFileSync').mockImplementation((path, options) => {
    if (String(path).includes('/lo/')) throw new Error('gone');
    return read(path, options);
  });
  expect(ifNameindex()).toEqual(known.filter(([, name]) => name !== 'lo'));
});

describe('errors', () => {
  test('of ifNametoindex', () => {
    expect(() => ifNametoindex('no-such')).toThrow(OSError);
    expect(() => ifNametoindex('no-such')).toThrow('no interface with this name: if_nametoindex no-such');
    expect(() => ifNametoindex('')).toThrow('no interface with this name');
    expect(() => ifNametoindex('lo\0')).toThrow(RangeError);
    // @ts-expect-error A name is not a number.
    expect(() => ifNametoindex(1)).toThrow(TypeError);
  });

  test('of ifIndextoname', () => {
    expect(() => ifIndextoname(0)).toThrow(expect.objectContaining({ errno: 6, code: 'ENXIO' }));
    expect(() => ifIndextoname(0xffff_ffff)).toThrow(expect.objectContaining({ errno: 6 }));
    expect(() => ifIndextoname(-1)).toThrow(RangeError);
    expect(() => ifIndextoname(1.5)).toThrow(TypeError);
  });
});

test('scopedHost names the interface', () => {
  const [[index, name] = [0, '']] = ifNameindex();
  expect(scopedHost('fe80::1', 0)).toBe('fe80::1');
  expect(scopedHost('fe80::1', index)).toBe(process.platform === 'win32' ? `fe80::1%${index}` : `fe80::1%${name}`);
  expect(scopedHost('fe80::1', 0xffff_fff0)).toBe('fe80::1%4294967280');
  // The scope id wins.
  expect(scopedHost(`fe80::1%${name}`, index)).toBe(scopedHost('fe80::1', index));
  expect(scopedHost('fe80::1%other', index)).toBe(scopedHost('fe80::1', index));
  expect(scopedHost('fe80::1%other', 0)).toBe('fe80::1%other');
});
