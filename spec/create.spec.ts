import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../lib/index.ts';
import { support } from '../lib/transports/support.ts';
import { fakeLookup } from './support/dns.ts';
import { EADDRINUSE, EAI_NONAME, ECONNREFUSED, ENOPROTOOPT } from './support/expected-errors.ts';
import { accepted, deserted, itWithIPv6, listening, loopback, own, portOf } from './support/pairs.ts';
import { temporaryPath } from './support/unix.ts';

const { AF_INET, AF_INET6, AF_UNIX, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } = socket;
const { createConnection, createServer } = socket;
const EADDRNOTAVAIL = { name: 'OSError', errno: 99, code: 'EADDRNOTAVAIL' };

afterEach(() => {
  jest.restoreAllMocks();
  socket.setdefaulttimeout(null);
});

/** Makes look-ups of any name give these addresses. */
function resolveTo(...addresses: readonly string[]): void {
  fakeLookup('lookup', (_host, end) =>
    end(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    ),
  );
}

describe('createConnection()', () => {
  it('connects, with the default time limit', async () => {
    const server = listening();
    socket.setdefaulttimeout(7);
    const client = own(await createConnection(['127.0.0.1', portOf(server)]));
    expect(client.getpeername()).toEqual(server.getsockname());
    expect(client.gettimeout()).toBe(7);
  });

  it('keeps the time limit that was chosen, and none for null', async () => {
    const port = portOf(listening());
    socket.setdefaulttimeout(7);
    expect(own(await createConnection(['127.0.0.1', port], { timeout: 3 })).gettimeout()).toBe(3);
    expect(own(await createConnection(['127.0.0.1', port], { timeout: null })).gettimeout()).toBeNull();
    await expect(createConnection(['127.0.0.1', port], { timeout: -1 })).rejects.toThrow(/^Timeout value out of range/);
  });

  it('connects from the source address that it is given', async () => {
    const server = listening();
    const address = ['127.0.0.1', portOf(server)] as const;
    const client = own(await createConnection(address, { sourceAddress: ['127.0.0.2', 0] }));
    expect(client.getsockname()[0]).toBe('127.0.0.2');
    expect((await accepted(server)).getpeername()).toEqual(client.getsockname());
    own(await createConnection(address, { sourceAddress: null }));
    const elsewhere = createConnection(address, { sourceAddress: ['192.0.2.1', 0] });
    await expect(elsewhere).rejects.toMatchObject(EADDRNOTAVAIL);
  });

  itWithIPv6('takes the numbers of an IPv6 source address, too', async () => {
    const server = listening(socket.AF_INET6);
    const options = { sourceAddress: ['::1', 0, 0, 0] } as const;
    const client = own(await createConnection(['::1', portOf(server)], options));
    expect(client.getsockname().slice(2)).toEqual([0, 0]);
  });

  it.each([undefined, 0, 0.25])('tries all addresses in their order (happyEyeballsDelay %s)', async (delay) => {
    const server = listening();
    resolveTo('127.0.0.3', '127.0.0.1', '127.0.0.4');
    const client = own(await createConnection(['peer.example', portOf(server)], { happyEyeballsDelay: delay }));
    expect(client.getpeername()).toEqual(server.getsockname());
  });

  it('leaves nothing to a signal of several attempts once one has connected', async () => {
    const server = listening();
    resolveTo('127.0.0.3', '127.0.0.1');
    const { signal } = new AbortController();
    const options = { happyEyeballsDelay: 0.25, signal };
    const client = own(await createConnection(['peer.example', portOf(server)], options));
    expect(client.getpeername()).toEqual(server.getsockname());
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each([undefined, 0.25])('raises the last error, or all (happyEyeballsDelay %s)', async (delay) => {
    const [, port] = deserted();
    resolveTo('127.0.0.1', '127.0.0.2');
    const options = { happyEyeballsDelay: delay };
    const last = createConnection(['peer.example', port], options);
    await expect(last).rejects.toMatchObject({ ...ECONNREFUSED, address: `127.0.0.2:${port}` });
    const all = createConnection(['peer.example', port], { ...options, allErrors: true });
    await expect(all).rejects.toBeInstanceOf(AggregateError);
    await expect(all).rejects.toMatchObject({
      message: 'createConnection failed',
      errors: [ECONNREFUSED, { address: `127.0.0.2:${port}` }],
    });
  });

  it.each([undefined, 0.25])('raises RangeError and the reason of a signal (happyEyeballsDelay %s)', async (delay) => {
    const [host, port] = deserted();
    const options = { happyEyeballsDelay: delay };
    await expect(createConnection([host, port], { ...options, timeout: -1 })).rejects.toThrow(RangeError);
    const reason = new Error('enough');
    const stop = new AbortController();
    const connecting = createConnection([host, port], { ...options, signal: stop.signal });
    stop.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });

  it('races the families in turn, and closes the connection that loses', async () => {
    const server = createServer(['', 0], { family: AF_INET6, dualstackIpv6: true });
    own(server);
    resolveTo('127.0.0.1', '127.0.0.2', '::1');
    const options = { happyEyeballsDelay: 0 };
    const client = own(await createConnection(['peer.example', portOf(server)], options));
    await client.send('the winner');
    // The losing connection may have been accepted by then.
    let [peer, address] = await server.accept();
    while (own(peer) && address[1] !== portOf(client)) [peer, address] = await server.accept();
    expect(String(await peer.recv(99))).toBe('the winner');
  });

  it('refuses what is no address and no delay', async () => {
    // @ts-expect-error -- an address is a pair
    await expect(createConnection(5)).rejects.toThrow(TypeError);
    // @ts-expect-error -- an address is not a text, which Python unpacks
    await expect(createConnection('ab')).rejects.toThrow(TypeError);
    // @ts-expect-error -- an address has a port
    const alone = createConnection(['127.0.0.1']);
    await expect(alone).rejects.toThrow("createConnection(): address must be [host, port] (received [ '127.0.0.1' ])");
    await expect(alone).rejects.toThrow(RangeError);
    for (const happyEyeballsDelay of [-1, NaN]) {
      await expect(createConnection(['127.0.0.1', 1], { happyEyeballsDelay })).rejects.toThrow(RangeError);
    }
  });

  it('fails where the name is not found, and where it has no addresses', async () => {
    fakeLookup('lookup', (_host, end) => end(Object.assign(new Error('none'), { code: 'ENOTFOUND' })));
    await expect(createConnection(['nobody.example', 1])).rejects.toMatchObject(EAI_NONAME);
    resolveTo();
    await expect(createConnection(['nobody.example', 1], { allErrors: true })).rejects.toMatchObject(EAI_NONAME);
  });
});

describe('createServer()', () => {
  it('listens, on an address that may be bound again', async () => {
    const server = own(createServer(['127.0.0.1', 0]));
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1);
    expect(server.getsockopt(SOL_SOCKET, socket.SO_ACCEPTCONN)).toBe(1);
    own(await createConnection(['127.0.0.1', portOf(server)]));
    expect((await accepted(server)).family).toBe(AF_INET);
  });

  it.each([undefined, null, -3, 0, 5])('takes a backlog of %s', (backlog) => {
    expect(own(createServer(['127.0.0.1', 0], { backlog })).getsockname()[0]).toBe('127.0.0.1');
  });

  itWithIPv6('takes IPv6 alone, or both families', async () => {
    const alone = own(createServer(['::1', 0], { family: AF_INET6 }));
    expect(alone.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(1);
    const both = own(createServer(['', 0], { family: AF_INET6, dualstackIpv6: true }));
    expect(both.getsockopt(IPPROTO_IPV6, IPV6_V6ONLY)).toBe(0);
    for (const family of [AF_INET, AF_INET6]) {
      own(await createConnection([loopback(family), portOf(both)]));
      expect((await accepted(both)).family).toBe(AF_INET6);
    }
    const only = own(createServer(['', 0], { family: AF_INET6 }));
    await expect(createConnection(['127.0.0.1', portOf(only)])).rejects.toMatchObject(ECONNREFUSED);
    expect(() => createServer(['', 0], { dualstackIpv6: true })).toThrow(
      /^createServer\(\): dualstackIpv6 needs the family AF_INET6/,
    );
  });

  it('takes a path', () => {
    const path = temporaryPath();
    expect(own(createServer(path, { family: AF_UNIX })).getsockname()).toBe(path);
  });

  it('shares its port where Node can, and says where it cannot', () => {
    if (!support.reusePort) {
      const share = (): unknown => createServer(['127.0.0.1', 0], { reusePort: true });
      expect(share).toThrow(expect.objectContaining({ cause: expect.objectContaining(ENOPROTOOPT) }));
      expect(share).toThrow(/^createServer\(\): reusePort needs Node 22.12 or newer$/);
      return;
    }
    const one = own(createServer(['127.0.0.1', 0], { reusePort: true }));
    expect(one.getsockopt(SOL_SOCKET, SO_REUSEPORT)).toBe(1);
    const other = own(createServer(['127.0.0.1', portOf(one)], { reusePort: true }));
    expect(portOf(other)).toBe(portOf(one));
  });

  it('names the address that it could not bind', () => {
    const port = portOf(listening());
    const text = `Address already in use (while attempting to bind on address [ '127.0.0.1', ${port} ])`;
    expect(() => createServer(['127.0.0.1', port])).toThrow(expect.objectContaining({ ...EADDRINUSE, strerror: text }));
    expect(() => createServer(['192.0.2.1', 0])).toThrow(expect.objectContaining(EADDRNOTAVAIL));
    expect(() => createServer(['127.0.0.1', -1])).toThrow(RangeError);
    expect(() => createServer(['127.0.0.1', 0], { backlog: 1.5 })).toThrow(TypeError);
  });
});

describe('hasDualstackIpv6()', () => {
  it('is what the option says', () => {
    expect(socket.hasDualstackIpv6()).toBe(true);
    jest.spyOn(socket.Socket.prototype, 'setsockopt').mockImplementationOnce(() => {
      throw new socket.OSError(92);
    });
    expect(socket.hasDualstackIpv6()).toBe(false);
  });
});
