import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, jest } from '@jest/globals';
import { own, recvAll, staysPending, tcp } from '../support/pairs.ts';

// The child compiles lib/ first.
jest.setTimeout(60_000);

(process.platform === 'linux' ? it : it.skip)(
  'while a program computes, the kernel keeps so many of its clients as listen() has said, and the others wait',
  async () => {
    const program = [require.resolve('ts-node/dist/bin'), join(__dirname, '../support/peer-backlog.ts'), '5'];
    const server = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] });
    own({ [Symbol.dispose]: () => void server.kill('SIGKILL') });
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const clients = Array.from({ length: 9 }, () => tcp());
    const connects = clients.map((client) => client.connect(['127.0.0.1', Number(port)]));
    // Linux takes one more than the backlog says.
    await Promise.all(connects.slice(0, 6));
    for (const connect of connects.slice(6)) expect(await staysPending(connect)).toBe(true);
    server.stdin.write('\n');
    // The kernel asks again a second later.
    await Promise.all(connects);
    expect((await Promise.all(clients.map((client) => recvAll(client)))).map(String)).toEqual(clients.map(() => 'x'));
  },
);
