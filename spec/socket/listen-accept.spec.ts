import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EADDRINUSE, EAGAIN, EBADF, ECONNRESET, EINVAL, TIMED_OUT } from '../support/expected-errors.ts';
import {
  accepted,
  bound,
  FAMILIES,
  listening,
  loopback,
  own,
  pair,
  portOf,
  recvAll,
  reset,
  story,
  tcp,
} from '../support/pairs.ts';

/** Connects, and sends its name. */
async function visit(listener: socket.Socket, name: string): Promise<socket.Socket> {
  const client = tcp(listener.family);
  await client.connect(listener.getsockname());
  await client.sendall(name);
  return client;
}

async function nameOf(connection: socket.Socket): Promise<string> {
  return String(await connection.recv(100));
}

describe('listen()', () => {
  it.each([undefined, 0, 1, -1, 128, 4096, 2 ** 31 - 1])('takes a backlog of %p', async (backlog) => {
    const listener = bound();
    listener.listen(backlog);
    await visit(listener, 'hello');
    expect(await nameOf(await accepted(listener))).toBe('hello');
  });

  it.each([
    [2 ** 31, RangeError],
    [2 ** 40, RangeError],
    [1.5, TypeError],
    [NaN, TypeError],
    ['1', TypeError],
    [null, TypeError],
  ])('refuses a backlog of %p', (backlog, errorClass) => {
    const one = bound();
    // @ts-expect-error -- these are deliberately no backlogs
    expect(() => one.listen(backlog)).toThrow(errorClass);
    one.close();
    // @ts-expect-error -- the arguments are checked before the state
    expect(() => one.listen(backlog)).toThrow(errorClass);
    expect(() => one.listen()).toThrow(expect.objectContaining(EBADF));
  });

  it.each(FAMILIES)('takes a free port of all interfaces where %s is not bound', async (_name, family) => {
    const listener = tcp(family);
    listener.listen();
    expect(listener.getsockname()[0]).toBe(family === socket.AF_INET6 ? '::' : '0.0.0.0');
    const client = tcp(family);
    await client.connect([loopback(family), portOf(listener)]);
    await accepted(listener);
  });

  it('may be called twice', async () => {
    const listener = listening();
    listener.listen(5);
    await visit(listener, 'x');
    await accepted(listener);
  });

  it('raises EINVAL on a connection', async () => {
    for (const one of await pair()) expect(() => one.listen()).toThrow(expect.objectContaining(EINVAL));
  });

  it('raises EADDRINUSE where another socket listens by now, and can be tried again', async () => {
    const first = bound();
    const second = tcp();
    second.bind(first.getsockname());
    first.listen();
    expect(() => second.listen()).toThrow(expect.objectContaining(EADDRINUSE));
    first.close();
    if (portOf(second) === 0) second.bind(['127.0.0.1', 0]);
    second.listen();
    await visit(second, 'second');
    expect(await nameOf(await accepted(second))).toBe('second');
  });
});

describe('accept()', () => {
  it.each(FAMILIES)("gives the connection and the client's address, on %s", async (_name, family) => {
    const listener = listening(family);
    const client = tcp(family);
    await client.connect(listener.getsockname());
    const [connection, address] = await listener.accept();
    own(connection);
    expect(connection).toBeInstanceOf(socket.Socket);
    expect(address).toEqual(client.getsockname());
    expect(connection.getpeername()).toEqual(client.getsockname());
    expect(connection.getsockname()).toEqual(client.getpeername());
    expect([connection.family, connection.type, connection.proto]).toEqual([family, socket.SOCK_STREAM, 0]);
  });

  it('raises EINVAL on a socket that does not listen', async () => {
    const [client, server] = await pair();
    for (const one of [tcp(), bound(), client, server]) await expect(one.accept()).rejects.toMatchObject(EINVAL);
  });

  it('serves the calls that wait in their order', async () => {
    const listener = listening();
    const waiting = [0, 1, 2].map(() => accepted(listener));
    for (const name of ['first', 'second', 'third']) await visit(listener, name);
    expect(await Promise.all((await Promise.all(waiting)).map(nameOf))).toEqual(['first', 'second', 'third']);
  });

  it('takes clients that connected before it in their order', async () => {
    const listener = listening();
    const names = Array.from({ length: 20 }, (_, index) => `client ${index}`);
    for (const name of names) await visit(listener, name);
    const seen: string[] = [];
    while (seen.length < names.length) seen.push(await nameOf(await accepted(listener)));
    expect(seen).toEqual(names);
  });

  it('serves two tasks that accept in turn, none of them stranded', async () => {
    const listener = listening();
    const seen: string[] = [];
    const task = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) seen.push(await nameOf(await accepted(listener)));
    };
    const tasks = [task(5), task(5)];
    for (let index = 0; index < 10; index += 1) await visit(listener, `client ${index}`);
    await Promise.all(tasks);
    expect(seen.sort()).toEqual(Array.from({ length: 10 }, (_, index) => `client ${index}`));
  });

  it('gives a client that sent and closed before it was accepted', async () => {
    const listener = listening();
    (await visit(listener, 'gone by now')).close();
    expect(String(await recvAll(await accepted(listener)))).toBe('gone by now');
  });

  it('gives a client that reset before it was accepted, and recv() reports the reset', async () => {
    const listener = listening();
    const client = tcp();
    await client.connect(listener.getsockname());
    reset(client);
    expect(await story(await accepted(listener))).toEqual(['ECONNRESET', 0, 0]);
  });

  it('gives the data of a client that reset before it was accepted, then the reset', async () => {
    const listener = listening();
    reset(await visit(listener, 'twelve bytes'));
    expect(await story(await accepted(listener))).toEqual([12, 'ECONNRESET', 0, 0]);
  });

  it('raises TimeoutError when it times out, BlockingIOError with a limit of 0, and loses no client', async () => {
    const listener = listening();
    listener.settimeout(0.01);
    await expect(listener.accept()).rejects.toMatchObject({ ...TIMED_OUT, syscall: 'accept' });
    listener.setblocking(false);
    await expect(listener.accept()).rejects.toMatchObject({ ...EAGAIN, syscall: 'accept' });
    await visit(listener, 'late');
    listener.settimeout(null);
    expect(await nameOf(await accepted(listener))).toBe('late');
  });

  it('accepts a client that has connected, with a time limit of 0', async () => {
    const listener = listening();
    await visit(listener, 'there already');
    listener.setblocking(false);
    expect(await nameOf(await accepted(listener))).toBe('there already');
    await expect(listener.accept()).rejects.toMatchObject(EAGAIN);
  });

  it('is woken by close() with EBADF: every call that waits', async () => {
    const listener = listening();
    const waiting = [listener.accept(), listener.accept()];
    listener.close();
    for (const one of waiting) await expect(one).rejects.toMatchObject(EBADF);
    await expect(listener.accept()).rejects.toMatchObject(EBADF);
  });

  it('is woken by shutdown() with EINVAL, and the socket may listen again', async () => {
    const listener = listening();
    const waiting = listener.accept();
    listener.shutdown(socket.SHUT_RDWR);
    await expect(waiting).rejects.toMatchObject(EINVAL);
    await expect(listener.accept()).rejects.toMatchObject(EINVAL);
    listener.listen();
    await visit(listener, 'again');
    expect(await nameOf(await accepted(listener))).toBe('again');
  });

  it('resets clients that were not accepted when the listener closes', async () => {
    const listener = listening();
    const clients = [await visit(listener, 'one'), await visit(listener, 'two')];
    listener.setblocking(false);
    // Once this one is accepted, the later ones are in our queue or still in the kernel: both are reset.
    const first = await accepted(listener);
    listener.close();
    expect(await nameOf(first)).toBe('one');
    await expect(clients[1]?.recv(1)).rejects.toMatchObject(ECONNRESET);
    await first.sendall('still served');
    expect(await nameOf(clients[0] ?? first)).toBe('still served');
  });

  it('leaves accepted connections alone when the listener closes', async () => {
    const listener = listening();
    const client = await visit(listener, 'x');
    const connection = await accepted(listener);
    listener.close();
    await connection.sendall('open');
    expect(await nameOf(client)).toBe('open');
  });
});
