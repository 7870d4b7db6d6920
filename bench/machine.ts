import { execFileSync, spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release } from 'node:os';

/** What there is on this machine to measure with. */
export interface Machine {
  /** Node's program. */
  readonly node: string;
  /** Python's program; `undefined` where there is none. */
  readonly python: string | undefined;
  /** Whether processes can be bound to a processor. */
  readonly taskset: boolean;
  /** What a reader has to know of it. */
  readonly description: string;
}

/** Looks around. `version` asks for another Node than the one that runs this, which npx fetches. */
export function explore(version: string | undefined): Machine {
  const node = version === undefined ? process.execPath : nodeOf(version);
  const python = output('python3', ['-c', 'import sys; print(sys.executable)']);
  const versions = [`Node ${output(node, ['--version']) ?? ''}`];
  if (python !== undefined) versions.push(output(python, ['--version']) ?? '');
  const processors = `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  return {
    node,
    python,
    taskset: spawnSync('taskset', ['--version']).status === 0,
    description: `${processors}, ${process.platform} ${release()}, ${versions.join(', ')}`,
  };
}

function nodeOf(version: string): string {
  const args = ['--yes', '--package', `node@${version}`, '--', 'node', '-p', 'process.execPath'];
  return execFileSync('npx', args, { encoding: 'utf8' }).trim();
}

function output(file: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
