import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';
import { hasProgram } from '../support/programs.ts';
import { temporaryPath } from '../support/unix.ts';

(hasProgram('strace') ? it : it.skip)(
  'closes every descriptor once and removes every path once, up to the end of a thread and of the process',
  async () => {
    const file = temporaryPath('trace');
    const folder = dirname(temporaryPath());
    const calls = ['bind', 'close', 'unlink', 'unlinkat'];
    const { result, strays } = await runProgram('peer-paths', { args: [folder], trace: { calls, file } });
    expect([result, strays]).toEqual([0, []]);

    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('EBADF'))).toEqual([]);
    const pathsIn = (call: RegExp): string[] =>
      lines.flatMap((line) => (call.test(line) && line.includes(folder) ? [/"(.*?)"/.exec(line)?.[1] ?? line] : []));
    const bound = pathsIn(/bind\(/);
    expect(bound).toHaveLength(2 * 4);
    expect(pathsIn(/unlink(at)?\(/).sort()).toEqual(bound.sort());
    for (const thread of readdirSync(folder, { withFileTypes: true })) {
      expect(readdirSync(`${folder}/${thread.name}`)).toEqual([]);
    }
  },
  60_000,
);
