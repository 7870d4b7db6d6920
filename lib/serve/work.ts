import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import PQueue from 'p-queue';
import type { Address } from '../common/addresses.ts';
import { SOMAXCONN } from '../common/constants.ts';
import { OSError } from '../common/errors.ts';
import { whenAborted } from '../waiting/abort.ts';
import { afterPoll } from '../waiting/fairness.ts';
import { textOf, type CheckedOptions } from './options.ts';
import type { Service } from './service.ts';
import { Visit } from './visit.ts';

/** How long nothing is taken after an error of the socket, in milliseconds; twice as long after each further one. */
const SHORTEST_PAUSE = 5;
const LONGEST_PAUSE = 1000;

/** How many clients a server has had, and what became of them. */
interface Counts {
  accepted: number;
  refused: number;
  failed: number;
}

/** The work of a server: takes items as long as there are places, and runs their handlers. */
export class Work<Item> {
  readonly counts: Counts = { accepted: 0, refused: 0, failed: 0 };
  /** Resolved once nothing is taken any more, and all handlers have ended. */
  readonly drained: Promise<void>;
  readonly #service: Service<Item>;
  readonly #options: CheckedOptions;
  readonly #queue: PQueue;
  /** Handlers run in the async context of serve(): p-queue runs a task in that of add(), or of the task before it. */
  readonly #context = new AsyncResource('await-socket.serve');
  readonly #waiting = new Set<Visit<Item>>();
  readonly #active = new Set<Visit<Item>>();
  /** Ends the wait for the next item. */
  readonly #taking = new AbortController();
  #hasStopped = false;
  #abortion: { readonly reason: unknown } | undefined;
  #resolveDrained: () => void = () => undefined;

  constructor(service: Service<Item>, options: CheckedOptions) {
    this.#service = service;
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency, ...intervalOf(options.rate) });
    this.drained = new Promise((resolve) => (this.#resolveDrained = resolve));
    if (options.signal !== undefined) this.#obey(options.signal);
    void this.#takeAll();
  }

  /** How many handlers run. */
  get active(): number {
    return this.#active.size;
  }

  /** How many items wait for a handler. */
  get waiting(): number {
    return this.#waiting.size + this.#service.waiting;
  }

  /** Takes nothing more than what has come, and lets the handlers finish. */
  stop(): Promise<void> {
    if (!this.#taking.signal.aborted) void this.#stop();
    return this.drained;
  }

  /** Ends all handlers, and refuses all that wait. */
  abort(reason: unknown): Promise<void> {
    if (this.#abortion === undefined) {
      this.#abortion = { reason };
      this.counts.refused += this.#service.waiting;
      this.#service.close();
      // clear() leaves the promises of its tasks pending for ever, so nothing here waits for them.
      this.#queue.clear();
      for (const visit of this.#waiting) this.#refuse(visit.item);
      this.#waiting.clear();
      for (const visit of this.#active) visit.abort(reason);
    }
    return this.stop();
  }

  #obey(signal: AbortSignal): void {
    const forget = whenAborted(signal, () => void this.abort(signal.reason));
    void this.drained.then(forget);
  }

  async #takeAll(): Promise<void> {
    const { signal } = this.#taking;
    let pause = SHORTEST_PAUSE;
    while (!signal.aborted) {
      try {
        // While all places are taken, clients wait in the socket's own queue, which is bounded.
        await this.#queue.onSizeLessThan(1);
        if (signal.aborted) return;
        this.#admit(await this.#service.take(signal));
        pause = SHORTEST_PAUSE;
      } catch (error) {
        if (signal.aborted) return;
        void this.#report(error, null);
        if (!this.#service.isOpen) return void this.stop();
        await delay(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  #admit(item: Item): void {
    this.counts.accepted += 1;
    if (this.#abortion !== undefined) return this.#refuse(item);
    const visit = new Visit(item, (one) => this.#service.end(one, true));
    this.#waiting.add(visit);
    void this.#queue.add(() => this.#context.runInAsyncScope(() => this.#run(visit)));
  }

  #refuse(item: Item): void {
    this.counts.refused += 1;
    this.#service.end(item, true);
  }

  async #run(visit: Visit<Item>): Promise<void> {
    this.#waiting.delete(visit);
    this.#active.add(visit);
    const failures = await this.#failuresOf(visit);
    visit.end();
    this.#service.end(visit.item, failures.length > 0);
    if (failures.length > 0) this.counts[visit.hasBegun ? 'failed' : 'refused'] += 1;
    for (const failure of failures) {
      if (this.#abortion === undefined || failure !== this.#abortion.reason)
        void this.#report(failure, this.#service.addressOf(visit.item));
    }
    this.#active.delete(visit);
    this.#checkDrained();
  }

  /** Why a visit has failed: because its handler was told to end, because of an error of its own, or both. */
  async #failuresOf(visit: Visit<Item>): Promise<readonly unknown[]> {
    const { signal } = visit;
    const failures = new Set<unknown>();
    try {
      await this.#service.serve(visit);
    } catch (error) {
      if (!signal.aborted || !isClosed(error)) failures.add(error);
    }
    if (signal.aborted) failures.add(signal.reason);
    return [...failures];
  }

  /** Hands an error to the program. Its own errors, in doing what it does about that, end nothing either. */
  async #report(error: unknown, address: Address | null): Promise<void> {
    try {
      await this.#options.onError(error, address);
    } catch (problem) {
      process.emitWarning(`onError() failed: ${textOf(problem)}`, { code: 'AWAIT_SOCKET_SERVE' });
    }
  }

  async #stop(): Promise<void> {
    this.#taking.abort();
    await this.#lastArrivals();
    this.#service.retire();
    try {
      // A queue that other processes share may never be empty.
      for (let turn = 0; turn < 2 * SOMAXCONN && this.#service.waiting > 0; turn += 1) {
        this.#admit(await this.#service.take());
      }
    } catch (error) {
      if (this.#abortion === undefined) void this.#report(error, null);
    }
    this.#hasStopped = true;
    this.#checkDrained();
  }

  /**
   * Waits until all who have connected have arrived: they have sent requests, and closing the socket would reset them.
   * They are at most as many as the kernel's queue is long, and libuv takes one of them each time it polls.
   */
  async #lastArrivals(): Promise<void> {
    for (let turn = 0; turn < SOMAXCONN; turn += 1) {
      const { waiting } = this.#service;
      await new Promise<void>((resolve) => afterPoll(resolve));
      if (this.#service.waiting <= waiting) return;
    }
  }

  #checkDrained(): void {
    if (!this.#hasStopped || this.#active.size > 0 || this.#waiting.size > 0) return;
    this.#service.close();
    this.#resolveDrained();
  }
}

/** The rate as p-queue takes it: so many tasks in any interval. */
function intervalOf(rate: number | undefined): { interval: number; intervalCap: number; strict: true } | undefined {
  if (rate === undefined) return undefined;
  const intervalCap = Math.max(1, Math.floor(rate));
  return { interval: (1000 * intervalCap) / rate, intervalCap, strict: true };
}

/** The error of every call on a socket that is closed. */
function isClosed(error: unknown): boolean {
  return error instanceof OSError && error.code === 'EBADF';
}
