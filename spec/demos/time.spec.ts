import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasPython } from '../support/python.ts';
import { endAll, startDemo, startPython, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;

afterAll(endAll);

function datagrams(): socket.Socket {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind(['127.0.0.1', 0]);
  return sock;
}

/** With so long a time limit that no test reaches it unless it sets a shorter one. */
function startClient(port: number, args: readonly string[] = ['--timeout', '100']): Program {
  return startDemo('time-client', ['--port', String(port), ...args]);
}

/** Seconds since 1970, as a time server counts them. */
const now = (): number => Math.floor(Date.now() / 1000);

/** The number in `3 seconds behind`. */
function secondsIn(difference: string, word: 'ahead' | 'behind'): number {
  return Number(new RegExp(`^(\\d+) seconds ${word}$`).exec(difference)?.[1]);
}

/** Answers one question, and returns the client's output. */
async function clientWith(answer: Buffer): ReturnType<typeof startClient>['ended'] {
  using server = datagrams();
  const client = startClient(Number(server.getsockname()[1]));
  const [, sender] = await server.recvfrom(100);
  await server.sendto(answer, sender ?? '');
  return await client.ended;
}

describe('time-server', () => {
  let server: Program;
  let port: number;

  beforeAll(async () => {
    // No other program gets this port once the server has ended.
    port = reservedPort();
    server = startDemo('time-server', ['--port', String(port)]);
    expect(await server.port()).toBe(port);
  });

  it('gives the client the time', async () => {
    const before = now();
    const { status, stdout, stderr } = await startClient(port).ended;
    const passed = now() - before;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [, told = '', difference = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z), (.*)\n$/.exec(stdout) ?? [];
    expect(Date.parse(told) / 1000).toBeGreaterThanOrEqual(before);
    expect(Date.parse(told) / 1000).toBeLessThanOrEqual(before + passed);
    // On a busy machine, time passes between the answer and the moment when the client reads its own clock.
    if (difference !== 'as here') expect(secondsIn(difference, 'behind')).toBeLessThanOrEqual(passed + 1);
  });

  itWithPython('tells the client in Python', async () => {
    const before = now();
    const { status, stdout } = await startPython('time_client', [String(port)]).ended;
    expect(status).toBe(0);
    expect(Number(stdout)).toBeGreaterThanOrEqual(before);
    expect(Number(stdout)).toBeLessThanOrEqual(now());
  });

  it('does not answer four bytes, which may be from another time server', async () => {
    using sock = datagrams();
    for (const question of ['four', '', 'other']) await sock.sendto(question, ['127.0.0.1', port]);
    expect(await sock.recv(100)).toHaveLength(4);
    expect(await sock.recv(100)).toHaveLength(4);
    // An empty datagram, which is answered, comes after them.
    using other = datagrams();
    await other.sendto('', ['127.0.0.1', port]);
    expect(await other.recv(100)).toHaveLength(4);
    sock.settimeout(0);
    await expect(sock.recv(100)).rejects.toThrow(socket.BlockingIOError);
  });

  it('ends when it is interrupted; then the client says that no server is there', async () => {
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'time-server: interrupted\n' });
    expect(await startClient(port).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: `time-client: no server at 127.0.0.1:${port}: [Errno 111] Connection refused: recv\n`,
    });
  });

  it('says in one line that the port is in use', async () => {
    using other = datagrams();
    expect(await startDemo('time-server', ['--port', String(other.getsockname()[1])]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^time-server: \[Errno 98\] Address already in use: .*\n$/),
    });
  });
});

describe('time-client', () => {
  itWithPython("says by how much Python's clock is ahead", async () => {
    const server = startPython('time_server', ['3600']);
    const port = await server.port();
    const before = now();
    const { status, stdout } = await startClient(port).ended;
    const passed = now() - before;
    expect(status).toBe(0);
    const ahead = secondsIn(stdout.trimEnd().split(', ')[1] ?? '', 'ahead');
    expect(ahead).toBeLessThanOrEqual(3601);
    expect(ahead).toBeGreaterThanOrEqual(3599 - passed);
  });

  it('takes small numbers for times after 2036', async () => {
    const { stdout } = await clientWith(Buffer.from([0, 0, 0, 0]));
    expect(stdout).toMatch(/^2036-02-07T06:28:16\.000Z, /);
  });

  it('says in one line that an answer is not a time', async () => {
    expect(await clientWith(Buffer.from('12:00'))).toEqual({
      status: 1,
      stdout: '',
      stderr: 'time-client: an answer of 5 bytes is not a time of four bytes\n',
    });
  });

  it('gives up when no answer comes', async () => {
    using silent = datagrams();
    const client = startClient(Number(silent.getsockname()[1]), ['--tries', '2', '--timeout', '0.01']);
    expect(await client.ended).toEqual({
      status: 1,
      stdout: 'no answer to try 1\nno answer to try 2\n',
      stderr: 'time-client: gave up after 2 tries\n',
    });
  });
});
