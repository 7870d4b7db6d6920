import { once } from 'node:events';
import net from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Socket, SocketDuplex } from '../../lib/index.ts';
import { EBADF } from '../support/expected-errors.ts';
import { hasIPv6 } from '../support/network.ts';
import {
  deserted,
  itWithIPv6,
  listening,
  MORE_THAN_THE_KERNEL_HOLDS,
  own,
  pair,
  pattern,
  portOf,
  recvAll,
  reset,
  staysPending,
  tcp,
  turns,
} from '../support/pairs.ts';
import { clientContext } from '../support/tls-contexts.ts';
import { quietTlsPair } from '../support/tls.ts';
import { temporaryPath, unix, unixPair } from '../support/unix.ts';

const itWithTypeOfService = 'setTypeOfService' in net.Socket.prototype ? it : it.skip;

const streams: Duplex[] = [];

afterEach(() => {
  for (const stream of streams.splice(0)) stream.on('error', () => undefined).destroy();
});

/** A stream that is destroyed at the end of the test. */
function streamOf(one: Socket, options?: socket.DuplexOptions): SocketDuplex {
  const stream = one.toDuplex(options);
  streams.push(stream);
  return stream;
}

/** All bytes up to the end of a stream. */
async function readAll(stream: Duplex): Promise<Buffer> {
  const blocks: Buffer[] = [];
  stream.on('data', (block: Buffer) => blocks.push(block));
  await once(stream, 'end');
  return Buffer.concat(blocks);
}

describe.each([
  ['TCP', () => pair()],
  ['Unix', () => unixPair()],
  ['TLS', () => quietTlsPair()],
])('a stream over %s', (_kind, connect: () => Promise<[Socket, Socket]>) => {
  it('takes the connection over: the socket is closed', async () => {
    const [near, far] = await connect();
    const waiting = near.recv(1);
    const stream = streamOf(near);
    expect(near.fileno()).toBe(-1);
    await expect(waiting).rejects.toMatchObject(EBADF);
    await expect(near.send('more')).rejects.toMatchObject(EBADF);
    stream.write('to the peer');
    expect(String(await far.recv(100))).toBe('to the peer');
    await far.sendall('and back');
    expect(await once(stream, 'data')).toEqual([Buffer.from('and back')]);
    expect(stream.bytesRead).toBe(8);
    expect(stream.bytesWritten).toBe(11);
  });

  it('begins with what a file of the socket has read ahead', async () => {
    const [near, far] = await connect();
    await far.sendall('a line\nread ahead, ');
    const file = near.makefile('rb');
    expect(String(await file.readline())).toBe('a line\n');
    const stream = streamOf(near);
    await far.sendall('and not');
    far.shutdown(socket.SHUT_WR);
    expect(String(await readAll(stream))).toBe('read ahead, and not');
  });

  it('carries any number of bytes in both directions at once', async () => {
    const [near, far] = await connect();
    const bytes = pattern(4_000_000);
    const stream = streamOf(near, { allowHalfOpen: true });
    const there = recvAll(far);
    const back = readAll(stream);
    const sent = far.sendall(bytes).then(() => far.shutdown(socket.SHUT_WR));
    for (let start = 0; start < bytes.length; start += 99_999) {
      if (!stream.write(bytes.subarray(start, start + 99_999))) await once(stream, 'drain');
    }
    stream.end();
    expect((await back).equals(bytes)).toBe(true);
    expect((await there).equals(bytes)).toBe(true);
    await sent;
  });

  it('holds the peer back while its bytes are not wanted', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    const sending = far.sendall(Buffer.alloc(MORE_THAN_THE_KERNEL_HOLDS));
    expect(await staysPending(sending)).toBe(true);
    expect(stream.readableLength).toBeLessThanOrEqual(stream.readableHighWaterMark + 65_536);
    let length = 0;
    stream.on('data', (block: Buffer) => (length += block.length));
    await sending;
    far.close();
    await once(stream, 'end');
    expect(length).toBe(MORE_THAN_THE_KERNEL_HOLDS);
  });

  it('asks its writer to wait while the peer reads nothing', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    const block = Buffer.alloc(65_536);
    let drained: Promise<unknown> | undefined;
    while (stream.bytesWritten < MORE_THAN_THE_KERNEL_HOLDS && drained === undefined) {
      if (stream.write(block)) continue;
      const drain = once(stream, 'drain');
      if (await staysPending(drain)) drained = drain;
    }
    expect(stream.bytesWritten).toBeLessThan(MORE_THAN_THE_KERNEL_HOLDS);
    const taken = recvAll(far);
    await drained;
    stream.end();
    expect((await taken).length).toBe(stream.bytesWritten);
  });

  it('ends its output when the peer has ended its own', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    const closed = once(stream, 'close');
    far.shutdown(socket.SHUT_WR);
    stream.resume();
    expect(await closed).toEqual([false]);
    expect(await far.recv(1)).toHaveLength(0);
    expect(stream.readyState).toBe('closed');
  });

  it('is half-open where the program asks for it', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near, { allowHalfOpen: true });
    far.shutdown(socket.SHUT_WR);
    stream.resume();
    await once(stream, 'end');
    expect(stream.readyState).toBe('writeOnly');
    await turns(10);
    stream.end('after the end');
    expect(String(await recvAll(far))).toBe('after the end');
  });

  it('goes on reading after its own end', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    stream.end('the question');
    expect(String(await recvAll(far))).toBe('the question');
    expect(stream.readyState).toBe('readOnly');
    await far.sendall('the answer');
    far.close();
    expect(String(await readAll(stream))).toBe('the answer');
  });

  it('closes the connection when it is destroyed, once', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    let closes = 0;
    stream.on('close', () => (closes += 1));
    stream.destroy();
    stream.destroy();
    expect(await far.recv(1)).toHaveLength(0);
    await turns(5);
    expect(closes).toBe(1);
    expect(stream.destroyed).toBe(true);
  });

  it('sends what was written before destroySoon()', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    const bytes = pattern(3_000_000);
    stream.write(bytes);
    stream.destroySoon();
    const closed = once(stream, 'close');
    expect((await recvAll(far)).equals(bytes)).toBe(true);
    await closed;
  });

  it('reports a write to a peer that is gone', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near, { allowHalfOpen: true });
    far.close();
    await once(stream.resume(), 'end');
    const failed = once(stream, 'error');
    const closed = new Promise((resolve) => stream.once('close', resolve));
    const write = (): void => {
      if (!stream.destroyed) stream.write('into the void', () => setImmediate(write));
    };
    write();
    const [error] = (await failed) as [socket.OSError];
    expect(['EPIPE', 'ECONNRESET']).toContain(error.code);
    expect(await closed).toBe(true);
  });

  it('works in a pipeline', async () => {
    const [near, far] = await connect();
    const [stream, other] = [streamOf(near), streamOf(far)];
    const echo = pipeline(other, other);
    const bytes = pattern(500_000);
    stream.end(bytes);
    expect((await readAll(stream)).equals(bytes)).toBe(true);
    await echo;
  });

  it('writes corked pieces as one', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    stream.cork();
    stream.write('one, ');
    stream.write('two, ');
    stream.write(Buffer.from('three'));
    stream.uncork();
    expect(String(await far.recv(100))).toBe('one, two, three');
  });

  it('emits timeout after each idle time, and not while bytes come', async () => {
    const [near, far] = await connect();
    const stream = streamOf(near);
    const first = once(stream, 'timeout');
    expect(stream.setTimeout(5)).toBe(stream);
    expect(stream.timeout).toBe(5);
    await first;
    await far.sendall('activity');
    await once(stream, 'data');
    await once(stream, 'timeout');
    stream.setTimeout(0);
    expect(stream.timeout).toBe(0);
  });
});

describe('a stream over TCP', () => {
  it('has the addresses that net.Socket has', async () => {
    const [near, far] = await pair();
    const [localAddress, localPort] = near.getsockname();
    const [remoteAddress, remotePort] = near.getpeername();
    const stream = streamOf(near);
    expect(stream).toMatchObject({ localAddress, localPort, localFamily: 'IPv4' });
    expect(stream).toMatchObject({ remoteAddress, remotePort, remoteFamily: 'IPv4' });
    expect(stream.address()).toEqual({ address: localAddress, port: localPort, family: 'IPv4' });
    expect(stream).toMatchObject({ connecting: false, pending: false, readyState: 'open' });
    far.close();
  });

  it('reports a reset by its code, and then its close', async () => {
    const [near, far] = await pair();
    const stream = streamOf(near);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    reset(far);
    expect(await once(stream, 'error')).toMatchObject([{ code: 'ECONNRESET', errno: 104 }]);
    expect(await closed).toBe(true);
  });

  it('ends a connection that was reset, and reports the reset', async () => {
    const [near, far] = await pair();
    const stream = streamOf(near);
    const errors: unknown[] = [];
    stream.on('error', (error) => errors.push(error));
    const closed = new Promise((resolve) => stream.once('close', resolve));
    reset(far);
    stream.end();
    await closed;
    expect(errors).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('resets the connection where it is told to', async () => {
    const [near, far] = await pair();
    const stream = streamOf(near);
    await far.sendall('not read');
    stream.resetAndDestroy();
    await expect(far.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(stream.resetAndDestroy().destroyed).toBe(true);
  });

  it('connects a socket that is not connected yet', async () => {
    const listener = listening();
    const stream = streamOf(tcp());
    expect(stream).toMatchObject({ pending: true, connecting: false });
    stream.setNoDelay(false).setKeepAlive(true, 5000);
    const told: string[] = [];
    stream.on('connect', () => told.push('connect')).on('ready', () => told.push('ready'));
    stream.connect(portOf(listener), '127.0.0.1');
    stream.end('written before');
    expect(stream).toMatchObject({ pending: true, connecting: true, readyState: 'opening' });
    const [conn] = await listener.accept();
    expect(String(await recvAll(own(conn)))).toBe('written before');
    expect(told).toEqual(['connect', 'ready']);
    expect(stream).toMatchObject({ pending: false, connecting: false, remotePort: portOf(listener) });
  });

  it('connects by a name, an object, and a port alone', async () => {
    const listener = listening();
    const port = portOf(listener);
    for (const connect of [
      (stream: SocketDuplex, ready: () => void) => stream.connect(port, 'localhost', ready),
      (stream: SocketDuplex, ready: () => void) => stream.connect({ port: String(port) }, ready),
      (stream: SocketDuplex, ready: () => void) => stream.connect(port, ready),
      (stream: SocketDuplex, ready: () => void) => stream.connect({ port, host: '127.0.0.1' }, ready),
    ]) {
      const stream = streamOf(tcp());
      await new Promise<void>((resolve) => connect(stream, resolve));
      stream.destroy();
    }
  });

  it('reports a refused connection, and the write that waited for it', async () => {
    const [host, port] = deserted();
    const stream = streamOf(tcp());
    const failed = once(stream, 'error');
    const written = new Promise((resolve) => stream.write('never sent', resolve));
    stream.connect(port, host);
    expect(await failed).toMatchObject([{ code: 'ECONNREFUSED', syscall: 'connect' }]);
    expect(await written).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('gives up a connection that is being made when it is destroyed', async () => {
    const stream = streamOf(tcp());
    const written = new Promise((resolve) => stream.write('never sent', resolve));
    stream.connect(...swapped(deserted())).destroy();
    expect(await written).toMatchObject({ message: 'the socket was closed before the connection was made' });
    await once(stream, 'close');
  });

  it('reports a second connection as an error', async () => {
    const [near] = await pair();
    const stream = streamOf(near);
    stream.connect(1, '127.0.0.1');
    expect(await once(stream, 'error')).toMatchObject([{ code: 'EISCONN' }]);
  });

  it('closes a socket that was never connected', async () => {
    const stream = streamOf(tcp());
    stream.end();
    await once(stream, 'finish');
    stream.destroy();
    await once(stream, 'close');
    expect(stream.address()).toEqual({});
  });

  it.each([
    ['no argument', [], 'connect() takes a port, a path, or an object with one of them (received undefined)'],
    ['an object with neither', [{}], 'connect() takes a port, a path, or an object with one of them'],
    ['a host that is no string', [1, 5], 'connect(): host must be a string (received 5)'],
  ])('refuses to connect to %s', (_what, given: readonly unknown[], text) => {
    const stream = streamOf(tcp());
    expect(() => void Reflect.apply(stream.connect.bind(stream), undefined, given)).toThrow(text);
    expect(stream.connecting).toBe(false);
  });

  it('removes the listener of a time limit', async () => {
    const [near] = await pair();
    const stream = streamOf(near);
    const listener = (): void => undefined;
    stream.setTimeout(60_000, listener);
    expect(stream.listenerCount('timeout')).toBe(1);
    stream.setTimeout(0, listener);
    expect(stream.listenerCount('timeout')).toBe(0);
    expect(() => stream.setTimeout(-1)).toThrow(new RangeError('msecs must be from 0 to 2147483647 (received -1)'));
    expect(() => void Reflect.apply(stream.setTimeout.bind(stream), undefined, ['1'])).toThrow(TypeError);
    stream.destroy();
    expect(stream.setTimeout(5).timeout).toBe(0);
  });

  it('takes options after its end as Node does: nothing happens', async () => {
    const [near] = await pair();
    const stream = streamOf(near).destroy();
    expect(stream.setNoDelay().setKeepAlive().ref().unref()).toBe(stream);
  });

  itWithTypeOfService('has a type of service in both families', async () => {
    for (const family of hasIPv6 ? [socket.AF_INET, socket.AF_INET6] : [socket.AF_INET]) {
      const [near] = await pair(family);
      const stream = streamOf(near);
      expect(stream.setTypeOfService(0x10)).toBe(stream);
      expect(stream.getTypeOfService()).toBe(0x10);
    }
  });

  it('has the other members of a net.Socket', async () => {
    const [near] = await pair();
    const stream = streamOf(near);
    expect(stream.setKeepAlive({ enable: true, initialDelay: 5000 }).setKeepAlive({ enable: false })).toBe(stream);
    expect(stream).toMatchObject({ server: null, autoSelectFamilyAttemptedAddresses: [], bufferSize: 0 });
  });

  itWithIPv6('has addresses of IPv6, and a keep-alive with all of its times', async () => {
    const [near] = await pair(socket.AF_INET6);
    const stream = streamOf(near);
    expect(stream).toMatchObject({ localAddress: '::1', localFamily: 'IPv6', remoteFamily: 'IPv6' });
    expect(stream.setKeepAlive(true, 5000)).toBe(stream);
    expect(stream.setKeepAlive(true)).toBe(stream);
  });

  it('has no such options over a Unix socket', async () => {
    const [near] = await unixPair();
    const stream = streamOf(near);
    expect(stream.setNoDelay().setKeepAlive(true, 1000)).toBe(stream);
    expect(stream.address()).toEqual({});
    expect(stream.remoteFamily).toBeUndefined();
    expect(stream.setTypeOfService(4).getTypeOfService()).toBe(0);
  });
});

describe('toDuplex()', () => {
  it('refuses what is no connection', async () => {
    const datagrams = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    expect(() => datagrams.toDuplex()).toThrow('only SOCK_STREAM type sockets are supported');
    expect(() => listening().toDuplex()).toThrow('the socket listens');
    const closed = tcp();
    closed.close();
    expect(() => closed.toDuplex()).toThrow(expect.objectContaining({ ...EBADF, syscall: 'toDuplex' }));
    const begun = tcp();
    begun.settimeout(0);
    await begun.connect(listening().getsockname()).catch(() => undefined);
    expect(() => begun.toDuplex()).toThrow(expect.objectContaining({ code: 'EALREADY' }));
    const secured = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    expect(() => secured.toDuplex()).toThrow('a TLS socket has to be connected first');
  });

  it('checks its options before anything begins', async () => {
    const [near] = await pair();
    expect(() => void Reflect.apply(near.toDuplex.bind(near), undefined, [{ halfOpen: true }])).toThrow(
      "toDuplex() has no option 'halfOpen' (it has allowHalfOpen)",
    );
    expect(() => void Reflect.apply(near.toDuplex.bind(near), undefined, [{ allowHalfOpen: 1 }])).toThrow(
      new TypeError('toDuplex(): allowHalfOpen must be a boolean (received 1)'),
    );
    expect(near.fileno()).not.toBe(-1);
  });

  it('takes a bound socket along', async () => {
    const listener = listening();
    const one = tcp();
    one.bind(['127.0.0.1', 0]);
    const port = portOf(one);
    const stream = streamOf(one);
    expect(stream.localPort).toBe(port);
    stream.connect(portOf(listener), '127.0.0.1');
    const [conn, address] = await listener.accept();
    expect(own(conn)).toBeDefined();
    expect(address).toEqual(['127.0.0.1', port]);
  });
});

function swapped([host, port]: [host: string, port: number]): [port: number, host: string] {
  return [port, host];
}

describe('a connection by a path', () => {
  it('is made by connect(path)', async () => {
    const listener = unix();
    const path = temporaryPath();
    listener.bind(path);
    listener.listen();
    const stream = streamOf(unix());
    stream.connect({ path });
    const [conn] = await listener.accept();
    stream.end('by path');
    expect(String(await recvAll(own(conn)))).toBe('by path');
  });
});
