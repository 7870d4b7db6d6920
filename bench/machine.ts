import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';
import type { RuntimeName } from './rows.ts';

/** The programs for measurements on this machine. */
export interface Machine {
  /** Node's program. */
  readonly node: string;
  /** As in `v20.19.0`. */
  readonly nodeVersion: string;
  /** Python's program; `undefined` where there is none. */
  readonly python: string | undefined;
  /** The programs of the other runtimes that were asked for. */
  readonly runtimes: Partial<Record<RuntimeName, string>>;
  /** Whether processes can be bound to a processor. */
  readonly taskset: boolean;
  /** The machine in words, for the reader of the results. */
  readonly description: string;
}

/**
 * Finds the programs. `version` asks for another Node than the one that runs this; npx fetches it, and the runtimes
 * `asked` for.
 */
export function explore(version: string | undefined, asked: readonly RuntimeName[]): Machine {
  const node =
    version === undefined ? process.execPath : fetched(`node@${version}`, ['node', '-p', 'process.execPath']);
  const python = output('python3', ['-c', 'import sys; print(sys.executable)']);
  const nodeVersion = output(node, ['--version']) ?? '';
  const versions = [`Node ${nodeVersion}`];
  if (python !== undefined) versions.push(output(python, ['--version']) ?? '');
  const runtimes: Machine['runtimes'] = {};
  for (const name of asked) {
    const program = fetched(name, runtimePaths[name]);
    runtimes[name] = program;
    versions.push(
      `${name === 'deno' ? 'Deno' : 'Bun'} ${output(program, ['--version'])?.match(/\d[\d.]*/)?.[0] ?? ''}`,
    );
  }
  const processors = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  return {
    node,
    nodeVersion,
    python,
    runtimes,
    taskset: spawnSync('taskset', ['--version']).status === 0,
    description: `${processors}, ${process.platform} ${release()}, ${versions.join(', ')}`,
  };
}

/** Fetches a runtime's package with npx, and returns the path of its program, which `command` prints. */
function fetched(packageName: string, command: readonly string[]): string {
  const args = ['--yes', '--package', packageName, '--', ...command];
  return execFileSync('npx', args, { encoding: 'utf8' }).trim();
}

const runtimePaths: Readonly<Record<RuntimeName, readonly string[]>> = {
  deno: ['deno', 'eval', 'console.log(Deno.execPath())'],
  bun: ['bun', '--print', 'process.execPath'],
};

function output(file: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
