import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Compiled } from '../compile.ts';
import type { Figures } from './figures.ts';

/**
 * Flags that make the heap grow by the same number of bytes each time: only the interpreter, no collection before the
 * end, no threads, and no function whose code is flushed and compiled again.
 */
export const DETERMINISTIC = [
  '--expose-gc',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-flush-bytecode',
  '--single-threaded',
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
];

/** Runs the program that is counted, and returns what it prints. */
export async function counted(
  node: string,
  compiled: Compiled,
  what: readonly string[],
  flags: readonly string[] = [],
): Promise<Figures> {
  // The other side has a server of TLS, too.
  compiled.certificate();
  const { stdout } = await promisify(execFile)(node, [...flags, compiled.path('bench/counts/program.js'), ...what]);
  return JSON.parse(stdout) as Figures;
}
