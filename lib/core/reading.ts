import { copyOf, copyPart } from '../queues/own-memory.ts';
import { Failure } from '../transports/failure.ts';
import type { Source, TakeFlags } from '../transports/source.ts';
import { rejectedAfterWait } from '../waiting/gate.ts';
import { Waiter, type WaitAborted } from '../waiting/waiters.ts';
import type { Core } from './core.ts';
import { memoryFailure } from './memory.ts';
import { failAfterWait, type Operation, type Wait } from './wait.ts';

/** The receives that may take bytes straight as they arrive, while they wait. */

/** Whether a call does not simply take what has come. */
function isSelective({ all, peek }: TakeFlags): boolean {
  return all || peek;
}

/** A `recv()` that waits: the call that waits most often, in one object. */
export class Reading extends Waiter<Buffer | Failure> {
  readonly outcome: Promise<Buffer>;
  readonly #core: Core;
  readonly #source: Source;
  readonly #size: number;
  readonly #flags: TakeFlags;
  #resolve!: (result: Buffer | Promise<Buffer>) => void;

  constructor(core: Core, source: Source, size: number, flags: TakeFlags) {
    super(source.readers);
    this.#core = core;
    this.#source = source;
    this.#size = size;
    this.#flags = flags;
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    core.beginWait();
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

  protected settle(result: Buffer | Failure): void {
    this.#finish(result instanceof Failure ? this.#fail(result) : result);
  }

  protected end(interruption: WaitAborted): void {
    this.#finish(this.#fail(interruption));
  }

  protected fail(error: unknown): void {
    this.#finish(rejectedAfterWait(error));
  }

  #fail(outcome: Failure | WaitAborted): Promise<Buffer> {
    return failAfterWait(this.#core, 'recv', undefined, outcome, this.limits);
  }

  #finish(outcome: Buffer | Promise<Buffer>): void {
    this.#resolve(outcome);
    this.#core.endWait();
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
