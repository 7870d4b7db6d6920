import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { EBADF, ECONNRESET, ENOTCONN } from '../support/expected-errors.ts';
import {
  accepted,
  bound,
  deserted,
  FAMILIES,
  itWithIPv6,
  listening,
  loopback,
  pair,
  portOf,
  reset,
  tcp,
} from '../support/pairs.ts';

const { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM } = socket;

describe('socket()', () => {
  it('is of AF_INET and SOCK_STREAM by default', () => {
    for (const one of [socket.socket(), socket.socket(-1, -1, -1), new socket.Socket()]) {
      expect([one.family, one.type, one.proto]).toEqual([AF_INET, SOCK_STREAM, 0]);
      expect(one).toBeInstanceOf(socket.Socket);
      one.close();
    }
  });

  it('keeps what was asked for, without the flags', () => {
    const one = socket.socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, socket.IPPROTO_TCP);
    expect([one.family, one.type, one.proto]).toEqual([AF_INET6, SOCK_STREAM, socket.IPPROTO_TCP]);
    expect(one.gettimeout()).toBe(0);
    one.close();
  });

  it.each([
    [[999, SOCK_STREAM, 0], 97, 'EAFNOSUPPORT'],
    [[AF_INET, 999, 0], 22, 'EINVAL'],
    [[AF_INET, SOCK_STREAM, 300], 22, 'EINVAL'],
    [[AF_INET, SOCK_STREAM, -2], 22, 'EINVAL'],
    [[AF_INET, socket.SOCK_SEQPACKET, 0], 94, 'ESOCKTNOSUPPORT'],
    [[AF_INET, socket.SOCK_RAW, 0], 93, 'EPROTONOSUPPORT'],
    [[AF_INET, SOCK_STREAM, socket.IPPROTO_UDP], 93, 'EPROTONOSUPPORT'],
    [[AF_INET, SOCK_DGRAM, socket.IPPROTO_TCP], 93, 'EPROTONOSUPPORT'],
  ] as const)('raises what Linux raises for %p', ([family, type, proto], errno, code) => {
    expect(() => socket.socket(family, type, proto)).toThrow(
      expect.objectContaining({ name: 'OSError', errno, code, syscall: 'socket' }),
    );
  });

  it('raises TypeError for what is no integer', () => {
    // @ts-expect-error -- a family is a number
    expect(() => socket.socket('AF_INET')).toThrow(TypeError);
    expect(() => socket.socket(AF_INET, 1.5)).toThrow(TypeError);
    expect(() => socket.socket(AF_INET, SOCK_STREAM, 2 ** 40)).toThrow(RangeError);
  });
});

describe.each(FAMILIES)('the names of a socket of %s', (_name, family) => {
  const unspecified = family === AF_INET6 ? ['::', 0, 0, 0] : ['0.0.0.0', 0];

  it('are those that it has so far', async () => {
    const one = tcp(family);
    expect(one.getsockname()).toEqual(unspecified);
    expect(() => one.getpeername()).toThrow(expect.objectContaining({ ...ENOTCONN, syscall: 'getpeername' }));
    one.bind([loopback(family), 0]);
    const name = one.getsockname();
    expect(name.slice(0, 1)).toEqual([loopback(family)]);
    expect(name).toHaveLength(family === AF_INET6 ? 4 : 2);
    expect(() => one.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    one.listen();
    expect(one.getsockname()).toEqual(name);
    expect(() => one.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
  });

  it('are each other’s on a connection', async () => {
    const [client, server] = await pair(family);
    expect(client.getpeername()).toEqual(server.getsockname());
    expect(server.getpeername()).toEqual(client.getsockname());
  });

  it('stay as long as the connection does: after shutdown(), and after the peer has closed', async () => {
    const [client, server] = await pair(family);
    const name = server.getsockname();
    client.shutdown(socket.SHUT_RD);
    expect(client.getpeername()).toEqual(name);
    const [near, far] = await pair(family);
    const peer = far.getsockname();
    far.close();
    expect(await near.recv(1)).toHaveLength(0);
    expect(near.getpeername()).toEqual(peer);
  });

  it('are gone after a reset, except for its own', async () => {
    const [client, server] = await pair(family);
    const name = client.getsockname();
    reset(server);
    await expect(client.recv(1)).rejects.toMatchObject(ECONNRESET);
    expect(() => client.getpeername()).toThrow(expect.objectContaining(ENOTCONN));
    expect(client.getsockname()).toEqual(name);
  });
});

describe('fileno()', () => {
  it('is the descriptor once there is one, another for each socket, and −1 once closed', async () => {
    const sockets = [bound(), listening(), ...(await pair())];
    const numbers = sockets.map((one) => one.fileno());
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toBeGreaterThan(2);
    for (const one of sockets) {
      one.close();
      expect(one.fileno()).toBe(-1);
    }
    expect(tcp().fileno()).toBe(-1);
  });
});

describe('errors', () => {
  it('carry number, name, text, call, address and Node’s error', async () => {
    const address = deserted();
    const error: unknown = await tcp()
      .connect(address)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(socket.ConnectionRefusedError);
    expect(error).toBeInstanceOf(socket.ConnectionError);
    expect(error).toBeInstanceOf(socket.error);
    expect(error).toMatchObject({
      errno: 111,
      code: 'ECONNREFUSED',
      strerror: 'Connection refused',
      syscall: 'connect',
      address: `127.0.0.1:${address[1]}`,
      message: `[Errno 111] Connection refused: connect 127.0.0.1:${address[1]}`,
      cause: expect.objectContaining({ code: 'ECONNREFUSED', syscall: 'connect' }),
    });
  });

  itWithIPv6('carry the peer’s address, also when it has gone', async () => {
    const [client, server] = await pair(AF_INET6);
    const port = portOf(server);
    reset(server);
    const cause = expect.objectContaining({ code: 'ECONNRESET' });
    await expect(client.recv(1)).rejects.toMatchObject({ ...ECONNRESET, address: `[::1]:${port}`, cause });
  });

  it('carry the address that was asked for', () => {
    const listener = listening();
    const text = `127.0.0.1:${portOf(listener)}`;
    expect(() => tcp().bind(listener.getsockname())).toThrow(
      expect.objectContaining({ address: text, message: `[Errno 98] Address already in use: bind ${text}` }),
    );
    listener.close();
    expect(() => listener.getsockname()).toThrow(
      expect.objectContaining({
        ...EBADF,
        message: '[Errno 9] Bad file descriptor: getsockname (the socket is closed)',
      }),
    );
  });

  it('have only the fields that concern them', async () => {
    const one = tcp();
    const error: unknown = await one.recv(1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ address: undefined, syscall: 'recv' });
    expect(error).not.toHaveProperty('cause');
  });
});

describe('ref() and unref()', () => {
  const run = (keeps: string): string => {
    const program = path.join(__dirname, '../support/ends-by-itself.ts');
    const { stdout } = spawnSync(process.execPath, [require.resolve('ts-node/dist/bin'), program, keeps], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return stdout;
  };

  it('change nothing about the calls that wait, and may be called again', async () => {
    const [one, other] = await pair();
    const waiting = one.unref().unref().recv(1);
    await other.sendall('a');
    expect(String(await waiting)).toBe('a');
    const more = one.recv(1);
    one.ref().ref();
    await other.sendall('b');
    expect(String(await more)).toBe('b');
  });

  it.each(['unref', 'unref early', 'close'])('let the process end although calls wait: %s', (keeps) => {
    expect(run(keeps)).toBe('ended\n');
  });

  it('keep it alive again', () => {
    expect(run('ref')).toBe('still here\nended\n');
  });

  it('return the socket', async () => {
    const [client] = await pair();
    const listener = listening();
    for (const one of [client, listener, tcp(), bound()]) {
      expect(one.unref()).toBe(one);
      expect(one.ref()).toBe(one);
    }
    const visitor = tcp();
    await visitor.connect(listener.getsockname());
    await accepted(listener);
  });
});
