import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { own, recvAll, tcp } from '../support/pairs.ts';
import { endAll, startDemo, usageError, type Program } from './processes.ts';

afterEach(endAll);

/** A server on a free port, and that port. */
async function started(...args: readonly string[]): Promise<[server: Program, port: number]> {
  const server = startDemo('drain-server', ['--port', '0', ...args]);
  return [server, await server.port()];
}

async function connected(port: number): Promise<socket.Socket> {
  return own(await socket.createConnection(['127.0.0.1', port]));
}

/** The answer to a line. */
async function answerTo(client: socket.Socket, line: string): Promise<string> {
  await client.sendall(line);
  let answer = '';
  while (!answer.endsWith('\n')) answer += String(await client.recv(100));
  return answer;
}

/** ECONNREFUSED. */
const REFUSED = 111;

/** Waits until no program listens on a port. */
async function isFree(port: number): Promise<void> {
  for (;;) {
    using one = socket.socket();
    if ((await one.connectEx(['127.0.0.1', port])) === REFUSED) return;
    // No event of ours tells when another process stops listening.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('drain-server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'lets conversations finish after %s, and takes no new clients',
    async (name) => {
      const [server, port] = await started();
      const client = await connected(port);
      expect(await answerTo(client, 'one\n')).toBe('ONE\n');
      server.kill(name);
      await server.printed(/^draining: 1 client is being served, 0 wait\n/m);
      await isFree(port);
      expect(await answerTo(client, 'two\n')).toBe('TWO\n');
      client.shutdown(socket.SHUT_WR);
      expect(await recvAll(client)).toHaveLength(0);
      const { status, stdout, stderr } = await server.ended;
      expect(stdout).toMatch(/\nserved \d+, of which 0 were refused and 0 failed\n$/);
      expect({ status, stderr }).toEqual(
        name === 'SIGTERM'
          ? { status: 143, stderr: 'drain-server: SIGTERM\n' }
          : { status: 130, stderr: 'drain-server: interrupted\n' },
      );
    },
  );

  it('breaks conversations off at a second signal', async () => {
    const [server, port] = await started('--clients', '1');
    const [client, waiting] = [await connected(port), await connected(port)];
    expect(await answerTo(client, 'one\n')).toBe('ONE\n');
    server.kill('SIGTERM');
    await server.printed(/^draining: 1 client is being served, \d wait\n/m);
    await isFree(port);
    server.kill('SIGINT');
    await expect(recvAll(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(recvAll(waiting)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const { status, stdout } = await server.ended;
    expect(stdout).toMatch(/\nserved \d+, of which [1-9]\d* were refused and 1 failed\n/);
    expect([130, 143]).toContain(status);
  });

  it('shows the addresses of clients that a trusted proxy announces', async () => {
    const [server, port] = await started('--proxy', '127.0.0.0/8');
    const proxy = await connected(port);
    expect(await answerTo(proxy, 'PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\none\n')).toBe('ONE\n');
    await server.printed(/^serves 192\.0\.2\.1:56324\n/m);
    const wrong = await connected(port);
    await wrong.sendall('one\n');
    await server.printed(/^lost 127\.0\.0\.1:\d+: .*no PROXY header/m);
  });

  it('says what is wrong with its command line', async () => {
    const { status, stderr } = await startDemo('drain-server', ['--clients', '0']).ended;
    expect(status).toBe(2);
    expect(stderr).toMatch(usageError('drain-server', /It must be a whole number from 1 to 1000\./));
    using taken = tcp();
    taken.bind(['127.0.0.1', 0]);
    taken.listen();
    const ending = await startDemo('drain-server', ['--port', String(taken.getsockname()[1])]).ended;
    expect(ending).toMatchObject({ status: 1, stderr: expect.stringMatching(/^drain-server: .*EADDRINUSE|in use/) });
  });
});
