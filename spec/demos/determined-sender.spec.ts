import { afterAll, describe, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { endAll, Folder, startDemo, type Program } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const folder = new Folder();
const file = folder.make('file', 3000);

afterAll(async () => {
  await endAll();
  folder.remove();
});

/** A port that is taken but refuses, until it is listened on. */
function bound(): socket.Socket {
  const ss = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  ss.bind(['127.0.0.1', 0]);
  return ss;
}

function startSender(ss: socket.Socket, path: string, args: readonly string[] = []): Program {
  const port = String(ss.getsockname()[1]);
  return startDemo('determined-sender', [path, '--host', '127.0.0.1', '--port', port, '--pause', '0.01', ...args]);
}

/** Receives all that one sender sends, and answers: with the number of bytes, or with something else. */
async function serve(ss: socket.Socket, answer?: string): Promise<number> {
  const [conn] = await ss.accept();
  let received = 0;
  for (let block = await conn.recv(1024); block.length > 0; block = await conn.recv(1024)) received += block.length;
  await conn.send(answer ?? String(received));
  conn.close();
  return received;
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

  it('sends again while the receiver has counted other bytes, or tells nothing', async () => {
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

  it('takes no answer for no answer also with an empty file', async () => {
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

  it('says in one line that nobody is there', async () => {
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

  it('says in one line that the host cannot be, and does not try again', async () => {
    expect(await startDemo('determined-sender', [file, '--host', '::1']).ended).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^determined-sender: \[Errno -9\] Address family for hostname not supported.*\n$/),
    });
  });

  it('says in one line that it was interrupted', async () => {
    using ss = bound();
    ss.listen(1);
    const sender = startSender(ss, file);
    const [conn] = await ss.accept();
    sender.kill('SIGINT');
    expect(await sender.ended).toMatchObject({ status: 130, stderr: 'determined-sender: interrupted\n' });
    conn.close();
  });

  it.each([
    [[], /missing required argument 'file'$/],
    [[file, '--pause', 'long'], /It must be a number of seconds\.$/],
  ])('says in one line what is wrong with %j', async (args, text) => {
    const { status, stdout, stderr } = await startDemo('determined-sender', args).ended;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^determined-sender: .*\n$/);
    expect(stderr.trimEnd()).toMatch(text);
  });
});
