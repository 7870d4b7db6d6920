import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { AddressLike, Socket } from '../../lib/index.ts';
import { FAMILIES, loopback, own } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';

// Each child compiles lib/ first, which takes long on a busy machine.
jest.setTimeout(120_000);

const OURS = [process.execPath, require.resolve('ts-node/dist/bin'), join(__dirname, '../support/peer-worker.ts')];

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

describe.each(FAMILIES)('a socket that a parent binds and its children listen on, over %s', (_name, family) => {
  const bound = (): Socket => {
    const shared = own(socket.socket(family));
    shared.bind([loopback(family), 0]);
    return shared;
  };

  it('serves all clients by the children, also after one was killed and replaced', async () => {
    const shared = bound();
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

  (hasPython ? it : it.skip)('serves them by children of Python beside ours', async () => {
    const shared = bound();
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
