import dgram from 'node:dgram';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { datagramBindBackendsOf } from '../../lib/transports/bind-datagram.ts';
import { Datagrams } from '../../lib/transports/datagram.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { dgramBackend } from '../../lib/transports/dgram-handle.ts';
import { dgramSender } from '../../lib/transports/dgram-sender.ts';
import { connect, localOf, plain, polled, receive, send, Sockets, text } from '../support/datagrams.ts';
import { reservedPort } from '../support/ports.ts';

const backends = datagramBindBackendsOf(dgram.Socket.prototype).map((backend, index, all) => ({
  backend,
  name: index === all.length - 1 ? 'by a look-up that calls back at once' : 'by bindSync and connectSync',
}));
const isLinux = process.platform === 'linux';

/** Whether users other than root may bind the port, as is often so in containers. */
function isUnprivileged(port: number): boolean {
  return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) <= port;
}

/** Does something as a user that is not root, where root runs the tests. */
function asNobody<T>(action: () => T): T {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}

describe.each(backends)('Datagrams, bound $name', ({ backend }) => {
  const sockets = new Sockets(backend);
  afterEach(() => sockets.close());

  describe('bind', () => {
    it('knows its port when it returns', () => {
      const [, address] = sockets.bound();
      expect(address).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
      expect(address.port).toBeGreaterThan(0);
      expect(localOf(sockets.wild()).host).toBe('0.0.0.0');
      expect(localOf(sockets.wild(6)).host).toBe('::');
    });

    it('fails within the call where the port is in use, and can then be bound elsewhere', () => {
      const [, address] = sockets.bound();
      const socket = sockets.fresh();
      expect(socket.bind(address, plain)).toMatchObject({ code: 'EADDRINUSE' });
      expect(socket.bind(address, { ...plain, reuseAddress: true })).toMatchObject({ code: 'EADDRINUSE' });
      expect(socket.isBound).toBe(false);
      expect(socket.bind({ host: '127.0.0.1', port: 0 }, plain)).toBeUndefined();
      expect(socket.isBound).toBe(true);
    });

    it('fails within the call where the address is not of this machine', () => {
      expect(sockets.fresh().bind({ host: '192.0.2.77', port: 0 }, plain)).toMatchObject({ code: 'EADDRNOTAVAIL' });
    });

    (isLinux ? it : it.skip)('fails within the call where the port is privileged', () => {
      const failure = asNobody(() => sockets.fresh().bind({ host: '127.0.0.1', port: 81 }, plain));
      if (isUnprivileged(81)) expect(failure?.code).not.toBe('EACCES');
      else expect(failure).toMatchObject({ code: 'EACCES' });
    });

    it('fails for an address of the other family', () => {
      expect(sockets.fresh().bind({ host: '::1', port: 0 }, plain)).toBeInstanceOf(Failure);
    });

    it('shares a port where both ask for it', () => {
      const options = { ...plain, reuseAddress: true };
      const [one, two] = [sockets.fresh(), sockets.fresh()];
      expect(one.bind({ host: '127.0.0.1', port: 0 }, options)).toBeUndefined();
      expect(two.bind(localOf(one), options)).toBeUndefined();
    });

    it('leaves IPv4 alone with ipv6Only', () => {
      const [, { port }] = sockets.boundTo('0.0.0.0');
      expect(sockets.fresh(6).bind({ host: '::', port }, plain)).toMatchObject({ code: 'EADDRINUSE' });
      expect(sockets.fresh(6).bind({ host: '::', port }, { ...plain, ipv6Only: true })).toBeUndefined();
    });

    it('has freed the port when close() returns', () => {
      const [socket, address] = sockets.bound(4, reservedPort());
      socket.close();
      expect(sockets.fresh().bind(address, plain)).toBeUndefined();
    });

    it('has a descriptor as long as it is bound', () => {
      const socket = sockets.fresh();
      expect(socket.descriptor).toBe(-1);
      socket.bind({ host: '127.0.0.1', port: 0 }, plain);
      if (process.platform !== 'win32') expect(socket.descriptor).toBeGreaterThan(2);
      socket.close();
      expect(socket.descriptor).toBe(-1);
    });
  });

  describe('receive', () => {
    it('gives whole datagrams with their sender, in order, empty ones too', async () => {
      const [receiver, to] = sockets.bound();
      const [sender, from] = sockets.bound();
      expect(await send(sender, 'one', to)).toBe(3);
      expect(await send(sender, '', to)).toBe(0);
      expect(await send(sender, 'three', to)).toBe(5);
      expect(await receive(receiver)).toEqual({ data: Buffer.from('one'), from, length: 3, truncated: false });
      expect(await receive(receiver)).toEqual({ data: Buffer.alloc(0), from, length: 0, truncated: false });
      expect(await receive(receiver)).toEqual({ data: Buffer.from('three'), from, length: 5, truncated: false });
    });

    it('cuts off what is longer than asked for, says so, and loses the rest', async () => {
      const [receiver, to] = sockets.bound();
      const [sender, from] = sockets.bound();
      await send(sender, 'abcdef', to);
      await send(sender, 'gh', to);
      await send(sender, 'ij', to);
      expect(await receive(receiver, { size: 2 })).toEqual({
        data: Buffer.from('ab'),
        from,
        length: 6,
        truncated: true,
      });
      expect(await receive(receiver, { size: 2 })).toMatchObject({ data: Buffer.from('gh'), truncated: false });
      expect(await receive(receiver, { size: 0 })).toMatchObject({ data: Buffer.alloc(0), truncated: true });
      expect(await polled(receiver)).toBe('timeout');
    });

    it('peek leaves the datagram in the queue, whatever the caller does with the copy', async () => {
      const [receiver, to] = sockets.bound();
      await send(sockets.wild(), 'abc', to);
      const first = await receive(receiver, { peek: true, size: 2 });
      expect(first).toMatchObject({ data: Buffer.from('ab'), truncated: true });
      if (typeof first === 'object') first.data.fill(0);
      expect(await text(receiver)).toBe('abc');
    });

    it('waits without a port, and is served once there is one', async () => {
      const receiver = sockets.fresh();
      const waiting = text(receiver);
      receiver.bind({ host: '127.0.0.1', port: 0 }, plain);
      await send(sockets.wild(), 'hello', localOf(receiver));
      expect(await waiting).toBe('hello');
    });

    it('serves the calls that wait in their order', async () => {
      const [receiver, to] = sockets.bound();
      const waiting = [text(receiver), text(receiver), text(receiver)];
      const sender = sockets.wild();
      for (const word of ['first', 'second', 'third']) await send(sender, word, to);
      expect(await Promise.all(waiting)).toEqual(['first', 'second', 'third']);
    });

    it('loses nothing when a wait is aborted', async () => {
      const [receiver, to] = sockets.bound();
      const abort = new AbortController();
      const ended = text(receiver, { deadline: null, signal: abort.signal });
      const sent = send(sockets.wild(), 'kept', to);
      abort.abort();
      expect(await ended).toBe('abort');
      await sent;
      expect(await text(receiver)).toBe('kept');
    });

    it('drops what comes when the queue is full, and receives again once it is not', async () => {
      const [receiver, to] = sockets.bound();
      const sender = sockets.wild();
      // One at a time and waited for, so that it is this queue and not the kernel's that is full.
      receiver.setReceiveBuffer(1);
      for (const word of ['one', 'two', 'drops']) {
        await send(sender, word, to);
        expect(await receive(receiver, { peek: true })).toMatchObject({ data: Buffer.from('one') });
        await cameIn(sender);
      }
      expect([await text(receiver), await text(receiver)]).toEqual(['one', 'two']);
      await send(sender, 'again', to);
      expect(await text(receiver)).toBe('again');
    });

    /** Waits for a datagram that was sent after all others, to another socket: by then those have come in too. */
    async function cameIn(sender: Datagrams): Promise<void> {
      const [third, address] = sockets.bound();
      await send(sender, 'mark', address);
      await text(third);
    }

    it('is over when the socket is closed', async () => {
      const [receiver] = sockets.bound();
      const waiting = [text(receiver), text(receiver)];
      receiver.close();
      expect(await Promise.all(waiting)).toEqual(['close', 'close']);
    });
  });

  describe('send', () => {
    it('takes what fits into a datagram, and no more', async () => {
      const [receiver, to] = sockets.bound();
      const sender = sockets.wild();
      expect(await send(sender, Buffer.alloc(65507, 7), to)).toBe(65507);
      expect(await receive(receiver)).toMatchObject({ length: 65507, truncated: false });
      expect(await send(sender, Buffer.alloc(65508), to)).toBe('EMSGSIZE');
      expect(await send(sender, 'still fine', to)).toBe(10);
    });

    it('refuses without a peer, port 0, and broadcast that is not allowed', async () => {
      const sender = sockets.wild();
      expect(await send(sender, 'x')).toBe('EDESTADDRREQ');
      expect(await send(sender, '')).toBe('EDESTADDRREQ');
      expect(await send(sender, 'x', { host: '127.0.0.1', port: 0 })).toBe('EINVAL');
      expect(await send(sender, 'x', { host: '127.255.255.255', port: 9 })).toBe('EACCES');
      expect(await send(sockets.fresh(), 'x', { host: '127.0.0.1', port: 9 })).toBe('EBADF');
    });

    it('sends what is sent at the same time in the order of the calls', async () => {
      const [receiver, to] = sockets.bound();
      const sender = sockets.wild();
      const words = Array.from({ length: 50 }, (_, index) => `number ${index}`);
      const sent = Promise.all(words.map((word) => send(sender, word, to)));
      for (const word of words) expect(await text(receiver)).toBe(word);
      expect(await sent).toEqual(words.map((word) => word.length));
    });

    it('goes on after one that failed', async () => {
      const [receiver, to] = sockets.bound();
      const sender = sockets.wild();
      const sent = Promise.all([send(sender, Buffer.alloc(70000), to), send(sender, 'next', to)]);
      expect(await sent).toEqual(['EMSGSIZE', 4]);
      expect(await text(receiver)).toBe('next');
    });

    it('reaches IPv4 from an IPv6 socket', async () => {
      const [receiver, { port }] = sockets.bound();
      expect(await send(sockets.wild(6), 'mapped', { host: '::ffff:127.0.0.1', port })).toBe(6);
      expect(await text(receiver)).toBe('mapped');
    });

    it('counts as sent once the kernel has it, although the socket is then closed', async () => {
      const [receiver, to] = sockets.bound();
      const sender = sockets.wild();
      await send(sender, 'first', to);
      const sent = send(sender, 'last', to);
      sender.close();
      expect(await sent).toBe(process.env.AWAIT_SOCKET_FAST_PATH === 'off' ? 'close' : 4);
      expect([await text(receiver), await text(receiver)]).toEqual(['first', 'last']);
    });

    it('is over when the socket is closed', async () => {
      const [, to] = sockets.bound();
      // The documented sender reports what the kernel says only in the next tick.
      const sender = new Datagrams(4, dgramBackend(backend, dgramSender));
      sender.bind({ host: '0.0.0.0', port: 0 }, plain);
      const sent = [send(sender, 'one', to), send(sender, 'two', to)];
      sender.close();
      expect(await Promise.all(sent)).toEqual(['close', 'close']);
    });
  });

  describe('shutdown', () => {
    it('ends the output for good, also towards others and without a peer', async () => {
      const [, to] = sockets.bound();
      const socket = sockets.wild();
      expect(socket.shutdown(false, true)).toMatchObject({ code: 'ENOTCONN' });
      expect(await send(socket, 'x', to)).toBe('EPIPE');
      expect(await connect(socket, to)).toBe(true);
      expect(socket.shutdown(true, true)).toBeUndefined();
      expect(await send(socket, 'x')).toBe('EPIPE');
    });

    it('ends the input for calls that wait without a limit, and datagrams still come in', async () => {
      const [peer, to] = sockets.bound();
      const socket = sockets.wild();
      await connect(socket, to);
      const waiting = receive(socket);
      expect(socket.shutdown(true, false)).toBeUndefined();
      expect(await waiting).toEqual({ data: Buffer.alloc(0), from: undefined, truncated: false });
      expect(await polled(socket)).toBe('timeout');
      const limited = text(socket, { deadline: performance.now() + 60_000, signal: undefined });
      await send(peer, 'late', localOf(socket));
      expect(await limited).toBe('late');
      expect(await send(socket, 'out')).toBe(3);
    });
  });
});
