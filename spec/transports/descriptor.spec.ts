import { closeSync, openSync } from 'node:fs';
import { expect, describe, it } from '@jest/globals';
import koffi from 'koffi';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { hasKoffi } from '../support/koffi.ts';
import { bound, FAMILIES, listening, loopback, own, pair, recvAll, tcp } from '../support/pairs.ts';
import { temporaryPath, unix } from '../support/unix.ts';

/** Descriptors of this process; those of other processes are in spec/socket/fromfd.spec.ts. */
const inProcess = hasKoffi ? describe : describe.skip;
const libc = hasKoffi ? koffi.load('libc.so.6') : undefined;

function call(prototype: string, ...args: number[]): number {
  const result: unknown = libc?.func(prototype)(...args);
  if (typeof result !== 'number' || result < 0) throw new Error(`${prototype} failed`);
  return result;
}

/** A duplicate of a socket's descriptor, which no socket owns: the socket itself is closed. */
function left(one: Socket): number {
  const descriptor = call('int dup(int)', one.fileno());
  one.close();
  return descriptor;
}

function made(family: number, type: number): number {
  return call('int socket(int, int, int)', family, type, 0);
}

function adopted(descriptor: number, family = -1, type = -1): Socket {
  return own(new socket.Socket(family, type, -1, descriptor));
}

/** What fromfd() raises; it does not take the descriptor over, or has closed it. */
function refusal(descriptor: number, family = -1, type = -1): unknown {
  try {
    adopted(descriptor, family, type);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    try {
      closeSync(descriptor);
    } catch {
      // It is closed.
    }
  }
}

inProcess.each(FAMILIES)('a descriptor of %s', (_name, family) => {
  it('that listens becomes a listener', async () => {
    const listener = listening(family);
    const name = listener.getsockname();
    const server = adopted(left(listener), family, socket.SOCK_STREAM);
    expect([server.getsockname(), server.family, server.type]).toEqual([name, family, socket.SOCK_STREAM]);
    const client = tcp(family);
    await client.connect(name);
    const [conn, address] = await server.accept();
    own(conn);
    expect(address).toEqual(client.getsockname());
    await conn.sendall('hello');
    expect(String(await client.recv(5))).toBe('hello');
  });

  it('that is connected becomes a connection, with the bytes that wait', async () => {
    const [client, conn] = await pair(family);
    await client.sendall('waiting');
    const names = [conn.getsockname(), conn.getpeername()];
    const taken = adopted(left(conn));
    expect([taken.getsockname(), taken.getpeername()]).toEqual(names);
    expect(String(await taken.recv(100))).toBe('waiting');
    await taken.sendall('answer');
    taken.close();
    expect(String(await recvAll(client))).toBe('answer');
  });

  it('that is bound may listen', async () => {
    const one = bound(family);
    const name = one.getsockname();
    const taken = adopted(left(one));
    expect(taken.getsockname()).toEqual(name);
    taken.listen();
    const client = tcp(family);
    await client.connect(name);
    own((await taken.accept())[0]);
  });

  it('of datagrams receives and sends', async () => {
    const one = own(socket.socket(family, socket.SOCK_DGRAM));
    one.bind([loopback(family), 0]);
    const name = one.getsockname();
    const other = own(socket.socket(family, socket.SOCK_DGRAM));
    other.bind([loopback(family), 0]);
    await other.sendto('waiting', name);
    const taken = adopted(left(one));
    const [data, from] = await taken.recvfrom(100);
    expect([String(data), from]).toEqual(['waiting', other.getsockname()]);
  });

  it('of connected datagrams knows its peer', async () => {
    const other = own(socket.socket(family, socket.SOCK_DGRAM));
    other.bind([loopback(family), 0]);
    const one = own(socket.socket(family, socket.SOCK_DGRAM));
    await one.connect(other.getsockname());
    const taken = adopted(left(one));
    expect(taken.getpeername()).toEqual(other.getsockname());
    await taken.send('to the peer');
    expect(String(await other.recv(100))).toBe('to the peer');
  });

  it('is refused where it is of another family or type', () => {
    const other = family === socket.AF_INET ? socket.AF_INET6 : socket.AF_INET;
    expect(refusal(left(listening(family)), other)).toMatchObject({ code: 'EAFNOSUPPORT' });
    expect(refusal(left(bound(family)), other)).toMatchObject({ code: 'EAFNOSUPPORT' });
    expect(refusal(left(listening(family)), -1, socket.SOCK_DGRAM)).toMatchObject({ code: 'EPROTOTYPE' });
  });

  it.each([socket.SOCK_STREAM, socket.SOCK_DGRAM])('without an address becomes a socket of type %d', async (type) => {
    const one = adopted(made(family, type), family, type);
    expect(one.getsockname()[1]).toBe(0);
    const other = type === socket.SOCK_STREAM ? listening(family) : own(socket.socket(family, type));
    if (type === socket.SOCK_DGRAM) other.bind([loopback(family), 0]);
    await one.connect(other.getsockname());
    expect(one.getpeername()).toEqual(other.getsockname());
  });
});

inProcess('a descriptor of AF_UNIX', () => {
  it('that listens becomes a listener', async () => {
    const path = temporaryPath('ü');
    const listener = unix();
    listener.bind(path);
    listener.listen();
    // Node removes the path when the socket that it belongs to closes; until then the descriptor listens at it.
    const server = adopted(call('int dup(int)', listener.fileno()));
    expect(server.getsockname()).toBe(path);
    const client = unix();
    await client.connect(path);
    const accepting = [server.accept(), listener.accept()];
    const [conn] = await Promise.race(accepting);
    own(conn);
    for (const one of accepting) one.catch(() => undefined);
    await conn.sendall('hello');
    expect(String(await client.recv(5))).toBe('hello');
  });

  it('that is connected becomes a connection', async () => {
    const [one, other] = await socket.socketpair();
    own(one);
    own(other);
    const taken = adopted(left(one));
    expect([taken.family, taken.getsockname()]).toEqual([socket.AF_UNIX, '']);
    await taken.sendall('hello');
    expect(String(await other.recv(5))).toBe('hello');
  });

  it.each([socket.SOCK_STREAM, socket.SOCK_DGRAM])('without a name becomes a socket of type %d', (type) => {
    expect(adopted(made(socket.AF_UNIX, type))).toMatchObject({ family: socket.AF_UNIX, type });
  });
});

inProcess('a descriptor of something other than a socket', () => {
  it('is refused', () => {
    expect(refusal(openSync('/dev/null', 'r'))).toMatchObject({ code: 'ENOTSOCK' });
    const gone = openSync('/dev/null', 'r');
    closeSync(gone);
    expect(refusal(gone)).toMatchObject({ code: 'EBADF' });
  });
});
