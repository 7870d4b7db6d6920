import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as socket from '../../lib/index.ts';
import { endAll, Folder, startDemo, usageError } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itOnLinux = process.platform === 'linux' ? it : it.skip;

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

/** Sends as a determined sender does, and returns the answer. */
async function deliver(port: number, text: string): Promise<string> {
  using sock = await connect(port);
  await sock.sendall(text);
  sock.shutdown(socket.SHUT_WR);
  return (await sock.recv(30, socket.MSG_WAITALL)).toString();
}

/** Sends some bytes, and resets the connection. */
async function dieSending(port: number, text: string): Promise<void> {
  const dying = await connect(port);
  await dying.sendall(text);
  dying.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
  dying.close();
}

/** The files whose names begin with `name`: a half-written file would be among them. */
function filesOf(name: string): string[] {
  return readdirSync(folder.path).filter((file) => file.startsWith(name));
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
    await dieSending(port, 'half of');
    expect(await deliver(port, 'all')).toBe('3');
    const { status, stdout, stderr } = await receiver.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^lost [\d.]+:\d+ after \d bytes: \[Errno 104\] Connection reset by peer: recv.*$/m);
    expect(readFileSync(out, 'utf8')).toBe('all');
    expect(filesOf('died')).toEqual(['died']);
  });

  it('leaves an older file as it is until all of a new one has come', async () => {
    const out = folder.in('older');
    writeFileSync(out, 'older', { mode: 0o600 });
    const receiver = startDemo('patient-receiver', [...here, '--out', out]);
    await dieSending(await receiver.port(), 'half of');
    await receiver.printed(/^lost /m);
    expect(readFileSync(out, 'utf8')).toBe('older');
    expect(filesOf('older')).toEqual(['older']);
    expect(await deliver(await receiver.port(), 'all')).toBe('3');
    expect(readFileSync(out, 'utf8')).toBe('all');
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves no file when %s ends it in the middle', async (signal) => {
    const out = folder.in(signal);
    const receiver = startDemo('patient-receiver', [...here, '--out', out]);
    using sock = await connect(await receiver.port());
    await sock.sendall('half of');
    while (filesOf(signal).length === 0) await new Promise(setImmediate);
    receiver.kill(signal);
    await receiver.ended;
    expect(filesOf(signal)).toEqual([]);
  });

  itOnLinux('says in one line that the disk is full, and gives no answer', async () => {
    const receiver = startDemo('patient-receiver', [...here, '--out', '/dev/full']);
    using sock = await connect(await receiver.port());
    await sock.sendall('x');
    sock.shutdown(socket.SHUT_WR);
    expect(await sock.recv(30).catch(() => Buffer.of())).toHaveLength(0);
    expect(await receiver.ended).toMatchObject({
      status: 1,
      stderr: 'patient-receiver: ENOSPC: no space left on device, write\n',
    });
  });

  it('gives up a silent sender, and serves the next one', async () => {
    const receiver = startDemo('patient-receiver', [...here, '--timeout', '0.1']);
    using silent = await connect(await receiver.port());
    await receiver.printed(/^lost [\d.]+:\d+ after 0 bytes: timed out: recv/m);
    expect(await silent.recv(30)).toHaveLength(0);
    expect(await deliver(await receiver.port(), 'all')).toBe('3');
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

  it('listens on all addresses with --host 0.0.0.0, until it is interrupted', async () => {
    const receiver = startDemo('patient-receiver', ['--host', '0.0.0.0', '--port', '0']);
    await receiver.printed(/^listening on 0\.0\.0\.0:\d+$/m);
    receiver.kill('SIGINT');
    expect(await receiver.ended).toMatchObject({ status: 130, stderr: 'patient-receiver: interrupted\n' });
  });

  it.each([
    [['--port', '65536'], /'--port <port>' argument '65536' is invalid\. It must be a whole number from 0 to 65535\./],
    [['--prot', '1'], /unknown option '--prot'/],
  ])('says what is wrong with %j, and its usage', async (args, problem) => {
    expect(await startDemo('patient-receiver', args).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(usageError('patient-receiver', problem)),
    });
  });
});
