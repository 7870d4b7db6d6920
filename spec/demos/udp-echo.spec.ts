import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import * as socket from '../../lib/index.ts';
import { reservedPort } from '../support/ports.ts';
import { hasPython } from '../support/python.ts';
import { endAll, startDemo, startPython, usageError, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
// On Linux, all addresses that begin with 127 belong to this machine.
const itOnLinux = process.platform === 'linux' ? it : it.skip;

afterAll(endAll);

function datagrams(): socket.Socket {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  // No other program gets this port once the socket is closed.
  sock.bind(['127.0.0.1', reservedPort()]);
  return sock;
}

/** With so long a time limit that no test reaches it unless it sets a shorter one. */
function startClient(port: number, args: readonly string[]): Program {
  return startDemo('udp-echo-client', ['--port', String(port), '--timeout', '100', ...args]);
}

const echoes = (...words: readonly string[]): RegExp =>
  new RegExp(`^${words.map((word) => `${word}: echo after [\\d.]+ ms\\n`).join('')}$`);

describe('udp-echo-server', () => {
  let server: Program;
  let port: number;

  beforeAll(async () => {
    port = reservedPort();
    server = startDemo('udp-echo-server', ['--port', String(port)]);
    expect(await server.port()).toBe(port);
  });

  it('serves the client', async () => {
    const { status, stdout, stderr } = await startClient(port, ['hello', 'Grüße', 'hello']).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(echoes('hello', 'Grüße', 'hello'));
  });

  itWithPython('serves the client in Python', async () => {
    const client = startPython('udp_echo_client', [String(port), 'hello', 'Grüße']);
    expect(await client.ended).toEqual({ status: 0, stdout: 'hello\nGrüße\n', stderr: '' });
  });

  it('goes on after a client that has ended, and sends back empty datagrams and the longest', async () => {
    const gone = datagrams();
    await gone.sendto('gone', ['127.0.0.1', port]);
    gone.close();
    using sock = datagrams();
    for (const data of [Buffer.alloc(0), Buffer.alloc(65_507, 'x')]) {
      await sock.sendto(data, ['127.0.0.1', port]);
      const [echo, sender] = await sock.recvfrom(65_535);
      expect(echo.equals(data)).toBe(true);
      expect(sender).toEqual(['127.0.0.1', port]);
    }
  });

  itOnLinux('does not answer a datagram from its own port, which may be from another echo server', async () => {
    using server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    server.bind(['127.0.0.2', port]);
    server.settimeout(0);
    await server.sendto('for ever', ['127.0.0.1', port]);
    // A datagram that is answered comes after it.
    using sock = datagrams();
    await sock.sendto('once', ['127.0.0.1', port]);
    expect((await sock.recv(100)).toString()).toBe('once');
    await expect(server.recv(100)).rejects.toThrow(socket.BlockingIOError);
  });

  it('says in one line that the port is in use', async () => {
    expect(await startDemo('udp-echo-server', ['--port', String(port)]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^udp-echo-server: \[Errno 98\] Address already in use: .*\n$/),
    });
  });

  it('ends when it is interrupted; then the client says that no server is there', async () => {
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'udp-echo-server: interrupted\n' });
    expect(await startClient(port, ['hello']).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: `udp-echo-client: no server at 127.0.0.1:${port}: [Errno 111] Connection refused: recv\n`,
    });
  });
});

describe('udp-echo-client', () => {
  itWithPython('is served by the server in Python', async () => {
    const server = startPython('udp_echo_server', []);
    const { status, stdout, stderr } = await startClient(await server.port(), ['hello', '', 'world']).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(echoes('hello', '', 'world'));
  });

  it('sends lost words again, takes no other datagram for the echo, and says when the server dies', async () => {
    const server = datagrams();
    const client = startClient(Number(server.getsockname()[1]), ['one', 'two', '--timeout', '0.2', '--tries', '100']);
    const words: string[] = [];
    const receive = async (): Promise<socket.Address> => {
      const [word, sender] = await server.recvfrom(100);
      words.push(word.toString());
      return sender ?? '';
    };
    await receive();
    const address = await receive();
    for (const answer of ['other', '', 'one']) await server.sendto(answer, address);
    while (words.at(-1) !== 'two') await receive();
    server.close();
    const { status, stdout, stderr } = await client.ended;
    expect(status).toBe(1);
    expect(stdout).toMatch(/^no echo of try 1\n(no echo of try \d+\n)*one: echo after [\d.]+ ms\n/);
    expect(stderr).toMatch(/^udp-echo-client: no server at 127\.0\.0\.1:\d+: \[Errno 111\] Connection refused: .*\n$/);
  });

  it('gives up when no echo comes', async () => {
    using silent = datagrams();
    const args = ['hello', '--tries', '2', '--timeout', '0.01'];
    expect(await startClient(Number(silent.getsockname()[1]), args).ended).toEqual({
      status: 1,
      stdout: 'no echo of try 1\nno echo of try 2\n',
      stderr: 'udp-echo-client: gave up after 2 tries\n',
    });
  });

  it.each([
    [[], /missing required argument 'words'/],
    [['hello', '--timeout', '0'], /'--timeout <seconds>' argument '0' is invalid\. It must be more than 0 .*/],
  ])('says what is wrong with %j, and its usage', async (args, problem) => {
    expect(await startDemo('udp-echo-client', args).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(usageError('udp-echo-client', problem)),
    });
  });

  it('gives up when a server sends other datagrams again and again', async () => {
    using server = datagrams();
    const args = ['hello', '--tries', '2', '--timeout', '0.1'];
    const client = startClient(Number(server.getsockname()[1]), args);
    const [, address] = await server.recvfrom(100);
    let hasEnded = false;
    void client.ended.then(() => (hasEnded = true));
    while (!hasEnded) {
      // The client may be gone already.
      await server.sendto('other', address ?? '').catch(() => undefined);
      await sleep(10);
    }
    expect(await client.ended).toEqual({
      status: 1,
      stdout: 'no echo of try 1\nno echo of try 2\n',
      stderr: 'udp-echo-client: gave up after 2 tries\n',
    });
  });
});
