import { spawnSync } from 'node:child_process';

/** Whether the real Python is here to compare with: on Linux only, as its texts and numbers differ elsewhere. */
export const hasPython =
  process.platform === 'linux' &&
  spawnSync('python3', ['-c', 'import socket, sys; assert sys.version_info >= (3, 10)']).status === 0;

/**
 * Runs a Python program with `input` as JSON on its standard input, and returns its output, which must be JSON too.
 */
export function python(source: string, input: unknown): unknown {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', source], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`python3 failed:\n${stderr}`);
  return JSON.parse(stdout);
}
