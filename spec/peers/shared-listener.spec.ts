import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { AddressLike, Socket } from '../../lib/index.ts';
import { bound, FAMILIES, own } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';
import { temporaryPath, unix } from '../support/unix.ts';

// Each child compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

const commandOf = (name: string): string[] => [
  process.execPath,
  require.resolve('ts-node/dist/bin'),
  join(__dirname, '../support', `${name}.ts`),
];

const OURS = commandOf('peer-worker');

const PYTHON = [
  'python3',
  '-c',
  `
import os, socket
listener = socket.socket(fileno=3)
listener.settimeout(3600)
listener.listen()
print('listening', flush=True)
while True:
    conn, address = listener.accept()
    conn.sendall(str(os.getpid()).encode())
    conn.close()`,
];

/** A child that listens on a socket that this process has only bound. */
async function worker(shared: Socket, [program = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit', shared.fileno()] });
  own({ [Symbol.dispose]: () => void child.kill('SIGKILL') });
  if (child.stdout === null) throw new Error('its output is needed');
  expect(await once(createInterface(child.stdout), 'line')).toEqual(['listening']);
  return child;
}

interface Place {
  readonly family: number;
  readonly address: AddressLike;
}

async function connected({ family, address }: Place): Promise<Socket> {
  const client = own(socket.socket(family));
  client.settimeout(30);
  await client.connect(address);
  return client;
}

/** The child that served each of so many clients, one after the other. */
async function served({ family, address }: Place, clients: number): Promise<number[]> {
  const by: number[] = [];
  while (by.length < clients) {
    using client = await connected({ family, address });
    by.push(Number(String(await client.recv(100))));
  }
  return by;
}

const pids = (children: readonly ChildProcess[]): (number | undefined)[] => children.map(({ pid }) => pid);

const SHARED = [
  ...FAMILIES.map(([name, family]) => [name, family, () => bound(family)] as const),
  [
    'AF_UNIX',
    socket.AF_UNIX,
    () => {
      const one = unix();
      one.bind(temporaryPath());
      return one;
    },
  ] as const,
];

describe.each(SHARED)('a socket that a parent binds and its children listen on, over %s', (_name, family, make) => {
  it('serves all clients by the children, also after one was killed and replaced', async () => {
    const shared = make();
    const place = { family, address: shared.getsockname() };
    await expect(connected(place)).rejects.toThrow(socket.ConnectionRefusedError);
    const [first, second] = [await worker(shared, OURS), await worker(shared, OURS)];
    for (const pid of await served(place, 20)) expect(pids([first, second])).toContain(pid);
    const gone = once(first, 'exit');
    first.kill('SIGKILL');
    await gone;
    for (const pid of await served(place, 20)) expect(pid).toBe(second.pid);
    const third = await worker(shared, OURS);
    for (const pid of await served(place, 20)) expect(pids([second, third])).toContain(pid);
  });

  it('keeps a client waiting while no child is left, until the next one serves it', async () => {
    const shared = make();
    const first = await worker(shared, OURS);
    const gone = once(first, 'exit');
    first.kill('SIGKILL');
    await gone;
    const client = await connected({ family, address: shared.getsockname() });
    const second = await worker(shared, OURS);
    expect(Number(String(await client.recv(100)))).toBe(second.pid);
  });

  (hasPython ? it : it.skip)('serves them by children of Python beside ours', async () => {
    const shared = make();
    const place = { family, address: shared.getsockname() };
    const [first, second] = [await worker(shared, PYTHON), await worker(shared, OURS)];
    for (const pid of await served(place, 20)) expect(pids([first, second])).toContain(pid);
    // Each child can serve alone.
    const gone = once(second, 'exit');
    second.kill('SIGKILL');
    await gone;
    for (const pid of await served(place, 5)) expect(pid).toBe(first.pid);
  });
});

describe('workers of node:cluster', () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const hasReusePort = process.platform === 'linux' && (major > 22 || (major === 22 && minor >= 12));

  async function clustered(how: string): Promise<unknown> {
    const [file = '', ...args] = commandOf('peer-cluster');
    const { stdout } = await promisify(execFile)(file, [...args, how], { timeout: 100_000 });
    return JSON.parse(stdout);
  }

  it('serve one port on the socket that their primary has bound', async () => {
    expect(await clustered('passed')).toEqual({ told: ['listening', 'listening'], strangers: [] });
  });

  (hasReusePort ? it : it.skip)('serve one port by SO_REUSEPORT, from Node 22.12 on', async () => {
    expect(await clustered('reused')).toEqual({ told: ['listening', 'listening'], strangers: [] });
  });

  it('cannot listen on one port by two sockets, as two processes of Python cannot', async () => {
    expect(await clustered('own')).toEqual({ told: ['listening', 'EADDRINUSE'], strangers: [] });
  });
});
