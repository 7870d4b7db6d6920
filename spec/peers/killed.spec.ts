import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { AddressLike } from '../../lib/index.ts';
import { own, story } from '../support/pairs.ts';
import { hasPython } from '../support/python.ts';
import { temporaryPath } from '../support/unix.ts';

// The child compiles lib/ first.
jest.setTimeout(120_000);

const OURS = [process.execPath, require.resolve('ts-node/dist/bin'), join(__dirname, '../support/peer-killed.ts')];

const PYTHON = [
  'python3',
  '-c',
  `
import json, socket, sys
family, address = map(json.loads, sys.argv[1:])
listener = socket.socket(family)
listener.bind(tuple(address) if isinstance(address, list) else address)
listener.listen()
print(json.dumps(listener.getsockname()), flush=True)
conn, _ = listener.accept()
conn.recv(1)
print('"received"', flush=True)
sys.stdin.readline()
print('"turned"', flush=True)
sys.stdin.readline()`,
];

/**
 * What the clients of a server see when it is killed: one that it has received a byte of, and two that it has not
 * accepted, of which one has sent something.
 */
async function seenOf([program = '', ...args]: readonly string[], family: number): Promise<unknown> {
  const address = family === socket.AF_UNIX ? temporaryPath() : ['127.0.0.1', 0];
  const server = spawn(program, [...args, String(family), JSON.stringify(address)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  own({ [Symbol.dispose]: () => void server.kill('SIGKILL') });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const told = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
  const at = (await told()) as AddressLike;

  const received = own(socket.socket(family, socket.SOCK_STREAM));
  await received.connect(at);
  await received.send(Buffer.alloc(1000));
  expect(await told()).toBe('received');
  const [waiting, sent] = [1, 2].map(() => own(socket.socket(family, socket.SOCK_STREAM)));
  if (waiting === undefined || sent === undefined) throw new Error('both were made');
  await waiting.connect(at);
  await sent.connect(at);
  await sent.send('a request');
  server.stdin.write('\n');
  expect(await told()).toBe('turned');

  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
  return { received: await story(received), waiting: await story(waiting), sent: await story(sent) };
}

describe.each([
  ['TCP', socket.AF_INET],
  ['a Unix socket', socket.AF_UNIX],
])('a server that is killed, on %s', (_name, family) => {
  it('resets only those clients whose bytes are still in the kernel', async () => {
    const reset = ['ECONNRESET', 0, 0];
    expect(await seenOf(OURS, family)).toEqual({ received: [0, 0], waiting: [0, 0], sent: reset });
  });

  (hasPython ? it : it.skip)('resets all of them where it is a program of Python', async () => {
    const reset = ['ECONNRESET', 0, 0];
    expect(await seenOf(PYTHON, family)).toEqual({ received: reset, waiting: reset, sent: reset });
  });
});
