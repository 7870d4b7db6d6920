import { readFileSync, writeFileSync } from 'node:fs';

/** A process whose memory is watched from outside. */
export class Watched {
  readonly #pid: number;
  #before = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** From now on the peak is that of what follows. */
  begin(): void {
    writeFileSync(`/proc/${this.#pid}/clear_refs`, '5');
    this.#before = this.#read('VmRSS');
  }

  /** How far the memory has grown at most, in bytes. */
  get grown(): number {
    return Math.max(0, this.#read('VmHWM') - this.#before);
  }

  #read(name: string): number {
    const [, kib] =
      new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
    return Number(kib) * 1024;
  }
}

/** Bytes as a cell. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
