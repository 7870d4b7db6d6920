import { afterPoll } from './turns.ts';

/** How long a wait may last: whichever of the two comes first, or for ever. */
export interface Limits {
  /**
   * A moment as `performance.now()` counts, in milliseconds; `'poll'` for no longer than it takes to ask the kernel once, which is
   * how a call that does not wait learns what is there already; `null` for no end.
   */
  readonly deadline: number | 'poll' | null;
  /** Ends the wait when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** A wait that ended without a result: its time was over, its signal was aborted, or what it waited on was closed. */
export class Interruption {
  readonly why: 'timeout' | 'abort' | 'close';

  constructor(why: 'timeout' | 'abort' | 'close') {
    this.why = why;
  }
}

/** The longest time that `setTimeout` takes; beyond it, it would fire at once. */
const LONGEST_TIMER = 0x7fff_ffff;

/** What a list knows of one task's wait, whatever it waits for. */
interface Waiting {
  previous: Waiting | undefined;
  next: Waiting | undefined;
  /** Tries once more; true where that ended the wait. */
  attempt(): boolean;
  /** Ends the wait without a result. */
  interrupt(interruption: Interruption): void;
}

/** One task's wait. */
class Waiter<T> implements Waiting {
  previous: Waiting | undefined;
  next: Waiting | undefined;
  readonly #list: WaiterList;
  readonly #attempt: () => T | undefined;
  readonly #limits: Limits;
  readonly #resolve: (outcome: T | Interruption) => void;
  readonly #reject: (error: unknown) => void;
  #waiting = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    list: WaiterList,
    attempt: () => T | undefined,
    limits: Limits,
    resolve: (outcome: T | Interruption) => void,
    reject: (error: unknown) => void,
  ) {
    this.#list = list;
    this.#attempt = attempt;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Starts what may end the wait early. */
  start(): void {
    this.#limits.signal?.addEventListener('abort', this);
    if (this.#limits.deadline === 'poll') afterPoll(() => this.#expire());
    else if (this.#limits.deadline !== null) this.#watchClock(this.#limits.deadline);
  }

  attempt(): boolean {
    try {
      const result = this.#attempt();
      if (result === undefined) return false;
      this.#resolve(result);
    } catch (error) {
      this.#reject(error);
    }
    this.#leave();
    return true;
  }

  interrupt(interruption: Interruption): void {
    this.#leave();
    this.#resolve(interruption);
  }

  /** The signal's 'abort': the wait takes nothing any more, and those behind it may have their turn. */
  handleEvent(): void {
    this.interrupt(new Interruption('abort'));
    this.#list.serve();
  }

  #expire(): void {
    if (!this.#waiting) return;
    this.interrupt(new Interruption('timeout'));
    this.#list.serve();
  }

  #watchClock(deadline: number): void {
    const rest = Math.ceil(deadline - performance.now());
    if (rest <= 0) this.#expire();
    // Unref'd, because the handle that is waited for keeps the process alive, unless its user unref'd that too.
    else this.#timer = setTimeout(() => this.#watchClock(deadline), Math.min(rest, LONGEST_TIMER)).unref();
  }

  #leave(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
    this.#limits.signal?.removeEventListener('abort', this);
    this.#list.remove(this);
  }
}

/**
 * Tasks that wait for something, served in the order in which they came.
 *
 * Each waits with an attempt: a function that takes what it wants if that is there, or else returns `undefined` and takes nothing. An
 * attempt is made only while its wait is in the list, and what it took is the wait's result: so a wait that ended early has taken
 * nothing, and nothing that was taken goes missing. All operations are O(1) a waiter.
 */
export class WaiterList {
  #first: Waiting | undefined;
  #last: Waiting | undefined;
  #length = 0;

  /** How many tasks wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Waits behind all who wait already, until `attempt` gives a result or the wait is ended. The attempt is first made at the next
   * {@link serve}, never at once. Rejects only with what `attempt` throws.
   */
  wait<T>(attempt: () => T | undefined, limits: Limits): Promise<T | Interruption> {
    if (limits.signal?.aborted === true) return Promise.resolve(new Interruption('abort'));
    return new Promise<T | Interruption>((resolve, reject) => {
      const waiter = new Waiter(this, attempt, limits, resolve, reject);
      this.#append(waiter);
      waiter.start();
    });
  }

  /** Lets those who wait try, in their order, up to the first whose attempt gives nothing. */
  serve(): void {
    while (this.#first?.attempt() === true);
  }

  /** Ends all waits that are in the list now. */
  end(interruption: Interruption): void {
    while (this.#first !== undefined) this.#first.interrupt(interruption);
  }

  /** Takes a waiter out of the list, wherever it stands; for the wait itself to call. */
  remove(waiter: Waiting): void {
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    this.#length -= 1;
  }

  #append(waiter: Waiting): void {
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
  }
}
