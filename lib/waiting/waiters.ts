import { SharedAbortListener, type Abortable } from './abort.ts';
import { LONGEST_TIMER } from './clock.ts';
import { afterPoll } from './fairness.ts';

/** How long a wait may last: whichever of the two comes first, or for ever. */
export interface Limits {
  /**
   * A moment as `performance.now()` counts, in milliseconds; `'poll'` for no longer than it takes to ask the kernel
   * once, which is how a call that does not wait learns what is there already; `null` for no end.
   */
  readonly deadline: number | 'poll' | null;
  /** Ends the wait when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A wait that ended without a result: its time was over, its signal was aborted, or what it waited on was closed. */
export class WaitAborted {
  readonly reason: 'timeout' | 'abort' | 'close';

  constructor(why: 'timeout' | 'abort' | 'close') {
    this.reason = why;
  }
}

/** What a list knows of one task's wait, whatever it waits for. */
interface Waiting {
  readonly list: WaiterList;
  previous: Waiting | undefined;
  next: Waiting | undefined;
  /** Starts what may end the wait early. */
  start(): void;
  /** Tries once more; true where the wait is over. */
  isOver(): boolean;
  /** Ends the wait without a result. */
  interrupt(interruption: WaitAborted): void;
}

/**
 * One task's wait. A class of it knows what the task wants, and tells it what came of it: one object for all that,
 * because closures and what they keep alive made a connection that waits 7 % heavier.
 */
export abstract class Waiter<T> implements Waiting, Abortable {
  readonly list: WaiterList;
  previous: Waiting | undefined;
  next: Waiting | undefined;
  protected readonly limits: Limits;
  #waiting = true;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param list - where it is to wait, once it is added.
   * @param limits - what ends the wait early.
   */
  constructor(list: WaiterList, limits: Limits) {
    this.list = list;
    this.limits = limits;
  }

  /** Takes what it wants, or gives `undefined` and takes nothing. */
  protected abstract attempt(): T | undefined;

  /** Is called once, with what came of the wait. */
  protected abstract settle(outcome: T | WaitAborted): void;

  /** Is called instead with what an attempt has thrown. */
  protected abstract fail(error: unknown): void;

  start(): void {
    const { deadline, signal } = this.limits;
    if (signal !== undefined) SharedAbortListener.add(signal, this);
    // A turn more, because an attempt that rests for a turn may have to ask the kernel itself.
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
    if (this.#leave()) this.settle(interruption);
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
    // A last look: what the kernel has already must not be missed because the program was late, or its limit below a
    // turn of the loop.
    if (rest <= 0) afterPoll(() => this.#expire());
    // Unref'd: a call that waits keeps the process alive by itself (promise 12).
    else this.#timer = setTimeout(() => this.#watchClock(deadline), Math.min(rest, LONGEST_TIMER)).unref();
  }

  /** Whether the wait ends by this; an attempt may end its list, and its own wait with it. */
  #leave(): boolean {
    if (!this.#waiting) return false;
    this.#waiting = false;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.limits.signal !== undefined) SharedAbortListener.remove(this.limits.signal, this);
    this.list.remove(this);
    return true;
  }
}

/** A wait for what a function gives. */
class FunctionWaiter<T> extends Waiter<T> {
  protected readonly attempt: () => T | undefined;
  protected readonly settle: (outcome: T | WaitAborted) => void;
  protected readonly fail: (error: unknown) => void;

  constructor(
    list: WaiterList,
    limits: Limits,
    attempt: () => T | undefined,
    settle: (outcome: T | WaitAborted) => void,
    fail: (error: unknown) => void,
  ) {
    super(list, limits);
    this.attempt = attempt;
    this.settle = settle;
    this.fail = fail;
  }
}

/**
 * Tasks that wait for something, served in the order in which they came.
 *
 * Each waits with an attempt: a function that takes what it wants if that is there, or else returns `undefined` and
 * takes nothing. An attempt is made only while its wait is in the list, and what it took is the wait's result: so a
 * wait that ended early has taken nothing, and nothing that was taken goes missing. All operations are O(1) a waiter.
 */
export class WaiterList {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #length = 0;
  #serving = false;
  /** How often the list is held, and what runs out of time once it is not held any more. */
  #hold: { count: number; readonly late: (() => void)[] } | undefined;

  /** How many tasks wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Waits after all that wait already, until `attempt` gives a result or the wait is ended. The attempt is first made
   * at the next {@link serve}, never at once. Rejects only with what `attempt` throws.
   */
  wait<T>(attempt: () => T | undefined, limits: Limits): Promise<T | WaitAborted> {
    if (limits.signal?.aborted === true) return Promise.resolve(new WaitAborted('abort'));
    return new Promise<T | WaitAborted>((resolve, reject) => {
      this.add(new FunctionWaiter(this, limits, attempt, resolve, reject));
    });
  }

  /** Lets a waiter wait after all others, as {@link wait} does. */
  add(waiter: Waiting): void {
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
    waiter.start();
  }

  /** Lets those who wait try, in their order, up to the first whose attempt gives nothing. */
  serve(): void {
    // An attempt may itself bring about what serves its list, as a write does that fails at once. It must not be made
    // again inside of itself: its wait would leave the list twice. Nothing is missed, because none but the first may
    // take, and that is the one at it.
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.#first?.isOver() === true);
    } finally {
      this.#serving = false;
    }
  }

  /** Ends all waits that are in the list now. */
  end(interruption: WaitAborted): void {
    while (this.#first !== undefined) this.#first.interrupt(interruption);
  }

  /**
   * Keeps those who wait from running out of time until the function is called that this gives: what they wait for is
   * there, and only has to be found out.
   */
  hold(): () => void {
    const hold = (this.#hold ??= { count: 0, late: [] });
    hold.count += 1;
    return () => {
      hold.count -= 1;
      if (hold.count > 0) return;
      this.#hold = undefined;
      for (const expire of hold.late) expire();
    };
  }

  /** Whether the list is held; then `expire` is called when it is not any more. */
  holds(expire: () => void): boolean {
    this.#hold?.late.push(expire);
    return this.#hold !== undefined;
  }

  /** Takes a waiter out of the list, wherever it stands; for the wait itself to call. */
  remove(waiter: Waiting): void {
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    this.#length -= 1;
  }
}
