import os from 'node:os';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { gaierror, herror, OSError } from '../../lib/common/errors.ts';
import { getfqdn, gethostbyaddr, gethostbyname, gethostbynameEx, gethostname } from '../../lib/names/hosts.ts';
import { dnsError, fakeLookup } from '../support/dns.ts';

const ADDRESSES = [
  { address: '192.0.2.1', family: 4 },
  { address: '192.0.2.2', family: 4 },
];

const reason = new Error('gave up');
const signal = AbortSignal.abort(reason);

/** One host, example.org at 192.0.2.1 and 192.0.2.2. */
beforeEach(() => {
  fakeLookup('lookup', (host, end) => (host === 'example.org' ? end(null, ADDRESSES) : end(dnsError('ENOTFOUND'))));
  fakeLookup('lookupService', (address, end) =>
    address === '192.0.2.1' ? end(null, 'example.org') : end(dnsError('ENOTFOUND')),
  );
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('gethostbyname', () => {
  test.each([
    ['example.org', '192.0.2.1'],
    [Buffer.from('example.org'), '192.0.2.1'],
    ['', '0.0.0.0'],
    ['127.1', '127.0.0.1'],
    ['<broadcast>', '255.255.255.255'],
  ])('%j is at %s', async (host, address) => {
    await expect(gethostbyname(host)).resolves.toBe(address);
  });

  test('errors', async () => {
    await expect(gethostbyname('no-such')).rejects.toThrow(gaierror);
    await expect(gethostbyname('no-such')).rejects.toMatchObject({ errno: -2, address: 'no-such' });
    await expect(gethostbyname('::1')).rejects.toMatchObject({ errno: -9 });
    await expect(gethostbyname('*')).rejects.toMatchObject({ errno: -2 });
    await expect(gethostbyname('a..b')).rejects.toThrow(RangeError);
    await expect(gethostbyname('a\0b')).rejects.toThrow(TypeError);
    await expect(gethostbyname('example.org', { signal })).rejects.toBe(reason);
    // @ts-expect-error A host is not a number.
    await expect(gethostbyname(5)).rejects.toThrow(TypeError);
  });
});

describe('gethostbynameEx', () => {
  test.each([
    ['example.org', ['example.org', [], ['192.0.2.1', '192.0.2.2']]],
    ['127.1', ['127.1', [], ['127.0.0.1']]],
  ])('%j', async (host, entry) => {
    await expect(gethostbynameEx(host)).resolves.toEqual(entry);
  });

  test('errors', async () => {
    await expect(gethostbynameEx('no-such')).rejects.toMatchObject({ errno: -2 });
    await expect(gethostbynameEx('::1')).rejects.toMatchObject({ errno: -9 });
    await expect(gethostbynameEx('')).rejects.toThrow(herror);
    await expect(gethostbynameEx('<broadcast>')).rejects.toMatchObject({ errno: 1, strerror: 'Unknown host' });
    await expect(gethostbynameEx('::ffff:1.2.3.4')).rejects.toThrow(herror);
    await expect(gethostbynameEx('a:b')).rejects.toMatchObject({ errno: -2 });
    await expect(gethostbynameEx('example.org', { signal })).rejects.toBe(reason);
  });
});

describe('gethostbyaddr', () => {
  test.each(['192.0.2.1', '192.0.513', 'example.org'])('%s', async (host) => {
    await expect(gethostbyaddr(host)).resolves.toEqual(['example.org', [], ['192.0.2.1']]);
  });

  test.each([
    ['ENOTFOUND', 1, 'Unknown host'],
    ['EAI_AGAIN', 2, 'Host name lookup failure'],
    ['EAI_FAIL', 3, 'Unknown server error'],
  ])('%s is herror %d', async (code, errno, strerror) => {
    const cause = dnsError(code);
    fakeLookup('lookupService', (_, end) => end(cause));
    const promise = gethostbyaddr('192.0.2.1');
    await expect(promise).rejects.toThrow(herror);
    await expect(promise).rejects.toMatchObject({
      errno,
      strerror,
      syscall: 'gethostbyaddr',
      address: '192.0.2.1',
      cause,
    });
  });

  test('errors', async () => {
    await expect(gethostbyaddr('no-such')).rejects.toThrow(gaierror);
    await expect(gethostbyaddr('')).rejects.toThrow(new OSError(null, 'wildcard resolved to multiple address'));
    await expect(gethostbyaddr('192.0.2.1', { signal })).rejects.toBe(reason);
  });

  test("the stack names the caller's line", async () => {
    const error: unknown = await (async function theCaller() {
      return await gethostbyaddr('192.0.2.9');
    })().catch((reason: unknown) => reason);
    expect(error).toHaveProperty('stack', expect.stringContaining('theCaller'));
  });
});

describe('getfqdn', () => {
  test('finds the name', async () => {
    await expect(getfqdn(' 192.0.2.1 ')).resolves.toBe('example.org');
  });

  test('returns a name that it does not find', async () => {
    await expect(getfqdn('no-such')).resolves.toBe('no-such');
    await expect(getfqdn('192.0.2.9')).resolves.toBe('192.0.2.9');
  });

  test.each(['', ' ', '0.0.0.0', '::'])('%j is this machine', async (name) => {
    jest.spyOn(os, 'hostname').mockReturnValue('example.org');
    await expect(getfqdn(name)).resolves.toBe('example.org');
    jest.spyOn(os, 'hostname').mockReturnValue('nowhere');
    await expect(getfqdn(name)).resolves.toBe('nowhere');
  });

  test('errors', async () => {
    await expect(getfqdn('a..b')).rejects.toThrow(RangeError);
    await expect(getfqdn('example.org', { signal: AbortSignal.abort(new OSError(110)) })).rejects.toMatchObject({
      errno: 110,
    });
    // @ts-expect-error A name is not a number.
    await expect(getfqdn(5)).rejects.toThrow(TypeError);
  });
});

test('gethostname', () => {
  expect(gethostname()).toBe(os.hostname());
});
