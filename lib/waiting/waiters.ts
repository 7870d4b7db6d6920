import { SharedAbortListener, type Abortable } from './abort.ts';
import { LONGEST_TIMER } from './clock.ts';
import { afterPoll, resetBudget } from './fairness.ts';

/** How long a wait may last: whichever of the two comes first, or for ever. */
export interface Limits {
  /**
   * A moment in the milliseconds of `performance.now()`; `'poll'` for no longer than it takes to ask the kernel once,
   * which a call that does not wait needs to learn what the kernel has already; `null` for no limit.
   */
  readonly deadline: number | 'poll' | null;
  /** Ends the wait when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A wait that ended without a result: it timed out, its signal was aborted, or its socket was closed. */
export class WaitAborted {
  readonly reason: 'timeout' | 'abort' | 'close';

  constructor(why: 'timeout' | 'abort' | 'close') {
    this.reason = why;
  }
}

/** What ends the waits of a socket that is closed; one object for all. */
export const BY_CLOSE = new WaitAborted('close');

/** Who has sent bytes: where every datagram has a sender of its own. */
export interface Sender {
  readonly host: string;
  readonly port: number;
}

/** No limits; one object for all calls, which saves memory in each that waits. */
export const FOREVER: Limits = { deadline: null, signal: undefined };

/** One call's wait, as a list sees it. */
interface Waiting {
  previous: Waiting | undefined;
  next: Waiting | undefined;
  /** The wait begins: from now on the limits may end it. */
  start(limits: Limits): void;
  /** Tries once more; true where the wait is over. */
  isOver(): boolean;
  /**
   * The short way for a call that waits alone: takes what it wants of bytes that have just arrived, and that come next.
   * Those that are not lent it may only take whole. Returns how many it has taken; 0 where it has to make an attempt. A
   * call that always has to make one leaves this out.
   */
  offer?(bytes: Buffer, isLent: boolean, from?: Sender): number;
  /** Ends the wait without a result. */
  interrupt(interruption: WaitAborted): void;
}

/**
 * One call's wait. A subclass knows what the call wants and reports the outcome to it. That is one object, because
 * closures, and what they keep alive, would need more memory.
 */
export abstract class Waiter<T> implements Waiting, Abortable {
  readonly list: WaiterList;
  previous: Waiting | undefined;
  next: Waiting | undefined;
  /** What ends the wait early. */
  protected limits = FOREVER;
  #waiting = true;
  #timer: NodeJS.Timeout | undefined;

  /** @param list - where it waits, once it is added. */
  constructor(list: WaiterList) {
    this.list = list;
  }

  /** Takes what it wants, or gives `undefined` and takes nothing. */
  protected abstract attempt(): T | undefined;

  /** Called once, with the result of the wait. */
  protected abstract settle(result: T): void;

  /** Called instead, where the wait has ended without a result. */
  protected abstract end(interruption: WaitAborted): void;

  /** Called instead, with the error that an attempt threw. */
  protected abstract fail(error: unknown): void;

  start(limits: Limits): void {
    if (limits === FOREVER) return;
    this.limits = limits;
    const { deadline, signal } = limits;
    if (signal !== undefined) SharedAbortListener.add(signal, this);
    // One more turn of the event loop, because an attempt that rests for a turn may have to ask the kernel itself.
    if (deadline === 'poll') afterPoll(() => setImmediate(() => this.#expire()));
    else if (deadline !== null) this.#watchClock(deadline);
  }

  isOver(): boolean {
    let result: T | undefined;
    try {
      result = this.attempt();
    } catch (error) {
      if (this.#leave()) this.fail(error);
      return true;
    }
    if (result !== undefined && this.#leave()) this.settle(result);
    return !this.#waiting;
  }

  interrupt(interruption: WaitAborted): void {
    if (this.#leave()) this.end(interruption);
  }

  abort(): void {
    this.interrupt(new WaitAborted('abort'));
  }

  #expire(): void {
    if (!this.#waiting || this.list.holds(() => this.#expire())) return;
    this.interrupt(new WaitAborted('timeout'));
    this.list.serve();
  }

  #watchClock(deadline: number): void {
    const rest = Math.ceil(deadline - performance.now());
    // One last attempt: a late program, or a limit shorter than a turn of the event loop, must not miss what the kernel
    // has already.
    if (rest <= 0) afterPoll(() => this.#expire());
    // Unref'd: a call that waits keeps the process alive by itself (promise 12).
    else this.#timer = setTimeout(() => this.#watchClock(deadline), Math.min(rest, LONGEST_TIMER)).unref();
  }

  /** Ends the wait with a result that no attempt has found. */
  give(result: T): void {
    if (this.#leave()) this.settle(result);
  }

  /** Leaves the list. False if the wait was over: an attempt may end its list, and its own wait with it. */
  #leave(): boolean {
    if (!this.#waiting) return false;
    this.#waiting = false;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.limits.signal !== undefined) SharedAbortListener.remove(this.limits.signal, this);
    this.list.remove(this);
    return true;
  }
}

/** A wait for the result of a function. */
class FunctionWaiter<T> extends Waiter<T> {
  protected readonly attempt: () => T | undefined;
  protected readonly settle: (result: T) => void;
  protected readonly end: (interruption: WaitAborted) => void;
  protected readonly fail: (error: unknown) => void;

  constructor(
    list: WaiterList,
    attempt: () => T | undefined,
    settle: (outcome: T | WaitAborted) => void,
    fail: (error: unknown) => void,
  ) {
    super(list);
    this.attempt = attempt;
    this.settle = settle;
    this.end = settle;
    this.fail = fail;
  }
}

/**
 * Calls that wait for the same thing, served in the order in which they came.
 *
 * Each waits with an attempt: a function that takes what it wants where that is available, or returns `undefined` and
 * takes nothing. An attempt is made only while its wait is in the list, and what it takes is the wait's result: thus a
 * wait that ended early has taken nothing, and nothing that was taken is lost. All operations are O(1) per waiter.
 */
export class WaiterList {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #length = 0;
  /** Why no attempt may begin: one is under way, or the list rests. */
  #busy: 'serving' | 'resting' | undefined;
  /** How often the list is held, and the waits that time out once it is not held any more. */
  #hold: { count: number; readonly late: (() => void)[] } | undefined;
  #observers: Set<() => void> | undefined;

  /** How many calls wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Waits after all waits in the list, until `attempt` gives a result or the wait is ended. The first attempt is made
   * at the next {@link serve}, never at once. Rejects only with what `attempt` throws.
   */
  wait<T>(attempt: () => T | undefined, limits: Limits): Promise<T | WaitAborted> {
    if (limits.signal?.aborted === true) return Promise.resolve(new WaitAborted('abort'));
    return new Promise<T | WaitAborted>((resolve, reject) => {
      this.add(new FunctionWaiter(this, attempt, resolve, reject), limits);
    });
  }

  /** Adds a waiter after all others, as {@link wait} does. */
  add(waiter: Waiting, limits: Limits): void {
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
    waiter.start(limits);
  }

  /** Lets the waiters try, in their order, up to the first whose attempt gives nothing. */
  serve(): void {
    // An attempt may itself serve its list, as a write does that fails at once. It must not be made again inside of
    // itself: its wait would leave the list twice. Nothing is missed, because only the first waiter may take, and that
    // is the one whose attempt runs.
    if (this.#busy === 'serving') return;
    if (this.#first !== undefined && this.#busy === undefined) this.#serveAll();
    this.#notify();
  }

  /**
   * Lets no waiter try before the event loop's next turn, however often the list is served until then: the callback of
   * a finished write comes before that turn, and would let a task that sends in a loop starve all others.
   */
  rest(): void {
    if (this.#busy === 'resting') return;
    this.#busy = 'resting';
    setImmediate(() => {
      resetBudget();
      this.#busy = undefined;
      this.serve();
    });
  }

  /** Offers bytes that have just arrived to a waiter that is alone; returns how many it has taken. */
  offer(bytes: Buffer, isLent: boolean, from?: Sender): number {
    if (this.#length !== 1 || this.#busy !== undefined) return 0;
    return this.#first?.offer?.(bytes, isLent, from) ?? 0;
  }

  /** Ends all waits that are in the list now. */
  end(interruption: WaitAborted): void {
    while (this.#first !== undefined) this.#first.interrupt(interruption);
    this.#notify();
  }

  /**
   * Calls an observer each time the list was served, ended, held or released: what it is about may have changed.
   *
   * @returns a function that ends that.
   */
  observe(observer: () => void): () => void {
    const observers = (this.#observers ??= new Set());
    observers.add(observer);
    return () => observers.delete(observer);
  }

  /**
   * Keeps the waiters from timing out until the returned function is called: the kernel has their outcome already, and
   * it only has to be read.
   */
  hold(): () => void {
    const hold = (this.#hold ??= { count: 0, late: [] });
    hold.count += 1;
    this.#notify();
    return () => {
      hold.count -= 1;
      if (hold.count > 0) return;
      this.#hold = undefined;
      for (const expire of hold.late) expire();
      this.#notify();
    };
  }

  /** Whether the list is held. */
  get isHeld(): boolean {
    return this.#hold !== undefined;
  }

  /** Whether the list is held; if so, `expire` is called once it is not any more. */
  holds(expire: () => void): boolean {
    this.#hold?.late.push(expire);
    return this.#hold !== undefined;
  }

  /** Takes a waiter out of the list, wherever it is in it; for the wait itself to call. */
  remove(waiter: Waiting): void {
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    this.#length -= 1;
  }

  #serveAll(): void {
    this.#busy = 'serving';
    try {
      while (this.#first?.isOver() === true);
    } finally {
      // An attempt may have let the list rest.
      if (this.#busy === 'serving') this.#busy = undefined;
    }
  }

  #notify(): void {
    if (this.#observers !== undefined) for (const observer of this.#observers) observer();
  }
}

/** Calls an observer of several lists, as {@link WaiterList.observe} does of one. */
export function observeAll(lists: readonly WaiterList[], observer: () => void): () => void {
  const ends = lists.map((list) => list.observe(observer));
  return () => {
    for (const end of ends) end();
  };
}
