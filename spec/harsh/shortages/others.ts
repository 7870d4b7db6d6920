import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, programWords } from '../child.ts';
import type { Outcome } from '../part.ts';
import type { Others } from './others-child.ts';

/** Why there can be no small disk here; `undefined` where there can be one. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mount namespaces need Linux and root';
  const tools = ['unshare', 'mount', 'prlimit', 'python3'];
  const missing = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) return `${missing.join(', ')} missing`;
  const mounts = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;
  return mounts ? undefined : 'there are no mount namespaces';
}

/** What a process may run short of besides descriptors: disk, time and memory. */
export async function shortages(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-disk-'));
  try {
    const words = programWords(join(__dirname, 'others-child.ts'), [folder]);
    const mount = 'mount -t tmpfs -o size=1m tmpfs "$1" && shift && exec "$@"';
    await using child = new Child('unshare', ['--mount', 'sh', '-c', mount, 'sh', folder, ...words]);
    return outcomeOf(await child.result<Others>());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcomeOf({ disk: [sender, receiver], stopped, clock, memory: [call, kept] }: Others): Outcome {
  const rows = [
    ['a disk of 1 MB, to which a receiver writes what `sendfile()` sends', 'the receiver', receiver],
    ['', 'the sender', sender],
    ['the process stands still for 1 s, and bytes come meanwhile', '`recv()` with `settimeout(0.5)`', stopped],
    ['the wall clock jumps by a day', '`recv()` with `settimeout(0.3)`', clock],
    ['address space for 300 MB more (`prlimit --as`)', '`recvExactly()` of 900 MB, of which 60 MB come', call],
    ['', 'what had come', kept ? 'is received by the next calls' : 'is lost'],
  ];
  const expected = [
    'Error: ENOSPC: no space left on device, write',
    'ConnectionResetError ECONNRESET',
    'in time',
    'TimeoutError ETIMEDOUT at its time',
    // The words are V8's, and differ by its version.
    call.startsWith('RangeError: ') ? call : 'a RangeError',
    'is received by the next calls',
  ];
  const mistakes = rows.flatMap(([what, who, result], index) =>
    result === expected[index] ? [] : [`${what} ${who}: ${result}, and not ${expected[index]}`],
  );
  return { head: ['Short of', 'Who', 'What becomes of it'], rows, mistakes };
}
