import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { describeKernel } from '../support/kernel-kinds.ts';

const hasStrace = spawnSync('strace', ['-V']).status === 0;

describeKernel('the descriptors of kernel sockets', () => {
  (hasStrace ? it : it.skip)(
    'are closed exactly once',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'await-socket-strace-'));
      try {
        const file = join(folder, 'calls');
        const program = ['-r', 'ts-node/register/transpile-only', join(__dirname, '../support/peer-kernel.ts')];
        const strace = ['-f', '-o', file, '-e', 'trace=close,socketpair', process.execPath, ...program];
        const { status, stdout } = spawnSync('strace', strace, { encoding: 'utf8' });
        expect([status, stdout]).toEqual([0, 'done\n']);
        const calls = readFileSync(file, 'utf8').split('\n');
        expect(calls.filter((line) => line.includes('socketpair(')).length).toBeGreaterThan(3);
        expect(calls.filter((line) => line.includes('close(') && line.includes('EBADF'))).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    100_000,
  );

  it('are all closed by close()', () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    socket.socketpairSync().forEach((one) => one.close());
    const before = open();
    for (let round = 0; round < 20; round += 1) {
      for (const one of socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM)) one.close();
      expect(() => socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM, 77)).toThrow(socket.OSError);
    }
    expect(open()).toBe(before);
  });
});
