import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fstatSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bindByListening } from '../../lib/transports/bind-by-listening.ts';
import { bind, bindBackendsOf, boundPaths, listenOn, refusesIPv4 } from '../../lib/transports/bind.ts';
import type { BindBackend, Bound } from '../../lib/transports/bound.ts';
import type { InetEndpoint } from '../../lib/transports/endpoint.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { support } from '../../lib/transports/support.ts';
import { hasIPv6 } from '../support/network.ts';
import { reservedPort } from '../support/ports.ts';
import { hasPython, python } from '../support/python.ts';

const HOST = '127.0.0.1';
const PLAIN = { ipv6Only: false, reusePort: false };

/** Every backend for bind() that this Node has, by name. */
const backends = bindBackendsOf(net).map((backend, index, { length }): [name: string, backend: BindBackend] => [
  index === length - 1 ? 'net._createServerHandle' : 'net.BoundSocket',
  backend,
]);

it('listens where no backend can only bind; here at least the undocumented backend exists', () => {
  expect(bindBackendsOf({})).toEqual([bindByListening]);
  expect(backends.map(([name]) => name)).toEqual(
    'BoundSocket' in net ? ['net.BoundSocket', 'net._createServerHandle'] : ['net._createServerHandle'],
  );
});

describe.each(backends)('%s', (name, backend) => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  /** Binds, and expects that it can. */
  function bound(host = HOST, port = 0, options = PLAIN): Bound & { readonly local: InetEndpoint } {
    const result = backend({ host, port }, options);
    if (result instanceof Failure) throw new Error(`bind failed: ${result.code}`, { cause: result.cause });
    const { local } = result;
    if (!('port' in local)) throw new Error('an address with a port was expected');
    return { ...result, local };
  }

  function server(): net.Server {
    const made = net.createServer({ allowHalfOpen: true });
    made.on('error', () => undefined);
    ends.push(() => made.close());
    return made;
  }

  function track<T extends net.Socket>(socket: T): T {
    ends.push(() => socket.destroy());
    return socket;
  }

  /** How a connect ends: with the name of an error, or 'connected'. */
  async function reach(port: number, host = HOST): Promise<unknown> {
    const client = track(net.connect({ host, port }));
    try {
      await once(client, 'connect');
      return 'connected';
    } catch (error) {
      return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
    }
  }

  /** What the real Python's bind() says, which does not share a port as libuv does. */
  function pythonBind(port: number): unknown {
    const source = `
import json, socket, sys
print(json.dumps(socket.socket().bind(('${HOST}', json.load(sys.stdin)))))`;
    try {
      return python(source, port);
    } catch (error) {
      return /Errno \d+/.exec(String(error))?.[0];
    }
  }

  it('knows the port at once, and the descriptor', () => {
    const port = bound();
    expect(port.local.host).toBe(HOST);
    expect(port.local.port).toBeGreaterThan(0);
    if (process.platform === 'win32') expect(port.descriptor).toBe(-1);
    else expect(fstatSync(port.descriptor).isSocket()).toBe(true);
    port.close();
  });

  it('takes the port that is asked for', () => {
    const number = reservedPort();
    const port = bound(HOST, number);
    expect(port.local).toEqual({ host: HOST, port: number });
    port.close();
  });

  it('fails within the call where another socket listens on the port', () => {
    const first = bound();
    expect(listenOn(server(), first, 1)).toBeUndefined();
    expect(backend(first.local, PLAIN)).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('fails within the call for an address that is not of this machine', () => {
    const result = backend({ host: '192.0.2.1', port: 0 }, PLAIN);
    expect(result).toBeInstanceOf(Failure);
    expect(result).toMatchObject({ code: 'EADDRNOTAVAIL' });
    if (result instanceof Failure) expect(result.cause).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
  });

  it('refuses clients before it listens', async () => {
    const port = bound();
    expect(await reach(port.local.port)).toBe('ECONNREFUSED');
    expect(listenOn(server(), port, 1)).toBeUndefined();
    expect(await reach(port.local.port)).toBe('connected');
  });

  it('listens with a backlog of 0, which Node does not take for its default', async () => {
    const port = bound();
    expect(listenOn(server(), port, 0)).toBeUndefined();
    expect(await reach(port.local.port)).toBe('connected');
  });

  it('connects from the port, and bytes go in both directions', async () => {
    const target = bound();
    const listener = server();
    listenOn(listener, target, 1);
    const port = bound();
    const client = track(port.toSocket());
    expect(client.allowHalfOpen).toBe(true);
    const accepted = once(listener, 'connection');
    client.connect(target.local);
    const [conn] = (await accepted) as [net.Socket];
    track(conn);
    expect(conn.remotePort).toBe(port.local.port);
    await once(client, 'connect');
    expect(client.localPort).toBe(port.local.port);
    client.write('there');
    expect(String((await once(conn, 'data'))[0])).toBe('there');
    conn.write('and back');
    expect(String((await once(client, 'data'))[0])).toBe('and back');
  });

  it('fails to connect where no socket listens', async () => {
    const client = track(bound().toSocket());
    client.connect(reservedPort(), HOST);
    await expect(once(client, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  (hasPython ? it : it.skip)('holds the port until close(), which frees it at once', () => {
    const port = bound(HOST, reservedPort());
    expect(pythonBind(port.local.port)).toBe('Errno 98');
    port.close();
    expect(pythonBind(port.local.port)).toBeNull();
  });

  it('frees the port at once when its server closes', () => {
    const port = bound(HOST, reservedPort());
    const listener = server();
    listenOn(listener, port, 1);
    listener.close();
    const again = bound(HOST, port.local.port);
    expect(listenOn(server(), again, 1)).toBeUndefined();
  });

  it('fails within the call when the second of two that are bound listens, and the event comes as well', async () => {
    const first = bound();
    const second = bound(HOST, first.local.port);
    expect(listenOn(server(), first, 1)).toBeUndefined();
    const late = server();
    const event = once(late, 'error').catch((error: unknown) => [error]);
    const failure = listenOn(late, second, 1);
    expect(failure).toMatchObject({ code: 'EADDRINUSE' });
    expect(late.listening).toBe(false);
    expect((await event)[0]).toBe(failure?.cause);
    expect(diagnostics.hasSubscribers('tracing:net.server.listen:error')).toBe(false);
  });

  (hasIPv6 ? describe : describe.skip)('on IPv6', () => {
    it('binds, listens and connects', async () => {
      const port = bound('::1');
      expect(port.local.host).toBe('::1');
      listenOn(server(), port, 1);
      expect(await reach(port.local.port, '::1')).toBe('connected');
    });

    it('refusesIPv4() knows whether a backend obeys it', () => {
      expect(refusesIPv4(backend)).toBe(true);
      expect(refusesIPv4((local, options) => backend(local, { ...options, ipv6Only: false }))).toBe(false);
    });

    it('takes IPv4 too, unless IPv6 alone is asked for', async () => {
      const mapped = `::ffff:${HOST}`;
      const port = bound(mapped);
      listenOn(server(), port, 1);
      expect(await reach(port.local.port)).toBe('connected');
      expect(backend({ host: mapped, port: 0 }, { ...PLAIN, ipv6Only: true })).toMatchObject({ code: 'EINVAL' });
      const own = bound('::1', 0, { ...PLAIN, ipv6Only: true });
      expect(own.local.host).toBe('::1');
      own.close();
    });
  });

  // Before Node 22.12 the option is refused before it comes here (spec/options/options.spec.ts).
  if (support.reusePort) {
    it('shares the port only with sockets that ask for it too', () => {
      const shared = { ...PLAIN, reusePort: true };
      const first = bound(HOST, 0, shared);
      expect(listenOn(server(), first, 1)).toBeUndefined();
      const second = bound(HOST, first.local.port, shared);
      expect(listenOn(server(), second, 1)).toBeUndefined();
      expect(backend(first.local, PLAIN)).toMatchObject({ code: 'EADDRINUSE' });
    });
  }

  const bindsPaths = process.platform !== 'win32' && (name !== 'net.BoundSocket' || boundPaths);
  if (!bindsPaths) return;

  describe('on a path', () => {
    it('binds, listens, and fails within the call where the path is taken', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bind-'));
      ends.push(() => rmSync(folder, { recursive: true, force: true }));
      const local = { path: join(folder, 'socket') };
      const first = backend(local, PLAIN);
      if (first instanceof Failure) throw new Error(`bind failed: ${first.code}`);
      expect(first.local).toEqual(local);
      expect(backend(local, PLAIN)).toMatchObject({ code: 'EADDRINUSE' });
      expect(listenOn(server(), first, 1)).toBeUndefined();
      const client = track(net.connect(local.path));
      await once(client, 'connect');
    });

    it('says so where its folder is not there', () => {
      expect(backend({ path: join(tmpdir(), 'no such folder', 'socket') }, PLAIN)).toMatchObject({ code: 'ENOENT' });
    });
  });
});

describe('bind', () => {
  it('is the first backend', () => {
    const port = bind({ host: HOST, port: 0 }, PLAIN);
    expect(port).not.toBeInstanceOf(Failure);
    if (!(port instanceof Failure)) port.close();
  });
});
