import { setImmediate as nextTurn } from 'node:timers/promises';
import dns from 'node:dns';
import fs from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AF_INET, AF_INET6, AI_ADDRCONFIG, AI_ALL, AI_V4MAPPED } from '../../lib/common/constants.ts';
import { gaierror, OSError, PermissionError } from '../../lib/common/errors.ts';
import { lookupAddresses, lookupConcurrency, lookupName } from '../../lib/names/lookup.ts';
import { dnsError, fakeLookup, type Answer } from '../support/dns.ts';

const ADDRESS = [{ address: '192.0.2.1', family: 4 }];
const PLACES = lookupConcurrency(process.env.UV_THREADPOOL_SIZE);

/** Look-ups that end when the test says so, in the order in which they began. */
function heldLookups(): { host: string; end: Answer }[] {
  const held: { host: string; end: Answer }[] = [];
  fakeLookup('lookup', (host, end) => held.push({ host, end }));
  return held;
}

const lookup = async (host: string, signal?: AbortSignal): Promise<unknown> =>
  await lookupAddresses(host, AF_INET, 0, signal);

const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `host${index}`);

afterEach(() => {
  jest.restoreAllMocks();
});

test.each([
  [undefined, 2],
  ['4', 2],
  ['5', 3],
  ['1', 1],
  ['0', 1],
  ['-3', 1],
  ['x', 1],
  ['9999', 512],
])('with UV_THREADPOOL_SIZE %s, %d look-ups run at once', (size, places) => {
  expect(lookupConcurrency(size)).toBe(places);
});

describe('the look-ups that Node gets', () => {
  test.each([
    [0, 0, 0, 0],
    [AF_INET, AI_ADDRCONFIG, 4, dns.ADDRCONFIG],
    [AF_INET6, AI_V4MAPPED | AI_ALL, 6, dns.V4MAPPED | dns.ALL],
  ])('family %d with flags %d', async (family, flags, dnsFamily, hints) => {
    const asked: unknown[] = [];
    fakeLookup('lookup', (host, end, options) => {
      asked.push([host, options]);
      end(null, ADDRESS);
    });
    await lookupAddresses('example.org', family, flags, undefined);
    expect(asked).toEqual([['example.org', { family: dnsFamily, hints, all: true, order: 'verbatim' }]]);
  });

  test.each(['', '*', 'a\0b', 'é'])('none for %j', async (host) => {
    const spy = fakeLookup('lookup', (_, end) => end(null, ADDRESS));
    await expect(lookup(host)).rejects.toMatchObject({ code: 'EAI_NONAME' });
    expect(spy).not.toHaveBeenCalled();
  });
});

describe('errors', () => {
  test.each([
    ['ENOTFOUND', -2, 'EAI_NONAME', 'Name or service not known'],
    ['EINVAL', -2, 'EAI_NONAME', 'Name or service not known'],
    ['ENAMETOOLONG', -2, 'EAI_NONAME', 'Name or service not known'],
    ['EAI_AGAIN', -3, 'EAI_AGAIN', 'Temporary failure in name resolution'],
    ['EAI_FAIL', -4, 'EAI_FAIL', 'Non-recoverable failure in name resolution'],
    ['EAI_FAMILY', -6, 'EAI_FAMILY', 'ai_family not supported'],
    ['ENOMEM', -10, 'EAI_MEMORY', 'Memory allocation failure'],
  ])('%s', async (dnsCode, errno, code, strerror) => {
    const cause = dnsError(dnsCode);
    fakeLookup('lookup', (_, end) => end(cause));
    const promise = lookup('example.org');
    await expect(promise).rejects.toThrow(gaierror);
    await expect(promise).rejects.toMatchObject({
      errno,
      code,
      strerror,
      syscall: 'getaddrinfo',
      address: 'example.org',
      cause,
      message: `[Errno ${errno}] ${strerror}: getaddrinfo example.org`,
    });
  });

  test.each([
    ['EMFILE', 24, 'EMFILE', 'Too many open files', OSError],
    ['EACCES', 13, 'EACCES', 'Permission denied', PermissionError],
    ['ERR_ACCESS_DENIED', 13, 'EACCES', 'Permission denied', PermissionError],
    ['ESOMETHING', null, 'ESOMETHING', 'getaddrinfo ESOMETHING', OSError],
  ])('of the system, which are none of getaddrinfo()’s: %s', async (dnsCode, errno, code, strerror, errorClass) => {
    const cause = dnsError(dnsCode);
    const spy = fakeLookup('lookup', (_, end) => end(cause));
    const told = {
      constructor: errorClass,
      errno,
      code,
      strerror,
      syscall: 'getaddrinfo',
      address: 'example.org',
      cause,
    };
    await expect(lookup('example.org')).rejects.toMatchObject(told);
    // Under --permission Node throws.
    spy.mockImplementation(() => {
      throw cause;
    });
    await expect(lookup('example.org')).rejects.toMatchObject(told);
    const own = new Error('of a program that has put its own function there');
    spy.mockImplementation(() => {
      throw own;
    });
    await expect(lookup('example.org')).rejects.toBe(own);
  });

  test("Node's own, for a name that is too long to ask for", async () => {
    await expect(lookup(`${'a'.repeat(60)}.`.repeat(5))).rejects.toMatchObject({ code: 'EAI_NONAME', errno: -2 });
  });

  test('no address at all is an error too', async () => {
    fakeLookup('lookup', (_, end) => end(null, []));
    await expect(lookup('example.org')).rejects.toMatchObject({ code: 'EAI_NONAME' });
  });

  test("the stack names the caller's line", async () => {
    fakeLookup('lookup', (_, end) => setImmediate(() => end(dnsError('ENOTFOUND'))));
    const error: unknown = await (async function theCaller() {
      return await lookup('example.org', new AbortController().signal);
    })().catch((reason: unknown) => reason);
    expect(error).toHaveProperty('stack', expect.stringContaining('theCaller'));
  });
});

describe('turns', () => {
  test('no more look-ups run at once than half of the threads', async () => {
    const held = heldLookups();
    const results = Promise.allSettled(hosts(PLACES + 2).map(async (host) => await lookup(host)));
    await nextTurn();
    expect(held.map(({ host }) => host)).toEqual(hosts(PLACES));
    held[0]?.end(null, ADDRESS);
    await nextTurn();
    expect(held.map(({ host }) => host)).toEqual(hosts(PLACES + 1));
    held[1]?.end(dnsError('ENOTFOUND'));
    await nextTurn();
    expect(held.map(({ host }) => host)).toEqual(hosts(PLACES + 2));
    for (const { end } of held) end(null, ADDRESS);
    const failed = (await results).map(({ status }) => status === 'rejected');
    expect(failed.indexOf(true)).toBe(1);
    expect(failed.lastIndexOf(true)).toBe(1);
  });

  test('a look-up of a name takes its turn as well', async () => {
    const held = heldLookups();
    const spy = fakeLookup('lookupService', (_, end) => end(null, 'example.org'));
    const addresses = hosts(PLACES).map(async (host) => await lookup(host));
    const name = lookupName('192.0.2.1', undefined);
    await nextTurn();
    expect(spy).not.toHaveBeenCalled();
    for (const { end } of held) end(null, ADDRESS);
    await Promise.all(addresses);
    await expect(name).resolves.toBe('example.org');
  });
});

describe('abort', () => {
  const reason = new Error('gave up');

  test('before the call: no look-up is made', async () => {
    const held = heldLookups();
    await expect(lookup('example.org', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(held).toHaveLength(0);
  });

  test('in the queue: the look-up leaves it', async () => {
    const held = heldLookups();
    const running = hosts(PLACES).map(async (host) => await lookup(host));
    const controller = new AbortController();
    const queued = lookup('queued', controller.signal);
    await nextTurn();
    controller.abort(reason);
    await expect(queued).rejects.toBe(reason);
    for (const { end } of held) end(null, ADDRESS);
    await Promise.all(running);
    await nextTurn();
    expect(held.map(({ host }) => host)).toEqual(hosts(PLACES));
  });

  test('while it runs: the call ends at once, but its place stays taken until Node is done', async () => {
    const held = heldLookups();
    const controller = new AbortController();
    const given = hosts(PLACES).map(async (host) => await lookup(host, controller.signal));
    const next = lookup('next');
    await nextTurn();
    controller.abort(reason);
    const results = await Promise.allSettled(given);
    expect(results).toEqual(hosts(PLACES).map(() => ({ status: 'rejected', reason })));
    await nextTurn();
    expect(held).toHaveLength(PLACES);
    held[0]?.end(dnsError('ENOTFOUND'));
    await nextTurn();
    expect(held).toHaveLength(PLACES + 1);
    for (const { end } of held) end(null, ADDRESS);
    await expect(next).resolves.toEqual([{ family: AF_INET, host: '192.0.2.1', scopeid: 0 }]);
  });

  test('after the end: no effect', async () => {
    fakeLookup('lookup', (_, end) => end(null, ADDRESS));
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    await expect(lookup('example.org', controller.signal)).resolves.toHaveLength(1);
    expect(removed).toHaveBeenCalledTimes(1);
    controller.abort(reason);
    await nextTurn();
  });
});

// glibc says so where it cannot open its own files.
test.each(['ENOTFOUND', 'EBUSY', 'EAI_AGAIN'])('%s without a free descriptor is EMFILE', async (code) => {
  fakeLookup('lookup', (_host, end) => end(dnsError(code), []));
  fakeLookup('lookupService', (_host, end) => end(dnsError(code), ''));
  jest.spyOn(fs, 'openSync').mockImplementation(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE', errno: -24 });
  });
  await expect(lookup('host.test')).rejects.toMatchObject({ code: 'EMFILE', errno: 24 });
  expect(await lookupName('192.0.2.1', undefined)).toMatchObject({ code: 'EMFILE' });
});
