import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { linger, pattern, recvAll } from '../support/pairs.ts';
import { endAll, startDemo, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

let server: Program;
let port: number;

beforeAll(async () => {
  server = startDemo('selector-echo', ['--port', '0', '--clients', '3']);
  port = await server.port();
});

afterAll(endAll);

const connect = (): Promise<socket.Socket> => socket.createConnection(['127.0.0.1', port]);

describe('selector-echo', () => {
  it('sends all back, to a client that sends far more than it reads at first', async () => {
    const sent = pattern(8 << 20);
    using client = await connect();
    const sending = client.sendall(sent).then(() => client.shutdown(socket.SHUT_WR));
    using other = await connect();
    await other.sendall('not delayed');
    expect(String(await other.recv(100))).toBe('not delayed');
    const received = await recvAll(client);
    await sending;
    expect(received.equals(sent)).toBe(true);
  });

  it('goes on after a client that resets its connection, and says so', async () => {
    const client = await connect();
    await client.sendall('x');
    await client.recv(1);
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger(1, 0));
    client.close();
    await server.printed(/^lost 127\.0\.0\.1:\d+: \[Errno 104\] Connection reset by peer/m);
    using next = await connect();
    await next.sendall('y');
    expect(String(await next.recv(1))).toBe('y');
  });

  it('has room for so many clients, and no more', async () => {
    const clients: socket.Socket[] = [];
    for (let count = 0; count < 3; count += 1) {
      const client = await connect();
      await client.sendall('x');
      expect(await client.recv(1)).toHaveLength(1);
      clients.push(client);
    }
    using late = await connect();
    expect(await late.recv(1)).toHaveLength(0);
    await server.printed(/^no room for 127\.0\.0\.1:\d+$/m);
    for (const client of clients) client.close();
  });

  it('ends when it is interrupted', async () => {
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'selector-echo: interrupted\n' });
  });
});
