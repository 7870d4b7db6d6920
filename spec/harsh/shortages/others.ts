import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** Where Debian has libfaketime, which gives a process a wall clock of its own. */
function faketime(): string | undefined {
  const root = '/usr/lib';
  const paths = readdirSync(root).map((name) => join(root, name, 'faketime/libfaketime.so.1'));
  return paths.find((path) => existsSync(path));
}

/** The words that run a program whose wall clock follows a file. */
function withClock(library: string, file: string, words: readonly string[]): string[] {
  writeFileSync(file, '+0');
  const settings = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: 1,
    // Other clocks stay as they are, as those of a machine whose wall clock is set.
    DONT_FAKE_MONOTONIC: 1,
  };
  return ['env', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), ...words];
}

/** What a process may run short of besides descriptors: disk, time and memory. */
export async function shortages(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-disk-'));
  try {
    const library = faketime();
    const [disk, clock] = [join(folder, 'disk'), join(folder, 'clock')];
    mkdirSync(disk);
    const plain = programWords(join(__dirname, 'others-child.ts'), library === undefined ? [disk] : [disk, clock]);
    const words = library === undefined ? plain : withClock(library, clock, plain);
    // libfaketime leaves its part of /dev/shm when its process is killed.
    const mount = 'mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs -o size=1m tmpfs "$1" && shift && exec "$@"';
    await using child = new Child('unshare', ['--mount', 'sh', '-c', mount, 'sh', disk, ...words]);
    return outcomeOf(await child.result<Others>(), library !== undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcomeOf(
  { disk: [sender, receiver], stopped, clock, memory: [call, kept] }: Others,
  isWhole: boolean,
): Outcome {
  const rows = [
    ['a disk of 1 MB, to which a receiver writes what `sendfile()` sends', 'the receiver', receiver],
    ['', 'the sender', sender],
    ['the process stands still for 1 s, and bytes come meanwhile', '`recv()` with `settimeout(0.5)`', stopped],
    [
      `the wall clock ${isWhole ? '(libfaketime)' : 'of JavaScript alone'} jumps by a day, and back by two`,
      '`recv()` with `settimeout(0.3)`, `select()` with 0.3',
      clock,
    ],
    ['address space for 300 MB more (`prlimit --as`)', '`recvExactly()` of 900 MB, of which 60 MB come', call],
    ['', 'what had come', kept ? 'is received by the next calls' : 'is lost'],
  ];
  const expected = [
    'Error: ENOSPC: no space left on device, write',
    'ConnectionResetError ECONNRESET',
    'in time',
    'TimeoutError ETIMEDOUT at its time, and nothing',
    // The words are V8's, and differ by its version.
    call.startsWith('RangeError: ') ? call : 'a RangeError',
    'is received by the next calls',
  ];
  const mistakes = rows.flatMap(([what, who, result], index) =>
    result === expected[index] ? [] : [`${what} ${who}: ${result}, and not ${expected[index]}`],
  );
  return { head: ['Short of', 'Who', 'What becomes of it'], rows, mistakes };
}
