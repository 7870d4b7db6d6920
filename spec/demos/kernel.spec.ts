import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { endAll, startDemo } from './processes.ts';

// ts-node takes seconds to start on a busy machine.
jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'await-socket-demos-'));

afterAll(endAll);
afterAll(() => rmSync(folder, { recursive: true }));

/** A socket for datagrams at a path or an abstract name. */
function receiver(address: string): socket.Socket {
  const sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  sock.bind(address);
  return sock;
}

describeKernel('demos with koffi', () => {
  it('file-giver gives an open file to file-taker', async () => {
    const path = join(folder, 'giver');
    const file = join(__dirname, '../../package.json');
    const giver = startDemo('file-giver', [path, file]);
    await giver.printed(/^listening on/);
    const taken = await startDemo('file-taker', [path]).ended;
    expect(taken).toEqual({ status: 0, stdout: readFileSync(file, 'utf8'), stderr: `took ${file}\n` });
    await giver.printed(/gave .*package\.json/);
    const missing = await startDemo('file-taker', [join(folder, 'none')]).ended;
    expect(missing).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No such file or directory') as unknown,
    });
  });

  it('ping hears from this machine', async () => {
    const { status, stdout, stderr } = await startDemo('ping', ['127.0.0.1', '--count', '2', '--timeout', '50']).ended;
    if (stderr.includes('not permitted')) return;
    expect([status, stdout.replaceAll(/time=[\d.]+/g, 'time=')]).toEqual([
      0,
      '56 bytes from 127.0.0.1: seq=1 time= ms\n56 bytes from 127.0.0.1: seq=2 time= ms\n2 sent, 2 answered\n',
    ]);
  });

  it('notify tells the states of a service', async () => {
    const name = `await-socket-notify-${process.pid}`;
    using sock = receiver(`\0${name}`);
    const demo = startDemo('notify', ['READY=1', 'STATUS=serving'], { NOTIFY_SOCKET: `@${name}` });
    expect(String(await sock.recv(4096))).toBe('READY=1\nSTATUS=serving');
    expect(await demo.ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('journal writes the fields of an entry', async () => {
    const path = join(folder, 'journal');
    using sock = receiver(path);
    const demo = startDemo('journal', ['it works', 'LINES=a\nb', '--priority', '5', '--socket', path]);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(3n);
    const expected = ['MESSAGE=it works\nPRIORITY=5\nLINES\n', length.toString('latin1'), 'a\nb\n'].join('');
    expect((await sock.recv(4096)).toString('latin1')).toBe(expected);
    expect(await demo.ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
