import os from 'node:os';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  AI_ADDRCONFIG,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from '../../lib/common/constants.ts';
import { gaierror, OSError } from '../../lib/common/errors.ts';
import { getaddrinfo, resolveHost } from '../../lib/names/resolver.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';

const BOTH = [
  { address: '2001:db8::1', family: 6 },
  { address: '192.0.2.1', family: 4 },
];

afterEach(() => {
  jest.restoreAllMocks();
});

describe('rows', () => {
  test('one for each type, where none is given', async () => {
    await expect(getaddrinfo('127.0.0.1', 80)).resolves.toEqual([
      [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_DGRAM, IPPROTO_UDP, '', ['127.0.0.1', 80]],
      [AF_INET, SOCK_RAW, 0, '', ['127.0.0.1', 80]],
    ]);
  });

  test('of a port in 64 bits, of which 16 count', async () => {
    const rows = await getaddrinfo('127.0.0.1', 2 ** 60);
    expect(rows.map(([, , , , address]) => address)).toEqual(Array(3).fill(['127.0.0.1', 0]));
    await expect(getaddrinfo('127.0.0.1', 2 ** 63)).rejects.toThrow(RangeError);
    await expect(getaddrinfo('127.0.0.1', 80, 0, 0, 99)).rejects.toMatchObject({ code: 'EAI_SERVICE', errno: -8 });
  });

  test('of a name: addresses in the order of the resolver', async () => {
    fakeLookup('lookup', (_, end) => end(null, BOTH));
    await expect(getaddrinfo('example.org', 'http', 0, SOCK_STREAM, 0, AI_CANONNAME)).resolves.toEqual([
      [AF_INET6, SOCK_STREAM, IPPROTO_TCP, 'example.org', ['2001:db8::1', 80, 0, 0]],
      [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['192.0.2.1', 80]],
    ]);
  });

  test('of an international name', async () => {
    const asked: string[] = [];
    fakeLookup('lookup', (host, end) => {
      asked.push(host);
      end(null, BOTH);
    });
    const [row] = await getaddrinfo('bücher.example', 80, 0, 0, 0, AI_CANONNAME);
    expect(row?.[3]).toBe('xn--bcher-kva.example');
    expect(asked).toEqual(['xn--bcher-kva.example']);
  });

  test('of this machine', async () => {
    const hosts = async (flags: number): Promise<string[]> =>
      (await getaddrinfo(null, 80, 0, SOCK_STREAM, 0, flags)).map(([, , , , [host]]) => host);
    const none = jest.spyOn(os, 'networkInterfaces').mockReturnValue({});
    await expect(hosts(0)).resolves.toEqual(['127.0.0.1', '::1']);
    none.mockReturnValue({ lo: [loopback6] });
    await expect(hosts(0)).resolves.toEqual(['::1', '127.0.0.1']);
    await expect(hosts(AI_PASSIVE)).resolves.toEqual(['0.0.0.0', '::']);
  });

  test('of a mapped address', async () => {
    await expect(getaddrinfo('1.2.3.4', 80, AF_INET6, SOCK_STREAM, 0, AI_V4MAPPED)).resolves.toEqual([
      [AF_INET6, SOCK_STREAM, IPPROTO_TCP, '', ['::ffff:1.2.3.4', 80, 0, 0]],
    ]);
  });

  test('any numeric address and port is returned', async () => {
    await fc.assert(
      fc.asyncProperty(fc.ipV4(), fc.nat(65535), async (host, port) => {
        const rows = await getaddrinfo(host, port, 0, SOCK_STREAM);
        expect(rows).toEqual([[AF_INET, SOCK_STREAM, IPPROTO_TCP, '', [host, port]]]);
      }),
    );
  });
});

const loopback4 = { address: '127.0.0.1', netmask: '', family: 'IPv4', mac: '', internal: true, cidr: null } as const;
const loopback6 = {
  address: '::1',
  netmask: '',
  family: 'IPv6',
  mac: '',
  internal: true,
  cidr: null,
  scopeid: 0,
} as const;
const public4 = { ...loopback4, address: '192.0.2.1' };
const public6 = { ...loopback6, address: '2001:db8::1' };

describe('AI_ADDRCONFIG', () => {
  const families = async (family: number): Promise<number[]> =>
    (await getaddrinfo(null, 80, family, SOCK_STREAM, 0, AI_ADDRCONFIG)).map(([found]) => found);

  test('keeps the families of which this machine has addresses', async () => {
    const interfaces = jest.spyOn(os, 'networkInterfaces');
    interfaces.mockReturnValue({ lo: [loopback4, loopback6], eth0: [public4], none: undefined });
    await expect(families(0)).resolves.toEqual([AF_INET]);
    await expect(families(AF_INET)).resolves.toEqual([AF_INET]);
    await expect(families(AF_INET6)).rejects.toMatchObject({ code: 'EAI_NONAME' });
    interfaces.mockReturnValue({ lo: [loopback4, loopback6], eth0: [public6] });
    await expect(families(0)).resolves.toEqual([AF_INET6]);
    await expect(families(AF_INET)).rejects.toMatchObject({ code: 'EAI_NONAME' });
    interfaces.mockReturnValue({ lo: [loopback4, loopback6] });
    await expect(families(0)).resolves.toEqual([AF_INET6, AF_INET]);
  });
});

describe('errors', () => {
  test.each<[string, Parameters<typeof getaddrinfo>]>([
    ['EAI_NONAME', [null, null]],
    ['EAI_NONAME', ['', 80]],
    ['EAI_NONAME', ['a.b', 80, 0, 0, 0, AI_NUMERICHOST]],
    ['EAI_NONAME', ['127.0.0.1', 'http', 0, 0, 0, AI_NUMERICSERV]],
    ['EAI_BADFLAGS', ['127.0.0.1', 80, 0, 0, 0, 1 << 20]],
    ['EAI_BADFLAGS', [null, 80, 0, 0, 0, AI_CANONNAME]],
    ['EAI_FAMILY', ['127.0.0.1', 80, AF_UNIX]],
    ['EAI_SOCKTYPE', ['127.0.0.1', 80, 0, 99]],
    ['EAI_SOCKTYPE', ['127.0.0.1', 80, 0, SOCK_STREAM, IPPROTO_UDP]],
    ['EAI_SERVICE', ['127.0.0.1', 80, 0, 0, 99]],
    ['EAI_SERVICE', ['127.0.0.1', 80, 0, SOCK_RAW]],
    ['EAI_SERVICE', ['127.0.0.1', 'no-such']],
    ['EAI_SERVICE', ['no-such-host', 'no-such']],
    ['EAI_SERVICE', ['127.0.0.1', -1]],
    ['EAI_ADDRFAMILY', ['127.0.0.1', 80, AF_INET6]],
    ['EAI_ADDRFAMILY', ['::1', 80, AF_INET]],
  ])('%s for %j', async (code, args) => {
    const spy = fakeLookup('lookup', (_, end) => end(null, BOTH));
    const promise = getaddrinfo(...args);
    await expect(promise).rejects.toThrow(gaierror);
    await expect(promise).rejects.toMatchObject({ code, syscall: 'getaddrinfo' });
    expect(spy).not.toHaveBeenCalled();
  });

  test('arguments', async () => {
    // @ts-expect-error A host is not a number.
    await expect(getaddrinfo(5, 80)).rejects.toThrow(TypeError);
    await expect(getaddrinfo('127.0.0.1', 80, 1.5)).rejects.toThrow(TypeError);
    await expect(getaddrinfo('127.0.0.1', 80, 2 ** 31)).rejects.toThrow(RangeError);
    await expect(getaddrinfo('127.0.0.1', 1.5)).rejects.toThrow(
      new OSError(
        null,
        'Int or String expected: getaddrinfo (port must be an integer, a string, bytes or null, received 1.5)',
      ),
    );
    await expect(getaddrinfo('127.0.0.1', 2 ** 63)).rejects.toThrow('getaddrinfo(): port must fit in 64 bits');
    await expect(getaddrinfo('a..b', 80)).rejects.toThrow(RangeError);
  });

  test('text after a NUL is not dropped', async () => {
    await expect(getaddrinfo('127.0.0.1\0', 80)).rejects.toMatchObject({ code: 'EAI_NONAME' });
    await expect(getaddrinfo('127.0.0.1', '80\0')).rejects.toMatchObject({ code: 'EAI_SERVICE' });
  });

  test('of a look-up', async () => {
    const cause = dnsError('EAI_AGAIN');
    fakeLookup('lookup', (_, end) => end(cause));
    await expect(getaddrinfo('example.org', 80)).rejects.toMatchObject({ errno: -3, address: 'example.org', cause });
  });

  test('an abort', async () => {
    const reason = new Error('gave up');
    const signal = AbortSignal.abort(reason);
    await expect(getaddrinfo('example.org', 80, 0, 0, 0, 0, { signal })).rejects.toBe(reason);
    // A call that needs no wait succeeds all the same.
    await expect(getaddrinfo('127.0.0.1', 80, 0, SOCK_STREAM, 0, 0, { signal })).resolves.toHaveLength(1);
  });
});

describe('resolveHost', () => {
  test.each([
    [AF_INET, '', '0.0.0.0'],
    [AF_INET6, '', '::'],
    [AF_INET, '127.1', '127.0.0.1'],
    [AF_INET, '<broadcast>', '255.255.255.255'],
    [AF_INET6, '::1', '::1'],
    [AF_INET, 'localhost', '127.0.0.1'],
  ])('%d %j is %s', async (family, host, address) => {
    await expect(resolveHost(family, host, undefined)).resolves.toBe(address);
  });

  test('is the first address of the family', async () => {
    const asked: unknown[] = [];
    fakeLookup('lookup', (host, end, options) => {
      asked.push([host, options]);
      end(null, BOTH);
    });
    await expect(resolveHost(AF_INET6, 'bücher.example', undefined)).resolves.toBe('2001:db8::1');
    expect(asked).toEqual([['xn--bcher-kva.example', expect.objectContaining({ family: 6, hints: 0 })]]);
  });

  test('errors', async () => {
    fakeLookup('lookup', (_, end) => end(dnsError('ENOTFOUND')));
    await expect(resolveHost(AF_INET, '::1', undefined)).rejects.toMatchObject({ code: 'EAI_ADDRFAMILY' });
    await expect(resolveHost(AF_INET, 'no-such', undefined)).rejects.toMatchObject({
      code: 'EAI_NONAME',
      address: 'no-such',
    });
    await expect(resolveHost(AF_INET, 'é..b', undefined)).rejects.toThrow(TypeError);
    const reason = new Error('gave up');
    await expect(resolveHost(AF_INET, 'a.b', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
