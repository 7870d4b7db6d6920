import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
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

function startClient(port: number, args: readonly string[] = []): Program {
  return startDemo('time-client', ['--port', String(port), ...args]);
}

/** Answers one question, and gives what the client makes of that. */
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
    server = startDemo('time-server', ['--port', '0']);
    port = await server.port();
  });

  it('tells the client the time', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, stdout, stderr } = await startClient(port).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z, as here\n$/);
    const told = Date.parse(stdout.slice(0, 24)) / 1000;
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(Date.now() / 1000);
  });

  itWithPython('tells the client in Python', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, stdout } = await startPython('time_client', [String(port)]).ended;
    expect(status).toBe(0);
    expect(Number(stdout)).toBeGreaterThanOrEqual(before);
    expect(Number(stdout)).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it('ends when it is interrupted; then the client says that nobody is there', async () => {
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'time-server: interrupted\n' });
    expect(await startClient(port).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: `time-client: nobody is at 127.0.0.1:${port}: [Errno 111] Connection refused: recv\n`,
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
    const { status, stdout } = await startClient(await server.port()).ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/, (3599|3600|3601) seconds ahead\n$/);
  });

  it('takes small numbers for times after 2036', async () => {
    const { stdout } = await clientWith(Buffer.from([0, 0, 0, 0]));
    expect(stdout).toMatch(/^2036-02-07T06:28:16\.000Z, /);
  });

  it('says in one line that an answer is no time', async () => {
    expect(await clientWith(Buffer.from('12:00'))).toEqual({
      status: 1,
      stdout: '',
      stderr: 'time-client: an answer of 5 bytes is no time of four bytes\n',
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
