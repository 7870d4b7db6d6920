import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readFileSync } from 'node:fs';
import * as socket from '../../lib/index.ts';
import { endAll, Folder, startDemo } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const folder = new Folder();
const here = ['--host', '127.0.0.1', '--port', '0'];

afterAll(async () => {
  await endAll();
  folder.remove();
});

async function connect(port: number): Promise<socket.Socket> {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await sock.connect(['127.0.0.1', port]);
  return sock;
}

/** Sends as a determined sender does, and gives the answer. */
async function deliver(port: number, text: string): Promise<string> {
  using sock = await connect(port);
  await sock.sendall(text);
  sock.shutdown(socket.SHUT_WR);
  return (await sock.recv(30, socket.MSG_WAITALL)).toString();
}

describe('patient-receiver', () => {
  it('ends with --once after one sender, and leaves its bytes in the file', async () => {
    const out = folder.in('once');
    const receiver = startDemo('patient-receiver', [...here, '--once', '--out', out]);
    expect(await deliver(await receiver.port(), 'hello')).toBe('5');
    expect(await receiver.ended).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(out, 'utf8')).toBe('hello');
  });

  it('says so when a sender dies, and serves the next one', async () => {
    const out = folder.in('died');
    const receiver = startDemo('patient-receiver', [...here, '--once', '--out', out]);
    const port = await receiver.port();
    const dying = await connect(port);
    await dying.sendall('half of');
    dying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    dying.close();
    expect(await deliver(port, 'all')).toBe('3');
    const { status, stdout, stderr } = await receiver.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^lost [\d.]+:\d+ after \d bytes: \[Errno 104\] Connection reset by peer: recv.*$/m);
    expect(readFileSync(out, 'utf8')).toBe('all');
  });

  it('says in one line that the port is in use', async () => {
    using other = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
    other.bind(['127.0.0.1', 0]);
    other.listen(1);
    const port = String(other.getsockname()[1]);
    const receiver = startDemo('patient-receiver', ['--host', '127.0.0.1', '--port', port]);
    expect(await receiver.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^patient-receiver: \[Errno 98\] Address already in use: .*\n$/),
    });
  });

  it('says in one line that the file cannot be written, before it listens', async () => {
    const out = folder.in('folder');
    mkdirSync(out);
    const receiver = startDemo('patient-receiver', [...here, '--out', out]);
    expect(await receiver.ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^patient-receiver: EISDIR: .*\n$/),
    });
  });

  it('listens on all addresses unless told otherwise, until it is interrupted', async () => {
    const receiver = startDemo('patient-receiver', ['--port', '0']);
    await receiver.printed(/^listening on 0\.0\.0\.0:\d+$/m);
    receiver.kill('SIGINT');
    expect(await receiver.ended).toMatchObject({ status: 130, stderr: 'patient-receiver: interrupted\n' });
  });

  it.each([
    [['--port', '65536'], /'--port <port>' argument '65536' is invalid\. It must be a whole number from 0 to 65535\.$/],
    [['--prot', '1'], /unknown option '--prot'$/],
  ])('says in one line what is wrong with %j', async (args, text) => {
    const { status, stdout, stderr } = await startDemo('patient-receiver', args).ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^patient-receiver: .*\n$/);
    expect(stderr.trimEnd()).toMatch(text);
  });
});
