import os from 'node:os';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { NI_DGRAM, NI_NAMEREQD, NI_NOFQDN, NI_NUMERICHOST, NI_NUMERICSERV } from '../../lib/common/constants.ts';
import { gaierror, OSError } from '../../lib/common/errors.ts';
import { ifNameindex } from '../../lib/names/interfaces.ts';
import { getnameinfo } from '../../lib/names/nameinfo.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';

const NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV;
const [[index, name] = [0, '']] = ifNameindex();

/** One host, www.example.org at 192.0.2.1. */
beforeEach(() => {
  fakeLookup('lookupService', (address, end) =>
    address === '192.0.2.1' ? end(null, 'www.example.org') : end(dnsError('ENOTFOUND')),
  );
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('names and numbers', () => {
  test.each([
    [['192.0.2.1', 80], 0, ['www.example.org', 'http']],
    [['192.0.2.1', 80], NI_NUMERICHOST, ['192.0.2.1', 'http']],
    [['192.0.2.1', 80], NI_NUMERICSERV, ['www.example.org', '80']],
    [['192.0.513', 80], NUMERIC, ['192.0.2.1', '80']],
    [['192.0.2.9', 80], 0, ['192.0.2.9', 'http']],
    [['192.0.2.1', 69], NUMERIC & NI_NUMERICHOST, ['192.0.2.1', '69']],
    [['192.0.2.1', 69], NI_NUMERICHOST | NI_DGRAM, ['192.0.2.1', 'tftp']],
    [['::1', 80, 0, 0], NUMERIC, ['::1', '80']],
    [['::1', 80, 0, 7], NUMERIC, ['::1%7', '80']],
    [['fe80::1', 80, 0, index], NUMERIC, [`fe80::1%${name}`, '80']],
    [['fe80::1', 80, 0, 0xffff_fff0], NUMERIC, ['fe80::1%4294967280', '80']],
    [['ff02::1', 80, 0, index], NUMERIC, [`ff02::1%${name}`, '80']],
  ] as const)('%j with flags %d', async (sockaddr, flags, info) => {
    await expect(getnameinfo(sockaddr, flags)).resolves.toEqual(info);
  });

  test("NI_NOFQDN drops this machine's own domain", async () => {
    const hostname = jest.spyOn(os, 'hostname').mockReturnValue('me.example.org');
    await expect(getnameinfo(['192.0.2.1', 80], NI_NOFQDN)).resolves.toEqual(['www', 'http']);
    hostname.mockReturnValue('me.example.com');
    await expect(getnameinfo(['192.0.2.1', 80], NI_NOFQDN)).resolves.toEqual(['www.example.org', 'http']);
    hostname.mockReturnValue('me');
    await expect(getnameinfo(['192.0.2.1', 80], NI_NOFQDN)).resolves.toEqual(['www.example.org', 'http']);
  });
});

describe('errors', () => {
  test.each([
    ['EAI_NONAME', ['localhost', 80], 0],
    ['EAI_NONAME', ['', 80], 0],
    ['EAI_NONAME', ['192.0.2.9', 80], NI_NAMEREQD],
    ['EAI_NONAME', ['192.0.2.1', 80], NI_NAMEREQD | NI_NUMERICHOST],
    ['EAI_SERVICE', ['192.0.2.1', -1], 0],
    ['EAI_BADFLAGS', ['192.0.2.1', 80], 256],
  ] as const)('%s for %j', async (code, sockaddr, flags) => {
    await expect(getnameinfo(sockaddr, flags)).rejects.toThrow(gaierror);
    await expect(getnameinfo(sockaddr, flags)).rejects.toMatchObject({ code });
  });

  test('a name server that fails', async () => {
    const cause = dnsError('EAI_AGAIN');
    fakeLookup('lookupService', (_, end) => end(cause));
    await expect(getnameinfo(['192.0.2.1', 80], 0)).rejects.toMatchObject({
      code: 'EAI_AGAIN',
      syscall: 'getnameinfo',
      cause,
    });
  });

  test('the shape of an address', async () => {
    await expect(getnameinfo(['127.0.0.1', 80, 0], 0)).rejects.toThrow(
      'IPv4 sockaddr must be 2 tuple: getnameinfo 127.0.0.1 (an IPv4 address must be [host, port], received 3 fields)',
    );
    await expect(getnameinfo(['*', 80], 0)).rejects.toThrow(OSError);
    await expect(getnameinfo(['*', 80], 0)).rejects.toThrow('sockaddr resolved to multiple addresses');
    await expect(getnameinfo('127.0.0.1', 0)).rejects.toThrow('getnameinfo(): sockaddr must be [host, port');
    await expect(getnameinfo([Buffer.from('::1'), 80], 0)).rejects.toThrow('the host a string');
    // @ts-expect-error A port is missing.
    await expect(getnameinfo(['::1'], 0)).rejects.toThrow(TypeError);
    await expect(getnameinfo(['::1', 1.5], 0)).rejects.toThrow(TypeError);
    await expect(getnameinfo(['::1', 80], 1.5)).rejects.toThrow(TypeError);
  });

  test('numbers out of range', async () => {
    await expect(getnameinfo(['a\0', 80], 0)).rejects.toThrow(RangeError);
    await expect(getnameinfo(['::1', 2 ** 31], 0)).rejects.toThrow(RangeError);
    await expect(getnameinfo(['::1', 80, 2 ** 20], 0)).rejects.toThrow('getnameinfo(): flowinfo must be 0-1048575');
    await expect(getnameinfo(['::1', 80, 0, -1], 0)).rejects.toThrow('getnameinfo(): scopeid must be 0-4294967295');
  });

  test('an abort', async () => {
    const reason = new Error('gave up');
    const signal = AbortSignal.abort(reason);
    await expect(getnameinfo(['192.0.2.1', 80], 0, { signal })).rejects.toBe(reason);
    await expect(getnameinfo(['192.0.2.1', 80], NUMERIC, { signal })).resolves.toEqual(['192.0.2.1', '80']);
  });
});
