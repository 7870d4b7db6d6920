import { copyOf, copyPart } from '../queues/own-memory.ts';
import type { Failure } from '../transports/failure.ts';
import type { Source, TakeFlags } from '../transports/source.ts';
import type { Core } from './core.ts';
import { memoryFailure } from './memory.ts';
import { WaitingCall, type Operation, type Wait } from './wait.ts';

/** The receives that may take bytes straight as they arrive, while they wait. */

/** Whether a call does not simply take what has come. */
function isSelective({ all, peek }: TakeFlags): boolean {
  return all || peek;
}

/** A `recv()` that waits: the call that waits most often, in one object. */
export class Reading extends WaitingCall<Buffer> {
  protected readonly operation = undefined;
  readonly #source: Source;
  readonly #size: number;
  readonly #flags: TakeFlags;

  constructor(core: Core, source: Source, size: number, flags: TakeFlags) {
    super(source.readers, core, 'recv');
    this.#source = source;
    this.#size = size;
    this.#flags = flags;
  }

  offer(bytes: Buffer, isLent: boolean): number {
    const count = Math.min(this.#size, bytes.length);
    if (isSelective(this.#flags) || (!isLent && count < bytes.length)) return 0;
    this.give(isLent ? copyOf(bytes, count) : bytes);
    return count;
  }

  protected attempt(): Buffer | Failure | undefined {
    return this.#source.read(this.#size, this.#flags);
  }
}

/** What `recvInto()` does. */
export class ReadingInto implements Operation<number> {
  readonly #source: Source;
  readonly #target: Uint8Array;
  readonly #length: number;
  readonly #flags: TakeFlags;

  constructor(source: Source, target: Uint8Array, flags: TakeFlags) {
    this.#source = source;
    this.#target = target;
    this.#length = target.length;
    this.#flags = flags;
  }

  attempt(): number | Failure | undefined {
    if (this.#target.length !== this.#length) return memoryFailure();
    return this.#source.readInto(this.#target, this.#flags);
  }

  offer(bytes: Buffer, isLent: boolean, wait: Wait<number>): number {
    const count = Math.min(this.#length, bytes.length);
    const isChanged = this.#target.length !== this.#length;
    if (isChanged || isSelective(this.#flags) || (!isLent && count < bytes.length)) return 0;
    copyPart(bytes, 0, count, this.#target, 0);
    wait.give(count);
    return count;
  }
}
