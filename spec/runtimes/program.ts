import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calls } from './calls.ts';
import { connections } from './connections.ts';
import { datagramSockets } from './datagrams.ts';
import { endings, processes } from './endings.ts';
import { listeners } from './listeners.ts';
import { Skip, type Behaviour, type Library, type Scene } from './scene.ts';
import { tlsSockets } from './tls.ts';
import { streams } from './streams.ts';
import { unixSockets } from './unix.ts';

/** All behaviours, in the order of the table's rows. */
const behaviours: readonly Behaviour[] = [
  ...connections,
  ...listeners,
  ...datagramSockets,
  ...unixSockets,
  ...tlsSockets,
  ...calls,
  ...streams,
  ...processes,
];

/** Milliseconds after which a behaviour counts as hanging. */
const LIMIT = 30_000;

/** The outcome of a behaviour: a cell of the table, or `skipped`, with a reason where it is not `yes`. */
export interface Outcome {
  readonly name: string;
  readonly cell: string;
  readonly reason?: string;
}

/** The library as the runtime loads it, and the certificates. */
export type Loaded = Pick<Scene, 'socket' | 'ssl' | 'certificates'>;

/** Runs all behaviours and prints a line of JSON for each, or runs the one program that `ending` names. */
export async function main(loaded: Loaded, ending: string | undefined): Promise<void> {
  if (ending !== undefined) {
    await endings.get(ending)?.({ ...loaded, folder: '', own: (kept) => kept });
    return;
  }
  for (const behaviour of behaviours) console.log(JSON.stringify(await outcome(behaviour, loaded)));
  // Sockets that a failed behaviour has left open must not keep the process alive.
  process.exit();
}

async function outcome({ name, run }: Behaviour, loaded: Loaded): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
  const owned: Disposable[] = [];
  const scene: Scene = {
    ...loaded,
    folder,
    own(kept) {
      owned.push(kept);
      return kept;
    },
  };
  try {
    await withinLimit(async () => await run(scene));
    return { name, cell: 'yes' };
  } catch (error) {
    return { name, cell: cellOf(error, loaded.socket), reason: String(error) };
  } finally {
    for (const kept of owned) kept[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Settles as `run` does; rejects with the first uncaught error, or when the time is over. */
async function withinLimit(run: () => Promise<void>): Promise<void> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  const timer = setTimeout(() => fail(new Error('no end within 30 s')), LIMIT);
  process.on('uncaughtException', fail);
  try {
    await Promise.race([run(), failed]);
  } finally {
    clearTimeout(timer);
    process.off('uncaughtException', fail);
  }
}

/** The errors with which the library refuses what a platform does not have. */
const REFUSALS = ['ENOTSUP', 'ENOPROTOOPT', 'EPROTONOSUPPORT', 'EAFNOSUPPORT'];

function cellOf(error: unknown, { OSError }: Library): string {
  if (error instanceof Skip) return 'skipped';
  const code = error instanceof OSError ? error.code : undefined;
  return code !== undefined && REFUSALS.includes(code) ? code : 'no';
}
