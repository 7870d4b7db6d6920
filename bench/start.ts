import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Machine } from './machine.ts';
import type { Contestant } from './rows.ts';
import type { Where } from './tasks.ts';
import { Unable } from './worker-process.ts';

/** Programs that connect and exit: how long one takes from its start to its end. */

/** The milliseconds after which a program is stuck. */
const PATIENCE = 30_000;

type Command = [string, ...string[]];

/** The compiled programs, and the package that they import. */
interface Built {
  readonly package: string;
  path(file: string): string;
}

/** The command of a contender's program, without the port. */
export function startCommand(name: Contestant, machine: Machine, now: Built, before?: Built): Command {
  const { node, python } = machine;
  switch (name) {
    case 'data':
      return [node, now.path('bench/start/net.js')];
    case 'await-socket':
    case 'await-socket-documented-path':
      return [node, now.path('bench/start/await-socket.js'), now.package];
    case 'before':
      return [node, now.path('bench/start/await-socket.js'), (before ?? now).package];
    case 'python-blocking':
      return [python ?? 'python3', join('bench', 'start', 'python.py')];
    default:
      throw new Unable(`${name}: unable`);
  }
}

/** Runs a program to its end: its seconds on the clock, and of processor time. */
export async function runProgram(
  [file, ...args]: Command,
  where: Where,
  variables: Record<string, string>,
): Promise<{ readonly seconds: number; readonly used: number }> {
  if ('path' in where) throw new TypeError('a program that connects to a path');
  const started = performance.now();
  const { stdout } = await promisify(execFile)(file, [...args, String(where.port)], {
    env: { ...process.env, ...variables },
    timeout: PATIENCE,
  });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = JSON.parse(stdout) as { user: number; system: number };
  return { seconds, used: (user + system) / 1e6 };
}
