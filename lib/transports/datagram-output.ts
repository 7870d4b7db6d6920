import { tryConsume } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import { LONGEST_QUEUED, type BulkOutput, type BulkOutputBackend, type Outgoing } from './bulk-output.ts';
import { BurstMeter } from './burst-meter.ts';
import type { DatagramHandle } from './datagram-handle.ts';
import { PendingDatagram, type Sent } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import { Failure } from './failure.ts';

/** After so many datagrams that were alone in the queue, they go without one again. */
const LONELY = 16;

/** A datagram in the queue, as the call sees it that sends it. */
export class QueuedDatagram implements Outgoing {
  readonly waiters: WaiterList;
  readonly to: InetEndpoint | undefined;
  readonly #length: number;
  readonly #onTaken: () => void;
  #outcome: number | Failure | undefined;

  constructor(waiters: WaiterList, to: InetEndpoint | undefined, length: number, onTaken: () => void) {
    this.waiters = waiters;
    this.to = to;
    this.#length = length;
    this.#onTaken = onTaken;
  }

  settle(failure: Failure | undefined): void {
    this.#outcome = failure ?? this.#length;
  }

  attempt(): number | Failure | undefined {
    if (this.#outcome !== undefined) this.#onTaken();
    return this.#outcome;
  }
}

/**
 * Hands the datagrams of a socket to the kernel: each with a call of its own, or, where a program sends many without
 * awaiting each, through a queue that ends with the program's turn.
 */
export class DatagramOutput {
  readonly #writers: WaiterList;
  readonly #backend: BulkOutputBackend | undefined;
  readonly #family: 4 | 6;
  readonly #meter = new BurstMeter(() => this.#onBurst());
  #handle: DatagramHandle | undefined;
  #bulk: BulkOutput | undefined;
  #isQueueing = false;
  #isScheduled = false;
  /** How many calls wait whose datagrams went into the queue. */
  #waiting = 0;
  #lonely = 0;
  /** How many datagrams Node has and the kernel does not; counted here, as Deno (2.9) has no `getSendQueueCount()`. */
  #sending = 0;

  constructor(writers: WaiterList, family: 4 | 6, backend: BulkOutputBackend | undefined) {
    this.#writers = writers;
    this.#family = family;
    this.#backend = backend;
  }

  /** The socket has a handle now. */
  begin(handle: DatagramHandle): void {
    this.#handle = handle;
  }

  /** Whether the kernel has all that was handed over. */
  get isIdle(): boolean {
    return this.#sending === 0;
  }

  /** Whether a datagram of this length goes through the queue now; no call may wait that has not put its own there. */
  queues(length: number): boolean {
    return this.#isQueueing && this.#writers.length === this.#waiting && length <= LONGEST_QUEUED;
  }

  /** Puts a copy of a datagram into the queue; only while {@link queues} says so. */
  push(bytes: Buffer, to: InetEndpoint | undefined): QueuedDatagram {
    const queued = new QueuedDatagram(this.#writers, to, bytes.length, () => (this.#waiting -= 1));
    this.#waiting += 1;
    this.#bulk?.push(bytes, queued);
    // Counted, although the call waits: once the budget is spent, the list rests before the next results.
    tryConsume();
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      queueMicrotask(() => this.#end());
    }
    return queued;
  }

  /** Gives the kernel what is in the queue, within the call. */
  flush(): void {
    this.#bulk?.flush();
  }

  /** Sends a datagram by itself, after all that is in the queue. */
  send(bytes: Buffer, to: InetEndpoint | undefined): true | Failure | PendingDatagram {
    this.#bulk?.flush();
    this.#meter.count();
    return this.#hand(bytes, to);
  }

  /** Ends, after what is in the queue was sent. */
  close(): void {
    this.flush();
    this.#writers.serve();
    this.#handle = undefined;
    this.#bulk = undefined;
    this.#isQueueing = false;
  }

  #hand(bytes: Buffer, to: InetEndpoint | undefined, sent?: Sent): true | Failure | PendingDatagram {
    if (this.#handle === undefined) return new Failure('EBADF');
    const outcome = this.#handle.send(bytes, to);
    if (outcome instanceof PendingDatagram) this.#follow(outcome, sent);
    return outcome;
  }

  #follow(pending: PendingDatagram, sent: Sent | undefined): void {
    this.#sending += 1;
    pending.onSettled = (failure) => {
      this.#sending -= 1;
      sent?.(failure);
      this.#writers.serve();
    };
  }

  /** The bulk output sends so what the kernel does not take at once, or not together. */
  #single(bytes: Buffer, to: InetEndpoint | undefined, sent: Sent): true | Failure | undefined {
    const outcome = this.#hand(bytes, to, sent);
    return outcome instanceof PendingDatagram ? undefined : outcome;
  }

  /** The calls that were made together are all in the queue. */
  #end(): void {
    this.#isScheduled = false;
    const count = this.#bulk?.flush() ?? 0;
    this.#lonely = count > 1 ? 0 : this.#lonely + 1;
    if (this.#lonely === LONELY) this.#isQueueing = false;
    this.#writers.serve();
  }

  #onBurst(): void {
    if (this.#handle === undefined) return;
    this.#bulk ??= this.#backend?.(this.#family, this.#handle.descriptor, {
      send: (bytes, to, sent) => this.#single(bytes, to, sent),
    });
    this.#isQueueing = this.#bulk !== undefined;
    this.#lonely = 0;
  }
}
