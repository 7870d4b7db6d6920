import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { afterPoll } from '../../lib/waiting/fairness.ts';
import { WaitAborted, WaiterList } from '../../lib/waiting/waiters.ts';

/** A wait for `want` pieces that follow each other in a stream. */
interface Wait {
  readonly want: number;
  /** Milliseconds from now; 0 and less has passed already. */
  readonly time: number | null;
  /** Which of the signals may end it. */
  readonly signal: number | null;
  /** What its attempt does when the pieces are there: take them, or throw. */
  readonly throws: boolean;
  /** Whether its attempt serves the list too. */
  readonly serves: boolean;
}

type Operation =
  | { readonly does: 'wait'; readonly wait: Wait }
  | { readonly does: 'supply'; readonly count: number }
  | { readonly does: 'pass'; readonly milliseconds: number }
  | { readonly does: 'abort'; readonly signal: number }
  | { readonly does: 'end' };

/** The outcome of a wait: the pieces it got, or why it got none. */
type Outcome = string;

const SIGNALS = 3;

const wait = fc.record({
  want: fc.integer({ min: 1, max: 4 }),
  time: fc.option(fc.integer({ min: -1, max: 30 })),
  signal: fc.option(fc.nat(SIGNALS - 1)),
  throws: fc.boolean(),
  serves: fc.boolean(),
});

const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ does: fc.constant('wait' as const), wait }) },
    {
      weight: 5,
      arbitrary: fc.record({ does: fc.constant('supply' as const), count: fc.integer({ min: 1, max: 5 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('pass' as const), milliseconds: fc.integer({ min: 1, max: 20 }) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('abort' as const), signal: fc.nat(SIGNALS - 1) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('end' as const) }) },
  ),
  { maxLength: 60 },
);

/** The list under test, and its outcomes. The numbers of the pieces show the order in which they were taken. */
class Real {
  readonly list = new WaiterList();
  readonly controllers = Array.from({ length: SIGNALS }, () => new AbortController());
  readonly settled = new Map<number, Outcome>();
  #stock = 0;
  #taken = 0;

  wait(id: number, { want, time, signal, throws, serves }: Wait): void {
    const attempt = (): string | undefined => {
      if (serves) this.list.serve();
      if (this.#stock < want) return undefined;
      if (throws) throw new Error('thrown');
      this.#stock -= want;
      const first = this.#taken;
      this.#taken += want;
      if (serves) this.list.serve();
      return `${first} to ${this.#taken}`;
    };
    const limits = {
      deadline: time === null ? null : performance.now() + time,
      signal: signal === null ? undefined : this.controllers[signal]?.signal,
    };
    void this.list.wait(attempt, limits).then(
      (outcome) => this.settled.set(id, outcome instanceof WaitAborted ? outcome.reason : outcome),
      (error: unknown) => this.settled.set(id, String(error)),
    );
  }

  supply(count: number): void {
    this.#stock += count;
    this.list.serve();
  }
}

/** The model: an array, searched from the start. */
class Model {
  readonly settled = new Map<number, Outcome>();
  readonly #aborted = new Set<number>();
  #waits: (Wait & { readonly id: number; readonly deadline: number })[] = [];
  #stock = 0;
  #taken = 0;
  #now = 0;

  get length(): number {
    return this.#waits.length;
  }

  /** How many wait with a time limit. */
  get timers(): number {
    return this.#waits.filter(({ time }) => time !== null).length;
  }

  /** Whether any wait has that signal. */
  watches(signal: number): boolean {
    return this.#waits.some((wait) => wait.signal === signal);
  }

  wait(id: number, wait: Wait): void {
    if (wait.signal !== null && this.#aborted.has(wait.signal)) {
      this.settled.set(id, 'abort');
      return;
    }
    this.#waits.push({ ...wait, id, deadline: wait.time === null ? Infinity : this.#now + wait.time });
    this.pass(0);
  }

  supply(count: number): void {
    this.#stock += count;
    this.#serve();
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    const over = this.#waits.filter(({ deadline }) => deadline <= this.#now);
    for (const late of over.sort((one, other) => one.deadline - other.deadline)) {
      if (!this.#waits.includes(late)) continue;
      this.#interrupt((wait) => wait === late, 'timeout');
      this.#serve();
    }
  }

  abort(signal: number): void {
    this.#aborted.add(signal);
    if (!this.watches(signal)) return;
    this.#interrupt((wait) => wait.signal === signal, 'abort');
    this.#serve();
  }

  end(): void {
    this.#interrupt(() => true, 'close');
  }

  #interrupt(which: (wait: Wait) => boolean, why: Outcome): void {
    for (const { id } of this.#waits.filter(which)) this.settled.set(id, why);
    this.#waits = this.#waits.filter((wait) => !which(wait));
  }

  #serve(): void {
    for (let first = this.#waits[0]; first !== undefined && first.want <= this.#stock; first = this.#waits[0]) {
      this.#waits.shift();
      if (first.throws) {
        this.settled.set(first.id, 'Error: thrown');
      } else {
        this.#stock -= first.want;
        this.#taken += first.want;
        this.settled.set(first.id, `${this.#taken - first.want} to ${this.#taken}`);
      }
    }
  }
}

describe('WaiterList against a model', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
  afterEach(() => void jest.useRealTimers());

  it('settles each wait with what its attempt took, in the order of the waits, or with nothing taken', async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (operations) => {
        jest.clearAllTimers();
        const real = new Real();
        const model = new Model();
        const compare = async (): Promise<void> => {
          // Promises settle in microtasks, all of which are done by the next turn.
          await new Promise((resolve) => setImmediate(resolve));
          // A wait whose deadline has passed makes one more attempt before it ends.
          if (real.list.length !== model.length) await new Promise<void>((resolve) => afterPoll(resolve));
          expect(real.settled).toEqual(model.settled);
          expect(real.list.length).toBe(model.length);
          expect(jest.getTimerCount()).toBe(model.timers);
          for (const [index, { signal }] of real.controllers.entries()) {
            expect(getEventListeners(signal, 'abort')).toHaveLength(model.watches(index) ? 1 : 0);
          }
        };
        for (const [id, operation] of operations.entries()) {
          switch (operation.does) {
            case 'wait':
              real.wait(id, operation.wait);
              model.wait(id, operation.wait);
              break;
            case 'supply':
              real.supply(operation.count);
              model.supply(operation.count);
              break;
            case 'pass':
              jest.advanceTimersByTime(operation.milliseconds);
              model.pass(operation.milliseconds);
              break;
            case 'abort':
              real.controllers[operation.signal]?.abort();
              model.abort(operation.signal);
              break;
            case 'end':
              real.list.end(new WaitAborted('close'));
              model.end();
          }
          await compare();
        }
        real.list.end(new WaitAborted('close'));
        model.end();
        await compare();
        expect(real.settled.size).toBe(operations.filter(({ does }) => does === 'wait').length);
      }),
      { numRuns: 400 },
    );
  });
});
