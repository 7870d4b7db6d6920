import { mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group of Linux, within this process's own, that limits memory. */

/** What the two versions of control groups call the same. */
interface Names {
  readonly usage: string;
  readonly limit: string;
  /** Has a line `oom_kill` with the number of processes that the kernel has ended. */
  readonly events: string;
}

const VERSION_1: Names = {
  usage: 'memory.usage_in_bytes',
  limit: 'memory.limit_in_bytes',
  events: 'memory.oom_control',
};
const VERSION_2: Names = { usage: 'memory.current', limit: 'memory.max', events: 'memory.events' };

/** The folder of this process's own group, and what its files are called. */
function own(): { readonly folder: string; readonly names: Names } {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const paths = lines.map((line) => /^\d+:(?<controllers>[^:]*):(?<path>.*)$/.exec(line)?.groups ?? {});
  const first = paths.find(({ controllers }) => controllers?.split(',').includes('memory'));
  if (first !== undefined) return { folder: join('/sys/fs/cgroup/memory', first.path ?? ''), names: VERSION_1 };
  const second = paths.find(({ controllers }) => controllers === '');
  return { folder: join('/sys/fs/cgroup', second?.path ?? ''), names: VERSION_2 };
}

export class MemoryGroup implements Disposable {
  readonly #folder: string;
  readonly #names: Names;

  constructor() {
    const { folder, names } = own();
    this.#folder = mkdtempSync(join(folder, 'await-socket-'));
    this.#names = names;
  }

  /** A process that writes its number into this file joins the group. */
  get processes(): string {
    return join(this.#folder, 'cgroup.procs');
  }

  /** Limits the memory to what is used now and so many bytes more. */
  limit(more: number): void {
    const used = Number(this.#read(this.#names.usage));
    writeFileSync(join(this.#folder, this.#names.limit), String(used + more));
  }

  /** How many processes of the group the kernel has ended for their memory. */
  get killed(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read(this.#names.events))?.[1]);
  }

  /** Removes the group, in which no process is left. */
  [Symbol.dispose](): void {
    rmdirSync(this.#folder);
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8');
  }
}

/** Why no such group can be made here; `undefined` where one can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'control groups need Linux';
  try {
    using group = new MemoryGroup();
    group.limit(100_000_000);
    return undefined;
  } catch (error) {
    return `no control group with a limit of memory can be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}
