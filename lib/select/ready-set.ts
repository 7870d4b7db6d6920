import { POLLNVAL } from '../common/poll-constants.ts';
import type { Readiness } from '../transports/readiness.ts';
import { afterPoll, resetBudget } from '../waiting/fairness.ts';
import { rejected, rejectedAfterWait } from '../waiting/gate.ts';
import { addWaits, removeWaits } from '../waiting/keep-alive.ts';
import type { WaitAborted } from '../waiting/waiters.ts';
import { Waiter, WaiterList, BY_CLOSE, type Limits } from '../waiting/waiters.ts';

/**
 * So many sockets that may be ready are reported before the poll of the kernel is over: the program then serves them
 * while the processor's caches still have what was read.
 */
const BATCH = 16;

/** What a watch is made of. */
interface Watched<T> {
  readonly socket: Readiness;
  readonly events: number;
  readonly item: T;
  readonly order: number;
}

/** A socket of a set, and the events that are waited for. */
export class Watch<T> {
  readonly socket: Readiness;
  /** What the owner of the set keeps with it. */
  item: T;
  /** When it joined the set, among the others. */
  readonly order: number;
  /** Whether it may be ready. */
  isSuspect = false;
  /** Whether the set has it in its list. */
  isListed = false;
  /** What is reported; nothing at all while it rests. */
  #wanted: number;
  /** Lets the waits of the set end again that are held until the socket has settled. */
  #release: (() => void) | undefined;
  readonly #forget: () => void;

  readonly #onChange: (watch: Watch<T>) => void;

  constructor({ socket, events, item, order }: Watched<T>, isKept: boolean, onChange: (watch: Watch<T>) => void) {
    this.socket = socket;
    this.item = item;
    this.order = order;
    this.#wanted = events;
    this.#onChange = onChange;
    this.#forget = isKept ? socket.observe(() => onChange(this)) : Watch.#observeWeakly(this);
  }

  /** Has a watch notified that the socket must not keep: a socket that the program has lost would keep itself by it. */
  static #observeWeakly<T>(watch: Watch<T>): () => void {
    const weak = new WeakRef(watch);
    const forget = watch.socket.observe(() => {
      const one = weak.deref();
      if (one === undefined) forget();
      else one.#onChange(one);
    });
    return forget;
  }

  /** Asks for other events. */
  want(events: number): void {
    this.#wanted = events;
  }

  /** Reports nothing any more until {@link want}. */
  rest(): void {
    this.#wanted = 0;
  }

  /** The events that have happened, of those that are wanted. */
  poll(): number {
    return this.#wanted === 0 ? 0 : this.socket.poll() & this.#wanted;
  }

  /** Holds the waits of the set for as long as the socket has to settle. */
  settle(waiters: WaiterList): void {
    if (this.socket.isSettling) {
      this.#release ??= waiters.hold();
    } else {
      this.#release?.();
      this.#release = undefined;
    }
  }

  /** The socket is not watched any more. */
  end(): void {
    this.#forget();
    this.#release?.();
  }
}

/** A socket that is ready, and for what. */
export interface Ready<T> {
  readonly watch: Watch<T>;
  readonly events: number;
}

/**
 * Sockets that are watched together. It keeps those apart that may be ready: all that have changed since they were last
 * found not to be. Only these are asked, so what a wake-up costs does not grow with the sockets that stay idle.
 *
 * As in select(2), what is ready is found anew by each wait, and stays ready until the program has taken it. A wait
 * reports nothing before the kernel was polled, or has reported a batch: only then is it known what has arrived, and the
 * tasks of other sockets have had their turn.
 */
export class ReadySet<T> {
  readonly #waiters = new WaiterList();
  /** Those that may be ready, each once, and some that need not be asked any more. */
  #suspects: Watch<T>[] = [];
  readonly #onClosed: ((watch: Watch<T>) => void) | undefined;
  readonly #isKept: boolean;
  #added = 0;
  #isDue = false;

  /**
   * @param isKept - whether the sockets keep the set and what it knows. Where they do not, the owner keeps its watches, and
   * itself while a call waits.
   * @param onClosed - called with a watch whose socket was closed, in place of a report.
   */
  constructor(isKept: boolean, onClosed?: (watch: Watch<T>) => void) {
    this.#isKept = isKept;
    this.#onClosed = onClosed;
  }

  /** Watches a socket. */
  add(socket: Readiness, events: number, item: T): Watch<T> {
    const watch = new Watch({ socket, events, item, order: this.#added }, this.#isKept, this.#onChange);
    this.#added += 1;
    watch.settle(this.#waiters);
    this.suspect(watch);
    return watch;
  }

  /** The watch wants something else: it may be ready. */
  suspect(watch: Watch<T>): void {
    this.#note(watch);
    // The poll starts reading, if that is needed.
    if (this.#waiters.length > 0 && watch.poll() !== 0) this.#reportAfterPoll();
  }

  /** Ends a watch. */
  remove(watch: Watch<T>): void {
    watch.end();
    this.forgive(watch);
  }

  /** Reports the first of those that are ready after the others, the next time. */
  rotate(count: number): void {
    this.#suspects = this.#suspects.slice(count).concat(this.#suspects.slice(0, count));
  }

  /** Takes a watch for idle until its socket changes. */
  forgive(watch: Watch<T>): void {
    watch.isSuspect = false;
  }

  /**
   * Waits until at least one socket is ready, or the limits end the wait, and keeps the process alive until then.
   *
   * @param finish - makes the result of what is ready, in the order in which it became ready; of nothing after the time
   * limit. What it throws is the error of the call.
   * @param leave - called first, however the wait ends.
   */
  wait<R>(limits: Limits, finish: (ready: Ready<T>[]) => R, leave = nothing): Promise<R> {
    const isReady = this.#collect().length > 0;
    return new Promise<R>((resolve) => {
      const collect = (): Ready<T>[] => this.#collect();
      this.#waiters.add(new Selecting(this.#waiters, { collect, finish, leave, resolve }), limits);
      if (isReady) this.#reportAfterPoll();
    });
  }

  /** Ends the waits, as their time limits would. */
  end(): void {
    this.#waiters.end(BY_CLOSE);
  }

  readonly #onChange = (watch: Watch<T>): void => {
    this.#note(watch);
    watch.settle(this.#waiters);
    if (this.#waiters.length === 0) return;
    if (this.#suspects.length === BATCH) queueMicrotask(this.#reportBatch);
    if (this.#isDue) return;
    // The poll of the kernel is under way: others may be found ready by it.
    this.#isDue = true;
    setImmediate(this.#report);
  };

  readonly #reportBatch = (): void => this.#waiters.serve();

  readonly #report = (): void => {
    this.#isDue = false;
    resetBudget();
    this.#waiters.serve();
  };

  #reportAfterPoll(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    afterPoll(this.#report);
  }

  #note(watch: Watch<T>): void {
    watch.isSuspect = true;
    if (watch.isListed) return;
    watch.isListed = true;
    this.#suspects.push(watch);
  }

  /** Finds those that are ready, and drops the others. */
  #collect(): Ready<T>[] {
    const ready: Ready<T>[] = [];
    for (const watch of this.#suspects.splice(0)) {
      watch.isListed = false;
      if (!watch.isSuspect) continue;
      watch.isSuspect = false;
      const events = watch.poll();
      if (events !== 0) {
        this.#note(watch);
        ready.push({ watch, events });
      } else if (this.#onClosed !== undefined && watch.socket.poll() === POLLNVAL) {
        this.#onClosed(watch);
      }
    }
    return ready;
  }
}

/** A call that waits for a set. */
interface Pending<T, R> {
  readonly collect: () => Ready<T>[];
  readonly finish: (ready: Ready<T>[]) => R;
  readonly leave: () => void;
  readonly resolve: (result: R | Promise<R>) => void;
}

class Selecting<T, R> extends Waiter<Ready<T>[]> {
  readonly #pending: Pending<T, R>;

  constructor(list: WaiterList, pending: Pending<T, R>) {
    super(list);
    this.#pending = pending;
    addWaits(1);
  }

  protected attempt(): Ready<T>[] | undefined {
    if (this.list.isHeld) return undefined;
    const ready = this.#pending.collect();
    return ready.length > 0 ? ready : undefined;
  }

  protected settle(ready: Ready<T>[]): void {
    const { finish, resolve } = this.#pending;
    this.#leave();
    resolve(resultOf(() => finish(ready)));
  }

  protected end({ reason }: WaitAborted): void {
    if (reason !== 'abort') return this.settle(this.#pending.collect());
    this.#leave();
    this.#pending.resolve(rejected(this.limits.signal?.reason));
  }

  protected fail(error: unknown): void {
    this.#leave();
    this.#pending.resolve(rejected(error));
  }

  #leave(): void {
    removeWaits(1);
    this.#pending.leave();
  }
}

function resultOf<R>(finish: () => R): R | Promise<R> {
  try {
    return finish();
  } catch (error) {
    return rejectedAfterWait(error);
  }
}

function nothing(): void {
  // Most waits leave nothing to be undone.
}
