import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { recvAll } from '../support/peer.ts';
import { hasPython } from '../support/python.ts';
import { endAll, Folder, startDemo, startPython, usageError, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itWithPython = hasPython ? it : it.skip;
const folder = new Folder();

afterAll(async () => {
  await endAll();
  folder.remove();
});

async function startServer(path: string, ...args: readonly string[]): Promise<Program> {
  const server = startDemo('command-server', [path, ...args]);
  await server.printed(/^listening on .*\n/);
  return server;
}

describe('command-server and command-client', () => {
  const path = folder.in('commands');
  let server: Program;

  beforeAll(async () => {
    server = await startServer(path);
  });

  it('answers what is typed, until quit, while another client is connected', async () => {
    using idle = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    await idle.connect(path);
    const client = startDemo('command-client', [path]);
    client.type('echo Grüße  an alle', 'time', 'nothing', 'quit');
    const { status, stdout, stderr } = await client.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [echo, time = '', ...others] = stdout.split('\n');
    expect(echo).toBe('Grüße  an alle');
    expect(new Date(time).toISOString()).toBe(time);
    expect(others).toEqual(["error: no command 'nothing'; help lists all", 'bye', '']);
  });

  it('answers one command; an error ends it with status 1', async () => {
    const [help, error] = await Promise.all(
      [['help'], ['toString', 'x']].map((words) => startDemo('command-client', [path, ...words]).ended),
    );
    expect(help).toEqual({ status: 0, stdout: 'commands: help, time, uptime, echo, quit\n', stderr: '' });
    expect(error).toEqual({ status: 1, stdout: "error: no command 'toString'; help lists all\n", stderr: '' });
  });

  itWithPython('answers the client in Python', async () => {
    const { status, stdout, stderr } = await startPython('command_client', [path, 'echo Grüße', 'uptime', 'quit'])
      .ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Grüße\n\d+ seconds?\nbye\n$/);
  });

  it('goes on after a client that ends within a line, and one whose line is too long', async () => {
    for (const text of ['echo half', `echo ${'x'.repeat(2000)}\n`]) {
      using sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
      await sock.connect(path);
      await sock.sendall(text);
      sock.shutdown(socket.SHUT_WR);
      expect(await sock.recv(100)).toHaveLength(0);
    }
    await server.printed(/(^lost a client: a line without an end, or one that is too long\n){2}/m);
  });

  it('lets in its own user only', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('says in one line that another server is using the path', async () => {
    const second = startDemo('command-server', [path]);
    const stderr = `command-server: another server is using ${path}\n`;
    expect(await second.ended).toEqual({ status: 1, stdout: '', stderr });
    expect(existsSync(path)).toBe(true);
  });

  it('removes its path when it is interrupted, and a client learns of that with its next command', async () => {
    const client = startDemo('command-client', [path]);
    client.type('echo hello');
    await client.printed(/^hello\n/);
    server.kill('SIGINT');
    expect(await server.ended).toMatchObject({ status: 130, stderr: 'command-server: interrupted\n' });
    expect(existsSync(path)).toBe(false);
    client.type('echo hello');
    expect(await client.ended).toEqual({
      status: 1,
      stdout: 'hello\n',
      stderr: `command-client: [Errno 32] Broken pipe: send ${path}\n`,
    });
    expect(await startDemo('command-client', [path]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: `command-client: no server at ${path}: [Errno 2] No such file or directory: connect ${path}\n`,
    });
  });
});

describe('command-client', () => {
  it('says in one line that an answer is too long, instead of keeping all of it', async () => {
    const path = folder.in('endless');
    using listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    listener.bind(path);
    listener.listen();
    const client = startDemo('command-client', [path, 'help']);
    const [conn] = await listener.accept();
    await conn.sendall('x'.repeat(65_536));
    expect(await client.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: 'command-client: an answer of over 65536 characters\n',
    });
    conn.close();
  });

  itWithPython('asks the server in Python, and says in one line that it hung up', async () => {
    const path = folder.in('python');
    const server = startPython('command_server', [path]);
    await server.printed(/^listening\n/);
    const client = startDemo('command-client', [path]);
    client.type('echo Grüße', 'hang-up');
    const stderr = 'command-client: the server hung up\n';
    expect(await client.ended).toEqual({ status: 1, stdout: 'Grüße\n', stderr });
  });

  it('prints the reason of a server that hung up before the question', async () => {
    const path = folder.in('refusing');
    using listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    listener.bind(path);
    listener.listen();
    const client = startDemo('command-client', [path]);
    const [conn] = await listener.accept();
    await conn.sendall('error: too many clients\n');
    conn.close();
    client.type('help');
    await client.printed(/^error: too many clients\n/);
    client.endInput();
    expect(await client.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('ends when it is interrupted', async () => {
    const path = folder.in('listening');
    using listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    listener.bind(path);
    listener.listen();
    const client = startDemo('command-client', [path]);
    await listener.accept();
    client.kill('SIGINT');
    expect(await client.ended).toEqual({ status: 130, stdout: '', stderr: 'command-client: interrupted\n' });
  });
});

describe('command-server', () => {
  it('refuses clients beyond --clients, and takes new ones when others have left', async () => {
    const path = folder.in('few');
    await startServer(path, '--clients', '1');
    const first = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    await first.connect(path);
    expect(await startDemo('command-client', [path, 'help']).ended).toMatchObject({
      status: 1,
      stdout: 'error: too many clients\n',
    });
    await first.sendall('quit\n');
    expect((await recvAll(first)).toString()).toBe('bye\n');
    first.close();
    expect(await startDemo('command-client', [path, 'echo hello']).ended).toMatchObject({
      status: 0,
      stdout: 'hello\n',
    });
  });

  it('takes over the path of a server that was killed', async () => {
    const path = folder.in('killed');
    const killed = await startServer(path);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(path)).toBe(true);
    const server = await startServer(path);
    server.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ status: 143, stderr: 'command-server: SIGTERM\n' });
    expect(existsSync(path)).toBe(false);
  });

  it('leaves a file that is not a socket alone', async () => {
    const path = folder.make('file', 3);
    const before = readFileSync(path);
    expect(await startDemo('command-server', [path]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: `command-server: ${path} exists, and is not a socket\n`,
    });
    expect(readFileSync(path)).toEqual(before);
  });

  it('says in one line that a path is missing, or too long for an address', async () => {
    const [missing, long] = await Promise.all(
      [[], [`/tmp/${'x'.repeat(200)}`]].map((args) => startDemo('command-server', args).ended),
    );
    const usage = usageError('command-server', /missing required argument 'path'/);
    expect(missing).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(usage) });
    expect(long).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(/^command-server: .*too long.*\n$/) });
  });
});
