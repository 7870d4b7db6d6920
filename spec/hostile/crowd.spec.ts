import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { listening, recvAll } from '../support/peer.ts';
import { runProgram, startProgram } from '../support/peer-child.ts';

// Each program starts a Node of its own, which takes long on a busy machine.
jest.setTimeout(60_000);

/** Whether a child process may have so many descriptors open. */
const allows = (descriptors: number): boolean =>
  process.platform !== 'win32' && spawnSync('sh', ['-c', `ulimit -n ${descriptors}`]).status === 0;
const withDescriptors = (descriptors: number): typeof it.skip => (allows(descriptors) ? it : it.skip);

it('serves each of 50 clients of listen(1)', async () => {
  const listener = listening(socket.AF_INET, 1);
  // They connect one after the other: when many do so at once, a kernel with so short a queue resets some of them
  // itself (SYN cookies).
  const clients: socket.Socket[] = [];
  for (let index = 0; index < 50; index += 1) {
    const client = socket.socket();
    await client.connect(listener.getsockname());
    clients.push(client);
  }
  const ask = async (client: socket.Socket, index: number): Promise<string> => {
    await client.sendall(`client ${index}`);
    client.shutdown(socket.SHUT_WR);
    return (await recvAll(client)).toString();
  };
  const serve = async (): Promise<void> => {
    using conn = (await listener.accept())[0];
    await conn.send(await recvAll(conn));
  };
  const [answers] = await Promise.all([Promise.all(clients.map(ask)), Promise.all(clients.map(serve))]);
  expect(answers).toEqual(clients.map((_, index) => `client ${index}`));
  for (const one of [listener, ...clients]) one.close();
});

withDescriptors(3000)(
  'serves one client beside 1,000 silent ones, and wakes the calls that wait for those',
  async () => {
    const { result, strays, descriptors } = await runProgram('peer-crowd', { args: ['silent'], descriptors: 3000 });
    expect(result).toEqual({ served: 1000, ends: { OSError: 1000 } });
    expect(strays).toEqual([]);
    expect(descriptors.after).toBe(descriptors.before);
  },
);

withDescriptors(9000)('keeps 4,096 connections for accept() in their order, and resets the next', async () => {
  const { result, strays, descriptors } = await runProgram('peer-crowd', { args: ['fullQueue'], descriptors: 9000 });
  expect(result).toEqual({ last: 'ECONNRESET', resets: 0, inOrder: true, next: 'BlockingIOError' });
  expect(strays).toEqual([]);
  expect(descriptors.after).toBe(descriptors.before);
});

it('leaves no descriptor, listener, warning or rejection after 10,000 connections', async () => {
  const { result, strays, descriptors } = await runProgram('peer-crowd', { args: ['sequential'] });
  expect(result).toEqual({ received: 5000, listeners: 0 });
  expect(strays).toEqual([]);
  expect(descriptors.after).toBe(descriptors.before);
});

withDescriptors(100)('goes on accepting once descriptors are free again', async () => {
  const program = startProgram('peer-crowd', { args: ['scarce'], descriptors: 100 });
  try {
    const port = Number(await Promise.race([program.line, program.report.then(() => 'none')]));
    const meet = async (): Promise<{ client: net.Socket; greeting: string }> => {
      const client = net.connect(port, '127.0.0.1');
      const greeting = await new Promise<string>((resolve) => {
        client.once('data', (bytes) => resolve(bytes.toString()));
        client.once('end', () => resolve(''));
        client.once('error', () => resolve(''));
      });
      return { client, greeting };
    };
    const greeted: net.Socket[] = [];
    for (;;) {
      const { client, greeting } = await meet();
      if (greeting === '') break;
      greeted.push(client);
    }
    expect(greeted.length).toBeGreaterThan(10);
    expect(greeted.length).toBeLessThan(100);
    // The other side closes when it has seen the end.
    for (const client of greeted) {
      const closed = once(client, 'close');
      client.end();
      await closed;
    }
    const { client, greeting } = await meet();
    expect(greeting).toBe('hi');
    client.end('stop');
    expect(await program.report).toMatchObject({ result: { served: greeted.length + 1 }, strays: [] });
  } finally {
    program.kill();
  }
});
