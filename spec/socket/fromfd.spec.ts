import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import koffi from 'koffi';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { FAMILIES, itWithIPv6, listening, loopback, own, pair, bound, recvAll, tcp } from '../support/pairs.ts';
import { reservedPort } from '../support/ports.ts';
import { hasKoffi } from '../support/koffi.ts';
import { hasPython, python } from '../support/python.ts';
import { temporaryPath, unix } from '../support/unix.ts';

const program = join(__dirname, '..', 'support', 'peer-fromfd.ts');
const held = join(__dirname, '..', 'support', 'peer-held.ts');
const command = [require.resolve('ts-node/dist/bin'), program];

/** A program that is handed a descriptor. */
class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    own({ [Symbol.dispose]: () => void child.kill('SIGKILL') });
    if (child.stdout === null) throw new Error('its output is needed');
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** Hands a socket's descriptor over, and closes it on this side. */
  static handed(one: Socket, what: string, family = -1, type = -1): Peer {
    const args = [...command, what, '3', String(family), String(type)];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit', one.fileno()] });
    // Without a turn of the event loop in between: this side accepts no client and reads nothing.
    one.close();
    return new Peer(child);
  }

  /** Lets it take the descriptor over. */
  go(): void {
    this.#child.stdin?.write('go\n');
  }

  async tells(): Promise<unknown> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('it ended before its next report');
    return JSON.parse(next.value) as unknown;
  }
}

async function said(one: Socket, text: string): Promise<string> {
  await one.sendall(text);
  one.shutdown(socket.SHUT_WR);
  return (await recvAll(one)).toString();
}

describe.each(FAMILIES)('socket(…, fileno) over %s', (_name, family) => {
  it('makes a listener, which accepts a client that waits already', async () => {
    const listener = tcp(family);
    listener.bind([loopback(family), reservedPort()]);
    listener.listen();
    const local = listener.getsockname();
    const peer = Peer.handed(listener, 'listening');
    const client = tcp(family);
    await client.connect(local);
    const from = client.getsockname();
    const answer = said(client, 'early');
    peer.go();
    expect(await peer.tells()).toEqual({
      kind: [family, socket.SOCK_STREAM, socket.IPPROTO_TCP],
      fd: 3,
      local,
      listens: 1,
    });
    expect(await peer.tells()).toEqual({ from, remote: from, local });
    expect(await answer).toBe('early back');
    expect(await peer.tells()).toEqual(expect.anything());
    expect(await peer.tells()).toBe('closed');
    await expect(tcp(family).connect(local)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('makes a connection, which has the bytes that had arrived before', async () => {
    const [client, server] = await pair(family);
    const [local, remote] = [server.getsockname(), client.getsockname()];
    await client.sendall('early');
    const peer = Peer.handed(server, 'connected');
    peer.go();
    expect(await peer.tells()).toMatchObject({ kind: [family, socket.SOCK_STREAM, socket.IPPROTO_TCP], local });
    expect((await client.recv(100)).toString()).toBe('early back');
    expect(await said(client, 'late')).toBe('late back');
    expect(await peer.tells()).toEqual({ remote });
    expect(await peer.tells()).toBe('closed');
  });

  it('makes a bound socket, which can listen', async () => {
    const one = bound(family);
    const local = one.getsockname();
    const peer = Peer.handed(one, 'bound', family, socket.SOCK_STREAM);
    peer.go();
    expect(await peer.tells()).toMatchObject({ local, listens: 0 });
    expect(await peer.tells()).toBe('listening');
    const client = tcp(family);
    await client.connect(local);
    const from = client.getsockname();
    expect(await said(client, 'hello')).toBe('hello back');
    expect(await peer.tells()).toEqual({ from, remote: from, local });
  });

  it('makes a socket for datagrams', async () => {
    const receiver = own(socket.socket(family, socket.SOCK_DGRAM));
    receiver.bind([loopback(family), 0]);
    const local = receiver.getsockname();
    const peer = Peer.handed(receiver, 'datagrams', family, socket.SOCK_DGRAM);
    const sender = own(socket.socket(family, socket.SOCK_DGRAM));
    sender.bind([loopback(family), 0]);
    await sender.sendto('early', local);
    peer.go();
    expect(await peer.tells()).toEqual({
      kind: [family, socket.SOCK_DGRAM, socket.IPPROTO_UDP],
      fd: 3,
      local,
      listens: 0,
    });
    expect((await sender.recv(100)).toString()).toBe('early back');
    expect(await peer.tells()).toEqual({ from: sender.getsockname() });
  });
});

it('socket(…, fileno) keeps the peer of a connected socket for datagrams', async () => {
  const [one, other] = [0, 0].map(() => own(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)));
  if (one === undefined || other === undefined) throw new Error('two were made');
  one.bind(['127.0.0.1', 0]);
  other.bind(['127.0.0.1', 0]);
  await one.connect(other.getsockname());
  const local = one.getsockname();
  const peer = Peer.handed(one, 'datagrams');
  await other.sendto('early', local);
  peer.go();
  expect(await peer.tells()).toMatchObject({ kind: [socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP], local });
  expect((await other.recv(100)).toString()).toBe('early back');
  expect(await peer.tells()).toEqual({ from: other.getsockname() });
});

it('socket(…, fileno) makes a connected Unix socket', async () => {
  const [one, other] = await socket.socketpair();
  own(other);
  await other.sendall('early');
  const peer = Peer.handed(one, 'connected');
  peer.go();
  expect(await peer.tells()).toMatchObject({ kind: [socket.AF_UNIX, socket.SOCK_STREAM, 0], local: '' });
  expect((await other.recv(100)).toString()).toBe('early back');
  expect(await said(other, 'late')).toBe('late back');
  expect(await peer.tells()).toEqual({ remote: '' });
});

/** A duplicate of a descriptor, with the number of a socket of ours that was just closed. */
function duplicateUnderUsedNumber(descriptor: number): number {
  const libc = koffi.load(null);
  const duplicate = libc.func('int dup(int fd)') as (fd: number) => number;
  for (let tries = 0; tries < 100; tries += 1) {
    const former = bound();
    const number = former.fileno();
    former.close();
    const copy = duplicate(descriptor);
    if (copy === number) return copy;
    // The process has used the number for something else in between.
    closeSync(copy);
  }
  throw new Error('the number of a closed socket was never free');
}

(hasPython ? describe : describe.skip)('socket(…, fileno) of a Unix listener with a name that is not UTF-8', () => {
  it('gives the name as os.fsdecode() does', async () => {
    const source = `
import os, socket, sys
folder, *command = sys.argv[1:]
one = socket.socket(socket.AF_UNIX)
one.bind(os.fsencode(folder) + b'/\\xff')
one.listen()
os.dup2(one.fileno(), 3)
os.set_inheritable(3, True)
os.execv(command[0], [*command, 'listening', '3', '-1', '-1'])`;
    const folder = dirname(temporaryPath());
    const args = ['-c', source, folder, process.execPath, ...command];
    const peer = new Peer(spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    peer.go();
    expect(await peer.tells()).toMatchObject({ local: `${folder}/\udcff`, listens: 1 });
  });
});

describe('socket(…, fileno) raises', () => {
  it.each([
    ['another family', 'EAFNOSUPPORT', socket.AF_INET6, -1, 'family is 2, not 10'],
    ['another type', 'EPROTOTYPE', -1, socket.SOCK_DGRAM, 'type is 1, not 2'],
  ])('%s: %s', async (_what, code, family, type, text) => {
    const peer = Peer.handed(listening(), 'listening', family, type);
    peer.go();
    expect(await peer.tells()).toEqual([code, expect.stringContaining(text)]);
  });

  it('ENOTSUP with the reason for a descriptor that has a socket in this process, which goes on', async () => {
    const run = promisify(execFile)(process.execPath, [command[0] ?? '', held], { timeout: 60_000 });
    const { stdout } = await run;
    const { here, elsewhere } = JSON.parse(stdout) as Record<string, Record<string, string>>;
    const reason = 'this process has a socket with this descriptor already; fromfd() copies it';
    const text = `[Errno 95] Operation not supported: socket N (${reason})`;
    expect(Object.keys(here ?? {})).toHaveLength(16);
    expect(Object.entries(here ?? {}).filter(([, told]) => told !== text)).toEqual([]);
    expect(Object.keys(elsewhere ?? {})).toHaveLength(5);
    expect(Object.entries(elsewhere ?? {}).filter(([, told]) => told !== text)).toEqual([]);
  }, 60_000);

  (hasKoffi ? it : it.skip)('nothing for a descriptor with the number of a closed socket of this process', async () => {
    const listener = listening();
    const number = duplicateUnderUsedNumber(listener.fileno());
    const same = own(new socket.Socket(socket.AF_INET, socket.SOCK_STREAM, -1, number));
    expect(same.fileno()).toBe(number);
    listener.close();
    const client = tcp();
    await client.connect(same.getsockname());
    const [accepted] = await same.accept();
    own(accepted);
    expect(accepted.getpeername()).toEqual(client.getsockname());
    expect(() => new socket.Socket(-1, -1, -1, number)).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
  });

  it('EBADF and ENOTSOCK', () => {
    const file = openSync(__filename, 'r');
    try {
      expect(() => new socket.Socket(socket.AF_INET, socket.SOCK_STREAM, -1, file)).toThrow(
        `[Errno 88] Socket operation on non-socket: socket ${file}`,
      );
    } finally {
      closeSync(file);
    }
    expect(() => new socket.Socket(socket.AF_INET, socket.SOCK_STREAM, -1, 0x7fff_ffff)).toThrow(
      '[Errno 9] Bad file descriptor',
    );
    expect(() => socket.socket(-1, -1, -1, -5)).toThrow(new RangeError('negative file descriptor (received -5)'));
  });

  (hasPython ? it : it.skip)('what Python raises for values that are no descriptor', () => {
    const values = [-1, -5, 99_999, 'x', 1.5, null];
    const source = `
import json, socket, sys
def name(call):
    try:
        call()
    except Exception as error:
        return 'RangeError' if isinstance(error, ValueError) else type(error).__name__
values = json.load(sys.stdin)
print(json.dumps([
    [name(lambda: socket.fromfd(value, 2, 1)) for value in values],
    [name(lambda: socket.socket(2, 1, 0, value)) for value in values],
]))`;
    const name = (call: (...args: never) => unknown, args: readonly unknown[]): string | null => {
      try {
        Reflect.apply(call, undefined, args);
        return null;
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    };
    expect([
      values.map((value) => name(socket.fromfd, [value, 2, 1])),
      values.map((value) => name(socket.socket, [2, 1, 0, value])),
    ]).toEqual(python(source, values));
  });
});

(hasPython ? describe : describe.skip)('socket(…, fileno) of what Python hands over', () => {
  /** Python listens, hands its descriptor to the program, connects, and prints what comes back. */
  const source = `
import json, os, socket, subprocess, sys
command, family, address = json.load(sys.stdin)
listener = socket.socket(family, socket.SOCK_STREAM)
listener.bind(tuple(address) if isinstance(address, list) else address)
listener.listen(1)
fd = listener.fileno()
child = subprocess.Popen([*command, str(fd), str(family), '1'], pass_fds=[fd], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
with socket.socket(family, socket.SOCK_STREAM) as client:
    client.connect(listener.getsockname())
    client.sendall(b'early')
    client.shutdown(socket.SHUT_WR)
    listener.close()
    child.stdin.write('go\\n')
    child.stdin.flush()
    answer = client.recv(100).decode()
told = [json.loads(line) for line in child.stdout]
print(json.dumps([answer, told, child.wait(), isinstance(address, str) and os.path.exists(address)]))`;

  it('a listener on a path, which stays', () => {
    const path = temporaryPath();
    const [answer, told, status, exists] = python(source, [
      [process.execPath, ...command, 'listening'],
      socket.AF_UNIX,
      path,
    ]) as unknown[];
    expect(answer).toBe('early back');
    expect(told).toEqual([
      { kind: [socket.AF_UNIX, socket.SOCK_STREAM, 0], fd: expect.any(Number), local: path, listens: 1 },
      { from: '', remote: '', local: path },
      { remote: '' },
      'closed',
    ]);
    expect(status).toBe(0);
    expect(exists).toBe(true);
  });

  itWithIPv6('a listener for both families, and a client of IPv4', () => {
    const [answer, told] = python(source, [
      [process.execPath, ...command, 'listening'],
      socket.AF_INET6,
      ['::', 0],
    ]) as unknown[];
    expect(answer).toBe('early back');
    expect(told).toMatchObject([{ kind: [socket.AF_INET6, 1, 6], listens: 1 }, {}, {}, 'closed']);
  });
});

const activate = 'systemd-socket-activate';
const hasActivate = spawnSync(activate, ['--version']).status === 0;

(hasActivate ? it : it.skip)('socket(…, fileno) takes what systemd hands over', async () => {
  const path = temporaryPath();
  const child = spawn(activate, ['-l', path, process.execPath, ...command, 'activated', '3'], {
    cwd: join(__dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const peer = new Peer(child);
  for await (const line of createInterface(child.stderr)) if (line.startsWith('Listening on')) break;
  expect(existsSync(path)).toBe(true);
  const client = unix();
  await client.connect(path);
  expect(await said(client, 'first')).toBe('first back');
  expect(await peer.tells()).toMatchObject({ kind: [socket.AF_UNIX, socket.SOCK_STREAM, 0], fd: 3, local: path });
});

(hasActivate ? it : it.skip)('socket(…, fileno) takes a connection that systemd has accepted', async () => {
  const port = reservedPort();
  const listen = ['--accept', '-l', `127.0.0.1:${port}`];
  const child = spawn(activate, [...listen, process.execPath, ...command, 'accepted', '3'], {
    cwd: join(__dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const peer = new Peer(child);
  for await (const line of createInterface(child.stderr)) if (line.startsWith('Listening on')) break;
  const client = tcp();
  await client.connect(['127.0.0.1', port]);
  const [local, remote] = [client.getpeername(), client.getsockname()];
  expect(await said(client, 'first')).toBe('first back');
  const kind = [socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP];
  expect(await peer.tells()).toEqual({ kind, fd: 3, local, listens: 0 });
  expect(await peer.tells()).toEqual({ remote });
});
