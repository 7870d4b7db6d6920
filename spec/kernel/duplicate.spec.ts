import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { serve } from '../../lib/serve/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { bound, FAMILIES, listening, own, pair, recvAll, tcp, turns } from '../support/pairs.ts';
import { memoryPair } from '../support/node-streams.ts';
import { hasPython } from '../support/python.ts';
import { tlsPair } from '../support/tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'await-socket-duplicate-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** How many descriptors this process has. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function udp(): socket.Socket {
  return own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
}

async function unixPair(): Promise<[socket.Socket, socket.Socket]> {
  const [one, other] = await socket.socketpair();
  return [own(one), own(other)];
}

function kernelPair(): [socket.Socket, socket.Socket] {
  const [one, other] = socket.socketpairSync();
  return [own(one), own(other)];
}

/** On the documented path, Node makes the descriptor of a connection later, and dup() has to wait for it. */
const itConnects = process.env.AWAIT_SOCKET_FAST_PATH === 'off' ? it.skip : it;

describeKernel('dup()', () => {
  it.each(FAMILIES)('gives a second socket on a connection over %s', async (_name, family) => {
    const [one, other] = await pair(family);
    const second = own(one.dup());
    expect(second.fileno()).not.toBe(one.fileno());
    expect([second.family, second.type, second.proto]).toEqual([one.family, one.type, one.proto]);
    expect([second.getsockname(), second.getpeername()]).toEqual([one.getsockname(), one.getpeername()]);
    one.close();
    await second.sendall('still open');
    expect(String(await other.recv(100))).toBe('still open');
    second.close();
    expect(await other.recv(100)).toHaveLength(0);
  });

  it('shares what was received and not read', async () => {
    const [one, other] = await pair();
    await other.sendall('abcdef');
    expect(String(await one.recv(2))).toBe('ab');
    const second = own(one.dup());
    expect(String(await second.recv(2))).toBe('cd');
    expect(String(await one.recv(2))).toBe('ef');
  });

  it('lets a call that waits have what a line of the copy has left', async () => {
    const [one, other] = kernelPair();
    const copy = own(one.dup());
    const waits = one.recv(100);
    // The line takes all from the kernel, which therefore does not wake the call that waits.
    await other.sendall('line\nrest');
    expect(String(await copy.recvLine())).toBe('line\n');
    expect(String(await waits)).toBe('rest');
  });

  it('finds the end of a line after a copy has taken its beginning', async () => {
    const [one, other] = kernelPair();
    const copy = own(one.dup());
    const line = copy.recvLine();
    await other.sendall('beginning');
    // The line has these bytes by then, and has searched them.
    await turns(5);
    expect(String(await one.recv(100))).toBe('beginning');
    await other.sendall('end\n');
    expect(String(await line)).toBe('end\n');
  });

  it('keeps the calls that wait, and the time limit', async () => {
    const [one, other] = await pair();
    one.settimeout(30);
    const waits = one.recv(100);
    const second = own(one.dup());
    expect(second.gettimeout()).toBe(30);
    await other.sendall('to the first');
    expect(String(await waits)).toBe('to the first');
  });

  it.each([
    ['recv', (one: socket.Socket) => one.recv(9)],
    ['recvfrom', (one: socket.Socket) => one.recvfrom(9)],
    ['recvInto', (one: socket.Socket) => one.recvInto(Buffer.alloc(9))],
    ['recvfromInto', (one: socket.Socket) => one.recvfromInto(Buffer.alloc(9))],
  ])('tells a reset to %s() calls that waited before', async (_name, call) => {
    const [one, other] = await pair();
    const waits = [call(one), call(one)];
    const settled = Promise.allSettled(waits);
    own(one.dup());
    // Bytes that the peer has not read make its close() a reset.
    await one.sendall('unread');
    await other.sendall('first');
    await waits[0];
    other.close();
    const [first, second] = await settled;
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } });
  });

  it('gives a second listener, which takes part of the clients', async () => {
    const listener = listening();
    const waits = listener.accept();
    const second = own(listener.dup());
    const client = tcp();
    await client.connect(listener.getsockname());
    const [conn] = await waits;
    own(conn);
    listener.close();
    const late = tcp();
    await late.connect(second.getsockname());
    const [other, address] = await second.accept();
    own(other);
    expect(address).toEqual(late.getsockname());
    await other.sendall('from the second');
    expect(String(await late.recv(100))).toBe('from the second');
  });

  it('keeps the clients that Node has accepted already', async () => {
    const listener = listening();
    const client = tcp();
    await client.connect(listener.getsockname());
    const other = tcp();
    await other.connect(listener.getsockname());
    await client.sendall('early');
    own(await listener.accept().then(([conn]) => conn));
    own(listener.dup());
    const [conn, address] = await listener.accept();
    own(conn);
    expect(address).toEqual(other.getsockname());
  });

  it('shares the clients that Node has accepted already, also after the first is closed', async () => {
    const listener = listening();
    const clients = [tcp(), tcp(), tcp()];
    for (const client of clients) await client.connect(listener.getsockname());
    // Node has accepted them by then.
    await turns(5);
    const [second, third] = [own(listener.dup()), own(listener.dup())];
    expect(await select.select([second], [], [])).toEqual([[second], [], []]);
    const [one, address] = await second.accept();
    own(one);
    expect(address).toEqual(clients[0]?.getsockname());
    listener.close();
    second.close();
    own((await third.accept())[0]);
    third.close();
    // As the kernel does with those that wait, once the last holder has closed.
    await expect(clients[2]?.recv(1)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('keeps options, and the port of a bound socket', () => {
    const fresh = own(socket.socket());
    fresh.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    const second = own(fresh.dup());
    expect(second.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).toBe(1);
    expect(second.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)).toBe(1);
    expect(second.getsockname()).toEqual(['0.0.0.0', 0]);
    const one = bound();
    const local = one.getsockname();
    expect(own(one.dup()).getsockname()).toEqual(local);
  });

  it.each(FAMILIES)('knows that the socket is connected over %s', async (_name, family) => {
    const [one] = await pair(family);
    expect(await own(one.dup()).connectEx(one.getpeername())).toBe(106);
    const limited = tcp(family);
    limited.settimeout(30);
    const address = listening(family).getsockname();
    await limited.connect(address);
    const copy = own(limited.dup());
    expect([await copy.connectEx(address), await limited.connectEx(address)]).toEqual([0, 106]);
  });

  it('connects a copy, and both know it', async () => {
    const one = tcp();
    const copy = own(one.dup());
    const address = listening().getsockname();
    await copy.connect(address);
    expect([await copy.connectEx(address), await one.connectEx(address)]).toEqual([106, 106]);
  });

  it.each(FAMILIES)('keeps what was shut down over %s', async (_name, family) => {
    const [one, other] = await pair(family);
    one.shutdown(socket.SHUT_RD);
    expect(await own(one.dup()).recv(1)).toHaveLength(0);
    other.shutdown(socket.SHUT_WR);
    await expect(own(other.dup()).send('x')).rejects.toMatchObject({ code: 'EPIPE' });
  });

  it('keeps what was shut down of datagrams', async () => {
    const [one, other] = [udp(), udp()];
    one.bind(['127.0.0.1', 0]);
    for (const made of [one, other]) await made.connect(one.getsockname());
    one.shutdown(socket.SHUT_RD);
    expect(await own(one.dup()).recv(1)).toHaveLength(0);
    other.shutdown(socket.SHUT_WR);
    await expect(own(other.dup()).send('x')).rejects.toMatchObject({ code: 'EPIPE' });
    const unbound = udp();
    expect(() => unbound.shutdown(socket.SHUT_WR)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    await expect(own(unbound.dup()).sendto('x', one.getsockname())).rejects.toMatchObject({ code: 'EPIPE' });
  });

  it('has SO_REUSEADDR as the program has set it', async () => {
    const reuses = (one: socket.Socket): unknown => one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR);
    expect(reuses(own(bound().dup()))).toBe(0);
    const [client, server] = await pair();
    expect([reuses(own(client.dup())), reuses(own(server.dup()))]).toEqual([0, 0]);
    const listener = own(socket.createServer(['127.0.0.1', 0]));
    expect(reuses(own(listener.dup()))).toBe(1);
  });

  it('keeps datagrams that have come', async () => {
    const receiver = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    receiver.bind(['127.0.0.1', 0]);
    const sender = own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    for (const text of ['one', 'two', 'three']) await sender.sendto(text, receiver.getsockname());
    expect(String(await receiver.recv(100))).toBe('one');
    const second = own(receiver.dup());
    expect(String(await second.recv(100))).toBe('two');
    expect(String(await receiver.recv(100))).toBe('three');
  });

  it('is refused on a closed socket, and while it sends', async () => {
    const closed = tcp();
    closed.close();
    expect(() => closed.dup()).toThrow(expect.objectContaining({ code: 'EBADF' }));
    const [one, other] = await pair();
    const sent = one.sendall(Buffer.alloc(16 * 1024 * 1024));
    expect(() => one.dup()).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    const received = recvAll(other);
    await sent;
    own(one.dup()).close();
    one.close();
    expect(await received).toHaveLength(16 * 1024 * 1024);
  });

  itConnects.each(FAMILIES)('leaves a connect() under way over %s', async (_name, family) => {
    const listener = listening(family);
    const client = tcp(family);
    const connects = client.connect(listener.getsockname());
    const second = own(client.dup());
    await connects;
    const [conn] = await listener.accept();
    own(conn);
    await client.sendall('one');
    await second.sendall('two');
    expect(String(await conn.recvExactly(6))).toBe('onetwo');
    expect([client.getpeername(), second.getsockname()]).toEqual([listener.getsockname(), conn.getpeername()]);
    await expect(client.connect(listener.getsockname())).rejects.toMatchObject({ code: 'EISCONN' });
  });

  itConnects('leaves a connect() under way that is refused, is given up, or does not wait', async () => {
    const closed = bound();
    const nowhere = closed.getsockname();
    closed.close();
    const refused = tcp();
    const connects = refused.connect(nowhere);
    own(refused.dup());
    await expect(connects).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    const listener = listening();
    const polled = tcp();
    polled.settimeout(0);
    await expect(polled.connect(listener.getsockname())).rejects.toMatchObject({ code: 'EINPROGRESS' });
    const second = own(polled.dup());
    await polled.writable();
    await second.sendall('connected');
    const [conn] = await listener.accept();
    expect(String(await own(conn).recv(100))).toBe('connected');
    // The kernel drops what a full queue has no room for, and goes on trying.
    const full = own(socket.createServer(['127.0.0.1', 0], { backlog: 0, queue: 'kernel' }));
    await tcp().connect(full.getsockname());
    const given = tcp();
    const ends = new AbortController();
    const waits = given.connect(full.getsockname(), { signal: ends.signal });
    own(given.dup());
    ends.abort();
    await expect(waits).rejects.toMatchObject({ name: 'AbortError' });
    given.settimeout(0);
    await expect(given.connect(full.getsockname())).rejects.toMatchObject({ code: 'EALREADY' });
  });

  it('is refused over TLS, as are detach() and setInheritable()', async () => {
    const [client] = await tlsPair();
    expect(() => client.dup()).toThrow("Can't dup() SSLSocket instances");
    expect(() => client.detach()).toThrow(/the socket has TLS/);
    expect(() => client.setInheritable(true)).toThrow(/the socket has TLS/);
    expect(client.getInheritable()).toBe(false);
  });

  it('of a pair has no names, as the pair', async () => {
    const [one] = await unixPair();
    const second = own(one.dup());
    expect([second.getsockname(), second.getpeername()]).toEqual(['', '']);
  });

  it('of a bound Unix socket goes on where the path is gone', () => {
    const path = join(folder, 'removed');
    const one = own(socket.socket(socket.AF_UNIX));
    one.bind(path);
    rmSync(path);
    expect(own(one.dup()).getsockname()).toBe(path);
    expect(readdirSync(folder)).not.toContain(`removed.${process.pid}`);
  });

  it('is refused for a connection without a descriptor', () => {
    const [end] = memoryPair();
    const one = own(socket.Socket.from(end));
    expect(() => one.dup()).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
  });

  it('of a number gives another number', async () => {
    const [one] = await unixPair();
    const number = socket.dup(one.fileno());
    expect(number).not.toBe(one.fileno());
    socket.close(number);
    expect(() => socket.dup(-1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => void Reflect.apply(socket.dup, null, ['3'])).toThrow(TypeError);
  });
});

describeKernel('detach()', () => {
  it.each(FAMILIES)('closes the socket, and leaves the descriptor, over %s', async (_name, family) => {
    const [one, other] = await pair(family);
    const number = one.fileno();
    expect(one.detach()).toBe(number);
    expect(one.fileno()).toBe(-1);
    expect(one.detach()).toBe(-1);
    await expect(one.recv(1)).rejects.toMatchObject({ code: 'EBADF' });
    one.close();
    const again = own(new socket.Socket(-1, -1, -1, number));
    await other.sendall('again');
    expect(String(await again.recv(100))).toBe('again');
  });

  it('gives a descriptor to a socket of its own family and type only, also where it is not bound', () => {
    const number = socket.socket().detach();
    const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } = socket;
    expect(() => new socket.Socket(AF_INET6, -1, -1, number)).toThrow("the descriptor's family is 2, not 10");
    expect(() => new socket.Socket(AF_INET, SOCK_DGRAM, -1, number)).toThrow("the descriptor's type is 1, not 2");
    expect(own(new socket.Socket(AF_INET, SOCK_STREAM, -1, number)).fileno()).toBe(number);
  });

  it('leaves a descriptor that can be closed', async () => {
    const [one, other] = await unixPair();
    socket.close(one.detach());
    expect(await other.recv(1)).toHaveLength(0);
  });

  it('ends the calls that wait', async () => {
    const [one] = await unixPair();
    const waits = one.recv(1);
    const refused = expect(waits).rejects.toMatchObject({ code: 'EBADF' });
    socket.close(one.detach());
    await refused;
  });

  it('is refused where Node has read ahead', async () => {
    const [one, other] = await pair();
    await other.sendall('abc');
    await one.recv(1);
    expect(() => one.detach()).toThrow(/Node has read 2 bytes ahead/);
    expect(String(await one.recv(100))).toBe('bc');
    socket.close(one.detach());
  });

  it('is refused where Node has accepted clients', async () => {
    const listener = listening();
    await tcp().connect(listener.getsockname());
    await turns(5);
    expect(() => listener.detach()).toThrow(/Node has accepted 1 connections: accept them first/);
    own((await listener.accept())[0]);
    socket.close(listener.detach());
  });

  it('of a new, a bound and a listening socket can be made one again', async () => {
    for (const one of [tcp(), bound(), listening()]) {
      const name = one.getsockname();
      const again = own(new socket.Socket(-1, -1, -1, one.detach()));
      expect(again.getsockname()).toEqual(name);
    }
  });

  it('leaks no descriptor', async () => {
    const [one, other] = await unixPair();
    socket.close(one.detach());
    other.close();
    const before = descriptors();
    for (let turn = 0; turn < 10; turn += 1) {
      const [first, second] = await unixPair();
      first.dup().close();
      socket.close(first.detach());
      second.close();
    }
    expect(descriptors()).toBe(before);
  });
});

describeKernel('fromfd()', () => {
  it('copies the descriptor', async () => {
    const [one, other] = await unixPair();
    const copy = own(socket.fromfd(one.fileno(), socket.AF_UNIX, socket.SOCK_STREAM));
    expect(copy.fileno()).not.toBe(one.fileno());
    one.close();
    await other.sendall('to the copy');
    expect(String(await copy.recv(100))).toBe('to the copy');
    expect(own(socket.fromfd(copy.fileno(), -1, -1, -1)).type).toBe(socket.SOCK_STREAM);
  });

  it('leaves the bytes to the others where a send over a socket of the same connection fails', async () => {
    const [one, other] = await unixPair();
    const copy = own(socket.fromfd(one.fileno(), -1, -1));
    const third = own(new socket.Socket(-1, -1, -1, copy.detach()));
    await other.sendall('abcd');
    other.close();
    await expect(third.send('x')).rejects.toThrow(socket.BrokenPipeError);
    await turns(2);
    expect(String(await one.recv(100))).toBe('abcd');
  });

  it('shares what Node has read for the first one', async () => {
    const [one, other] = await pair();
    await other.sendall('abcd');
    expect(String(await one.recv(1))).toBe('a');
    const copy = own(socket.fromfd(one.fileno(), -1, -1));
    expect(String(await copy.recv(1))).toBe('b');
    expect(String(await one.recv(100))).toBe('cd');
  });

  it('is refused for what is no socket', () => {
    expect(() => socket.fromfd(9999, -1, -1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => socket.fromfd(-1, -1, -1)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    const file = openSync(__filename, 'r');
    expect(() => socket.fromfd(file, -1, -1)).toThrow(expect.objectContaining({ code: 'ENOTSOCK' }));
    closeSync(file);
    expect(() => void Reflect.apply(socket.fromfd, null, ['3', -1, -1])).toThrow(TypeError);
  });
});

describeKernel('setInheritable()', () => {
  it('is off at first, and on where it was set', async () => {
    const [one] = await unixPair();
    for (const sock of [one, tcp(), bound(), listening()]) {
      expect(sock.getInheritable()).toBe(false);
      sock.setInheritable(false);
      expect(sock.getInheritable()).toBe(false);
      sock.setInheritable(true);
      expect(sock.getInheritable()).toBe(true);
      expect(own(sock.dup()).getInheritable()).toBe(false);
      sock.setInheritable(false);
      expect(sock.getInheritable()).toBe(false);
    }
  });

  (hasPython ? it : it.skip)('passes the socket on to a program', async () => {
    const [one, other] = await unixPair();
    one.setInheritable(true);
    const program = `import socket; s = socket.socket(fileno=${one.fileno()}); s.sendall(b"from the child")`;
    const child = spawn('python3', ['-c', program], { stdio: 'inherit' });
    expect(String(await other.recv(100))).toBe('from the child');
    await new Promise((resolve) => child.once('exit', resolve));
    // The child has made the description blocking; this process goes on.
    const waits = other.recv(100);
    await one.sendall('and from here');
    expect(String(await waits)).toBe('and from here');
    await expect(one.recv(1, 0, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describeKernel("listen() with the kernel's queue", () => {
  it('gives EINVAL to accept() on a Unix socket once its input is shut down', async () => {
    const listener = own(socket.socket(socket.AF_UNIX));
    listener.bind(join(folder, 'shut'));
    listener.listen(1, { queue: 'kernel' });
    const waits = expect(listener.accept()).rejects.toMatchObject({ code: 'EINVAL' });
    listener.shutdown(socket.SHUT_RD);
    await waits;
    await expect(listener.accept()).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it.each(FAMILIES)('accepts over %s when it is asked', async (_name, family) => {
    const listener = bound(family);
    listener.listen(5, { queue: 'kernel' });
    expect(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)).toBe(1);
    const client = tcp(family);
    await client.connect(listener.getsockname());
    await client.sendall('hello');
    const [conn, address] = await listener.accept();
    own(conn);
    expect(address).toEqual(client.getsockname());
    expect(conn.getsockname()).toEqual(client.getpeername());
    expect(String(await conn.recv(100))).toBe('hello');
    conn.toDuplex().destroy();
  });

  it('passes on the options that are set on it later', async () => {
    const { SOL_SOCKET, SO_KEEPALIVE, SO_LINGER, SO_RCVBUF, IPPROTO_TCP, TCP_NODELAY } = socket;
    const listener = own(socket.createServer(['127.0.0.1', 0], { queue: 'kernel' }));
    listener.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0);
    listener.setsockopt(SOL_SOCKET, SO_RCVBUF, 5000);
    // Node's sockets refuse it; the kernel passes it on.
    listener.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(Int32Array.of(1, 5).buffer));
    own(await socket.createConnection(listener.getsockname()));
    const [conn] = await listener.accept();
    own(conn);
    const values = () => [
      conn.getsockopt(SOL_SOCKET, SO_KEEPALIVE),
      conn.getsockopt(IPPROTO_TCP, TCP_NODELAY),
      conn.getsockopt(SOL_SOCKET, SO_RCVBUF),
    ];
    const reported = values();
    conn.setInheritable(true);
    expect([reported, values()]).toEqual([
      [1, 0, 10_000],
      [1, 0, 10_000],
    ]);
  });

  it('keeps as many clients waiting as the backlog says', async () => {
    const listener = own(socket.createServer(['127.0.0.1', 0], { backlog: 1, queue: 'kernel' }));
    const connected: number[] = [];
    const clients = [0, 1, 2, 3].map((number) => {
      const client = tcp();
      client.settimeout(0.3);
      return client.connect(listener.getsockname()).then(
        () => connected.push(number),
        () => undefined,
      );
    });
    await Promise.all(clients);
    expect(connected).toHaveLength(2);
  });

  it('takes no client of another holder', async () => {
    const idle = own(socket.createServer(['127.0.0.1', 0], { queue: 'kernel' }));
    const worker = own(socket.fromfd(idle.fileno(), -1, -1));
    for (let turn = 0; turn < 5; turn += 1) {
      const client = tcp();
      await client.connect(worker.getsockname());
      const [conn, address] = await worker.accept();
      own(conn);
      expect(address).toEqual(client.getsockname());
    }
  });

  it('keeps the path of a Unix listener', async () => {
    const path = join(folder, 'listener');
    const listener = own(socket.socket(socket.AF_UNIX));
    listener.bind(path);
    listener.listen(1, { queue: 'kernel' });
    expect(existsSync(path)).toBe(true);
    const client = own(socket.socket(socket.AF_UNIX));
    await client.connect(path);
    const [conn] = await listener.accept();
    own(conn);
    await client.sendall('by its path');
    expect(String(await conn.recv(100))).toBe('by its path');
  });

  it('is served and drained', async () => {
    const listener = socket.createServer(['127.0.0.1', 0], { queue: 'kernel' });
    const server = serve(listener, async (conn) => {
      await conn.sendall(await conn.recv(100));
    });
    const clients = await Promise.all([1, 2, 3].map(() => socket.createConnection(server.address)));
    for (const client of clients) await own(client).sendall('hello');
    await server.close();
    for (const client of clients) expect(String(await client.recv(100))).toBe('hello');
    expect(server.accepted).toBe(3);
  });

  it('checks its option', () => {
    const one = bound();
    const listen = (options: object): void => one.listen(1, options);
    expect(() => listen({ queue: 'ours' })).toThrow("listen(): queue must be 'node' or 'kernel' (received 'ours')");
    expect(() => listen({ backlog: 1 })).toThrow(TypeError);
    expect(() => void Reflect.apply(socket.createServer, null, [['127.0.0.1', 0], { queue: 1 }])).toThrow(RangeError);
  });
});
