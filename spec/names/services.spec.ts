import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { OSError } from '../../lib/common/errors.ts';
import * as services from '../../lib/names/services.ts';

const FILE = `
# A comment line.
http\t\t80/tcp\t\twww web\t# and one after
http\t\t80/udp
only-udp 81/udp
second   80/tcp
broken
tcp 6 TCP # a protocol
`;

/** A fresh copy of the module, which has read no list yet. */
function fresh(): typeof services {
  let loaded = services;
  jest.isolateModules(() => {
    loaded = jest.requireActual<typeof services>('../../lib/names/services.ts');
  });
  return loaded;
}

/** Replaces only the machine's two lists: Jest itself reads files too. */
function fakeFiles(content: () => string): void {
  const read = fs.readFileSync;
  jest
    .spyOn(fs, 'readFileSync')
    .mockImplementation((path, options) => (isList(path) ? content() : read(path, options)));
}

const isList = (path: unknown): boolean => /etc[/\\](?:services|protocols?)$/.test(String(path));

afterEach(() => {
  jest.restoreAllMocks();
});

describe("with the machine's own lists", () => {
  beforeEach(() => {
    fakeFiles(() => FILE);
  });

  test('names and aliases', () => {
    const { getprotobyname, getservbyname } = fresh();
    expect(getservbyname('http')).toBe(80);
    expect(getservbyname('web', 'tcp')).toBe(80);
    expect(getservbyname('only-udp')).toBe(81);
    expect(() => getservbyname('only-udp', 'tcp')).toThrow('service/proto not found: only-udp/tcp');
    expect(() => getservbyname('HTTP')).toThrow('service/proto not found: HTTP');
    expect(getprotobyname('tcp')).toBe(6);
    expect(getprotobyname('TCP')).toBe(6);
  });

  test('ports: the first entry counts', () => {
    const { getservbyport } = fresh();
    expect(getservbyport(80)).toBe('http');
    expect(getservbyport(81)).toBe('only-udp');
    expect(() => getservbyport(81, 'tcp')).toThrow('port/proto not found: 81/tcp');
    expect(() => getservbyport(82)).toThrow('port/proto not found: 82');
  });

  test('are read once, when they are first needed', () => {
    const { getservbyname } = fresh();
    const reads = (): number => jest.mocked(fs.readFileSync).mock.calls.filter(([path]) => isList(path)).length;
    expect(reads()).toBe(0);
    getservbyname('http');
    getservbyname('only-udp');
    expect(reads()).toBe(1);
  });
});

describe('without lists', () => {
  beforeEach(() => {
    fakeFiles(() => {
      throw new Error('ENOENT');
    });
  });

  test('the commonest services are known', () => {
    const { getservbyname, getservbyport } = fresh();
    expect(getservbyname('http', 'tcp')).toBe(80);
    expect(getservbyname('www')).toBe(80);
    expect(getservbyname('domain', 'udp')).toBe(53);
    expect(getservbyport(443)).toBe('https');
    expect(() => getservbyname('no-such')).toThrow('service/proto not found');
  });

  test('the protocols with a constant are known', () => {
    const { getprotobyname } = fresh();
    expect(getprotobyname('tcp')).toBe(6);
    expect(getprotobyname('UDP')).toBe(17);
    expect(getprotobyname('ipv6-icmp')).toBe(58);
    expect(() => getprotobyname('no-such')).toThrow('protocol not found: no-such');
  });
});

test('arguments', () => {
  expect(() => services.getservbyname('no such')).toThrow(OSError);
  expect(() => services.getservbyport(-1)).toThrow(
    new RangeError('getservbyport(): port must be 0-65535 (received -1)'),
  );
  expect(() => services.getservbyport(65536)).toThrow(RangeError);
  expect(() => services.getservbyport(1.5)).toThrow(TypeError);
  expect(() => services.getservbyname('a\0')).toThrow(RangeError);
  expect(() => services.getprotobyname('a\0')).toThrow(RangeError);
  // @ts-expect-error A name is not a number.
  expect(() => services.getservbyname(5)).toThrow('getservbyname(): servicename must be a string (received 5)');
  // @ts-expect-error A protocol's name cannot be null.
  expect(() => services.getservbyname('http', null)).toThrow(
    'getservbyname(): protocolname must be a string (received null)',
  );
});
