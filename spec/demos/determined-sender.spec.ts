import { afterAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { truncateSync } from 'node:fs';
import { endAll, Folder, startDemo, usageError, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const itOnLinux = process.platform === 'linux' ? it : it.skip;

const folder = new Folder();
const file = folder.make('file', 3000);

afterAll(async () => {
  await endAll();
  folder.remove();
});

/** A port that is taken but refuses clients, until a socket listens on it. */
function bound(): socket.Socket {
  const ss = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  ss.bind(['127.0.0.1', 0]);
  return ss;
}

function startSender(ss: socket.Socket, path: string, args: readonly string[] = []): Program {
  const port = String(ss.getsockname()[1]);
  return startDemo('determined-sender', [path, '--host', '127.0.0.1', '--port', port, '--pause', '0.01', ...args]);
}

/** Receives all from one sender, and answers: with the number of bytes, or with something else. */
async function serve(ss: socket.Socket, answer?: string): Promise<number> {
  const [conn] = await ss.accept();
  let received = 0;
  for (let block = await conn.recv(1024); block.length > 0; block = await conn.recv(1024)) received += block.length;
  await conn.send(answer ?? String(received));
  conn.close();
  return received;
}

/** A sparse file, too long to be sent before the test does something else. */
function longFile(): string {
  const path = folder.make('long', 0);
  truncateSync(path, 2 ** 40);
  return path;
}

/** Waits for a reset; fails if the connection ends as if all had come. */
async function expectReset(conn: socket.Socket): Promise<void> {
  const receiveAll = async (): Promise<string> => {
    while ((await conn.recv(65_536)).length > 0);
    return 'an end that looks like that of the file';
  };
  await expect(receiveAll()).rejects.toThrow(socket.ConnectionResetError);
}

describe('determined-sender', () => {
  it('waits for a receiver that is not there yet', async () => {
    using ss = bound();
    const sender = startSender(ss, file, ['--tries', '1000', '--pause', '0.01']);
    await sender.printed(
      /^try 1 failed: \[Errno 111\] Connection refused: connect 127\.0\.0\.1:\d+; again in 0\.01 s$/m,
    );
    ss.listen(1);
    expect(await serve(ss)).toBe(3000);
    expect(await sender.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('sends again while the receiver has counted a different number of bytes, or does not answer', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, file);
    await serve(ss, '2999');
    await serve(ss, '');
    await serve(ss, 'lost');
    expect(await serve(ss)).toBe(3000);
    const { status, stdout } = await sender.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^try 1 failed: not all data sent: 3000 bytes, and the answer is '2999'; again in 0\.01 s$/m,
    );
    expect(stdout).toMatch(/^sent 3000 bytes to 127\.0\.0\.1:\d+$/m);
  });

  it('takes a missing answer for a failure, also with an empty file', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, folder.make('empty', 0));
    await serve(ss, '');
    await serve(ss);
    expect(await sender.ended).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^try 1 failed: .*\nsent 0 bytes to/),
    });
  });

  it('sends again after the receiver has reset the connection', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, file);
    const [conn] = await ss.accept();
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    conn.close();
    expect(await serve(ss)).toBe(3000);
    expect(await sender.ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('says in one line that no server is there', async () => {
    using ss = bound();
    expect(await startSender(ss, file, ['--tries', '3']).ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^determined-sender: gave up after 3 tries: \[Errno 111\] Connection refused.*\n$/),
    });
  });

  it.each([
    ['is missing', folder.in('missing'), /^determined-sender: ENOENT: .*\n$/],
    ['is a folder', folder.path, /^determined-sender: .* is not a regular file\n$/],
  ])('says in one line that the file %s', async (_, path, stderr) => {
    expect(await startDemo('determined-sender', [path]).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });

  it('says in one line that the host is impossible, and does not try again', async () => {
    expect(await startDemo('determined-sender', [file, '--host', '::1']).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^determined-sender: \[Errno -9\] Address family for hostname not supported.*\n$/),
    });
  });

  it.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'SIGTERM'],
    ['SIGHUP', 129, 'SIGHUP'],
    ['SIGQUIT', 131, 'SIGQUIT'],
  ] as const)('resets the connection when %s ends it', async (signal, status, text) => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, longFile());
    const [conn] = await ss.accept();
    await conn.recv(1000);
    sender.kill(signal);
    expect(await sender.ended).toMatchObject({ status, stderr: `determined-sender: ${text}\n` });
    await expectReset(conn);
    conn.close();
  });

  it('resets the connection if the reader of its output closes the pipe', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, longFile());
    const [conn] = await ss.accept();
    sender.closeOutput();
    await expectReset(conn);
    expect(await sender.ended).toMatchObject({ status: 1, stderr: '' });
    conn.close();
  });

  it('resets the connection if the file becomes shorter while it is sent', async () => {
    using ss = bound();
    ss.listen(1);
    const path = longFile();
    const sender = startSender(ss, path);
    const [conn] = await ss.accept();
    await conn.recv(1000);
    truncateSync(path, 0);
    await expectReset(conn);
    expect(await sender.ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^determined-sender: .*long has become shorter: \d+ of 1099511627776 bytes read\n$/,
      ),
    });
    conn.close();
  });

  itOnLinux('resets the connection if the file cannot be read', async () => {
    using ss = bound();
    ss.listen(1);
    // A regular file that can be opened, but not read.
    const sender = startSender(ss, '/proc/self/mem');
    const [conn] = await ss.accept();
    await expectReset(conn);
    expect(await sender.ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^determined-sender: EIO: .*\n$/),
    });
    conn.close();
  });

  it('tries again if the receiver stands still', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, longFile(), ['--tries', '2', '--timeout', '0.1']);
    const [conn] = await ss.accept();
    await sender.printed(/^try 1 failed: /m);
    await expectReset(conn);
    const [second] = await ss.accept();
    expect(await sender.ended).toMatchObject({
      status: 1,
      // On a machine that is busy, the progress is printed first.
      stdout: expect.stringMatching(/^try 1 failed: timed out: send/m),
      stderr: expect.stringMatching(/^determined-sender: gave up after 2 tries: timed out: send.*\n$/),
    });
    conn.close();
    second.close();
  });

  it.each([
    [[], /missing required argument 'file'/],
    [[file, '--pause', 'long'], /It must be a number of seconds, at most 86400\./],
  ])('says what is wrong with %j, and its usage', async (args, problem) => {
    expect(await startDemo('determined-sender', args).ended).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(usageError('determined-sender', problem)),
    });
  });
});
