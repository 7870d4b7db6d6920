import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Extent, Outcome } from './part.ts';

/** Parts run in a process of their own, so that what it holds at the end is theirs. */

/** Starts a program of this folder, which can be talked to by messages. */
export function start(name: string, args: readonly string[] = []): ChildProcess {
  return fork(join(__dirname, `${name}.ts`), args, {
    execArgv: ['--expose-gc', '--require', require.resolve('ts-node/register')],
    serialization: 'advanced',
  });
}

/** The outcome of a part. A process that does not end by itself, or not well, is a mistake of that part. */
export async function runPart(name: string, extent: Extent, patience = 120): Promise<Outcome> {
  const child = start('child', [name, JSON.stringify(extent)]);
  let outcome: Outcome | undefined;
  child.on('message', (message) => (outcome = message as Outcome));
  const killer = setTimeout(() => child.kill('SIGKILL'), (extent.seconds + patience) * 1000);
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...how) => resolve(how));
  });
  clearTimeout(killer);
  const { head = [], rows = [], conditions = [], mistakes = [] } = outcome ?? {};
  const end = signal === 'SIGKILL' ? 'has not ended by itself' : `ended with ${signal ?? status ?? 'nothing'}`;
  const isWell = status === 0 && outcome !== undefined;
  return { head, rows, conditions, mistakes: isWell ? mistakes : [...mistakes, `the process of ${name} ${end}`] };
}
