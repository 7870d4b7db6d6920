import { setImmediate } from 'node:timers/promises';
import * as socket from '../../../lib/index.ts';
import { randomFrom } from '../../support/random.ts';

/** The random choices of one program, which follow from its seed. */
export class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  /** A whole number below `most`. */
  upTo(most: number): number {
    return Math.floor(this.#random() * most);
  }

  /** Whether something that happens with this probability does. */
  is(probability: number): boolean {
    return this.#random() < probability;
  }

  among<T>(values: readonly T[]): T {
    const value = values[this.upTo(values.length)];
    if (value === undefined) throw new RangeError('there are no values');
    return value;
  }

  /** A few turns of the event loop, or none. */
  async turns(most: number): Promise<void> {
    for (let count = this.upTo(most + 1); count > 0; count -= 1) await setImmediate();
  }

  /**
   * How a call is limited: by nothing, by a signal that is aborted some turns later, or by a time limit. `begin` makes
   * the call; the time limit of its socket counts for this call alone.
   */
  async limited<T>(one: socket.Socket, begin: (options: socket.WaitOptions) => Promise<T>): Promise<T> {
    const kind = this.upTo(6);
    if (kind === 0) {
      const controller = new AbortController();
      const call = begin({ signal: controller.signal });
      void this.turns(3).then(() => controller.abort());
      return await call;
    }
    if (kind > 2) return await begin({});
    one.settimeout(kind === 1 ? 0 : 0.001);
    const call = begin({});
    one.settimeout(null);
    return await call;
  }
}

/** What a time limit raises. */
const ENDED_EARLY = ['BlockingIOError', 'TimeoutError', 'SSLWantReadError', 'SSLWantWriteError'];

/** Whether an error comes of a call's limits, or of what came before it could be done: the socket goes on. */
export function isPassing(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'AbortError';
  if (error instanceof socket.IncompleteReadError || error instanceof socket.LimitOverrunError) return true;
  return error instanceof socket.OSError && ENDED_EARLY.includes(error.name);
}
