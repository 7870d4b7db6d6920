import { getEventListeners } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Waiter, WaitAborted, WaiterList, type Limits } from '../../lib/waiting/waiters.ts';

const FOR_EVER: Limits = { deadline: null, signal: undefined };
const LONGEST_TIMER = 2 ** 31 - 1;

const within = (milliseconds: number): Limits => ({ deadline: performance.now() + milliseconds, signal: undefined });
const until = (signal: AbortSignal): Limits => ({ deadline: null, signal });
const listenersOn = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Things to wait for, handed out by number in their order. */
class Store {
  readonly list = new WaiterList();
  attempts = 0;
  #next = 0;
  #stock = 0;

  /** An attempt that takes one. */
  readonly take = (): number | undefined => {
    this.attempts += 1;
    if (this.#stock === 0) return undefined;
    this.#stock -= 1;
    this.#next += 1;
    return this.#next;
  };

  supply(count: number): void {
    this.#stock += count;
    this.list.serve();
  }
}

describe('WaiterList', () => {
  it('serves in the order of the waits', async () => {
    const store = new Store();
    const waits = [1, 2, 3].map(() => store.list.wait(store.take, FOR_EVER));
    expect(store.list.length).toBe(3);
    store.supply(2);
    expect(store.list.length).toBe(1);
    store.supply(1);
    expect(await Promise.all(waits)).toEqual([1, 2, 3]);
    expect(store.list.length).toBe(0);
  });

  it('calls observers after the list is served or ended, until they end that', () => {
    const store = new Store();
    const seen: number[] = [];
    const stop = store.list.observe(() => seen.push(store.list.length));
    void store.list.wait(store.take, FOR_EVER);
    void store.list.wait(store.take, FOR_EVER);
    expect(seen).toEqual([]);
    store.supply(1);
    expect(seen).toEqual([1]);
    store.list.end(new WaitAborted('close'));
    expect(seen).toEqual([1, 0]);
    stop();
    store.supply(1);
    expect(seen).toEqual([1, 0]);
  });

  it('makes no attempt before serve(), nor for the second wait while the first gets nothing', () => {
    const store = new Store();
    void store.list.wait(store.take, FOR_EVER);
    void store.list.wait(store.take, FOR_EVER);
    expect(store.attempts).toBe(0);
    store.list.serve();
    expect(store.attempts).toBe(1);
  });

  it('makes no attempt any more once a wait is over', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, FOR_EVER);
    store.supply(1);
    expect(store.attempts).toBe(1);
    store.supply(1);
    expect(store.attempts).toBe(1);
    expect(await wait).toBe(1);
  });

  it('counts false, null and 0 as results', async () => {
    const list = new WaiterList();
    const waits = [false, null, 0, ''].map((result) => list.wait(() => result, FOR_EVER));
    list.serve();
    expect(await Promise.all(waits)).toEqual([false, null, 0, '']);
  });

  it('rejects with what an attempt throws, and goes on to the next', async () => {
    const store = new Store();
    const error = new Error('thrown');
    const failing = store.list.wait(() => {
      throw error;
    }, FOR_EVER);
    const next = store.list.wait(store.take, FOR_EVER);
    store.supply(1);
    await expect(failing).rejects.toBe(error);
    expect(await next).toBe(1);
  });

  it('serves 10,000', async () => {
    const store = new Store();
    const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1);
    const waits = numbers.map(() => store.list.wait(store.take, FOR_EVER));
    for (let served = 0; served < 10_000; served += 100) store.supply(100);
    expect(await Promise.all(waits)).toEqual(numbers);
  });
});

describe('WaiterList.end', () => {
  it('ends all waits, and no attempt is made', async () => {
    const store = new Store();
    const waits = [1, 2, 3].map(() => store.list.wait(store.take, FOR_EVER));
    const closed = new WaitAborted('close');
    store.list.end(closed);
    expect(await Promise.all(waits)).toEqual([closed, closed, closed]);
    expect([store.list.length, store.attempts]).toEqual([0, 0]);
  });

  it('leaves the list usable', async () => {
    const store = new Store();
    void store.list.wait(store.take, FOR_EVER);
    store.list.end(new WaitAborted('close'));
    const wait = store.list.wait(store.take, FOR_EVER);
    store.supply(1);
    expect(await wait).toBe(1);
  });
});

describe('an attempt that acts on its own list', () => {
  it('is not made again inside of itself when it serves', async () => {
    const store = new Store();
    // As a write that fails at once does: its failure serves the calls that wait to write.
    const first = store.list.wait(() => {
      store.list.serve();
      return store.take();
    }, FOR_EVER);
    const second = store.list.wait(store.take, FOR_EVER);
    const third = store.list.wait(store.take, FOR_EVER);
    store.supply(2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(store.list.length).toBe(1);
    store.supply(1);
    expect(await third).toBe(3);
    expect(store.list.length).toBe(0);
  });

  it.each([undefined, 'a result'])('has ended its wait when it ends the list, and gives %j', async (result) => {
    const store = new Store();
    const closed = new WaitAborted('close');
    const wait = store.list.wait(() => {
      store.list.end(closed);
      return result;
    }, FOR_EVER);
    const second = store.list.wait(store.take, FOR_EVER);
    store.list.serve();
    expect(await Promise.all([wait, second])).toEqual([closed, closed]);
    expect(store.list.length).toBe(0);
    const next = store.list.wait(store.take, FOR_EVER);
    store.supply(1);
    expect(await next).toBe(1);
  });
});

describe('a signal', () => {
  it('that is aborted already ends the wait before any attempt', async () => {
    const store = new Store();
    store.supply(1);
    expect(await store.list.wait(store.take, until(AbortSignal.abort()))).toEqual(new WaitAborted('abort'));
    expect([store.list.length, store.attempts]).toEqual([0, 0]);
  });

  it('ends the wait wherever it is in the list, and leaves the others in order', async () => {
    const store = new Store();
    const controllers = [1, 2, 3, 4, 5].map(() => new AbortController());
    const waits = controllers.map(({ signal }) => store.list.wait(store.take, until(signal)));
    for (const index of [2, 0, 4]) controllers[index]?.abort();
    expect(store.list.length).toBe(2);
    store.supply(2);
    const abort = new WaitAborted('abort');
    expect(await Promise.all(waits)).toEqual([abort, 1, abort, 2, abort]);
  });

  it('when it ends the first wait, serves those after it', async () => {
    const list = new WaiterList();
    const controller = new AbortController();
    const greedy = list.wait(() => undefined, until(controller.signal));
    const modest = list.wait(() => 'enough', FOR_EVER);
    list.serve();
    expect(list.length).toBe(2);
    controller.abort();
    expect(await greedy).toEqual(new WaitAborted('abort'));
    expect(await modest).toBe('enough');
  });

  it('ends all its waits before any other has a turn', async () => {
    const store = new Store();
    const { signal, controller } = abortable();
    const greedy = store.list.wait(() => undefined, until(signal));
    const waits = [until(signal), FOR_EVER, until(signal)].map((limits) => store.list.wait(store.take, limits));
    store.supply(3);
    controller.abort();
    const abort = new WaitAborted('abort');
    expect(await greedy).toEqual(abort);
    expect(await Promise.all(waits)).toEqual([abort, 1, abort]);
  });

  it('does nothing to a wait that is over', async () => {
    const store = new Store();
    const { signal, controller } = abortable();
    const wait = store.list.wait(store.take, until(signal));
    const next = store.list.wait(store.take, FOR_EVER);
    store.supply(1);
    controller.abort();
    expect(await wait).toBe(1);
    expect(store.list.length).toBe(1);
    store.supply(1);
    expect(await next).toBe(2);
  });

  it('has no listener left, however the wait ended', async () => {
    const store = new Store();
    const { signal, controller } = abortable();
    const ended = async (
      end: () => void,
      limits = until(signal),
      attempt: () => unknown = store.take,
    ): Promise<void> => {
      const wait = store.list.wait(attempt, limits);
      end();
      await wait.catch(() => undefined);
    };
    await ended(() => store.supply(1));
    await ended(() => store.list.end(new WaitAborted('close')));
    await ended(() => undefined, { deadline: performance.now() - 1, signal });
    await ended(() => undefined, { deadline: 'poll', signal });
    await ended(
      () => store.list.serve(),
      until(signal),
      () => {
        throw new Error('thrown');
      },
    );
    expect(listenersOn(signal)).toBe(0);
    await ended(() => controller.abort());
    expect(listenersOn(signal)).toBe(0);
  });

  it('has one listener for 10,000 waits in several lists: Node 20 warns of a leak beyond ten', async () => {
    const stores = [1, 2, 3, 4].map(() => new Store());
    const { signal, controller } = abortable();
    const waits = stores.flatMap((store) =>
      Array.from({ length: 2500 }, () => store.list.wait(store.take, until(signal))),
    );
    expect(listenersOn(signal)).toBe(1);
    for (const store of stores) store.supply(2499);
    expect(listenersOn(signal)).toBe(1);
    controller.abort();
    const outcomes = await Promise.all(waits);
    expect(outcomes.filter((outcome) => outcome instanceof WaitAborted)).toHaveLength(4);
    expect(listenersOn(signal)).toBe(0);
  });
});

describe('a deadline', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
  afterEach(() => void jest.useRealTimers());

  it('ends the wait when it passes, not before', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, within(500));
    jest.advanceTimersByTime(499);
    expect(store.list.length).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await wait).toEqual(new WaitAborted('timeout'));
    expect([store.list.length, store.attempts]).toEqual([0, 0]);
  });

  it('that has passed ends the wait', async () => {
    const store = new Store();
    store.supply(1);
    expect(await store.list.wait(store.take, within(-1))).toEqual(new WaitAborted('timeout'));
    expect(await store.list.wait(store.take, within(0))).toEqual(new WaitAborted('timeout'));
    expect(store.attempts).toBe(0);
  });

  it('of a fraction of a millisecond is not cut short', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, within(0.25));
    expect(store.list.length).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await wait).toEqual(new WaitAborted('timeout'));
  });

  it('when it ends the first wait, serves those after it', async () => {
    const list = new WaiterList();
    const greedy = list.wait(() => undefined, within(10));
    const modest = list.wait(() => 'enough', FOR_EVER);
    list.serve();
    expect(list.length).toBe(2);
    jest.advanceTimersByTime(10);
    expect(await greedy).toEqual(new WaitAborted('timeout'));
    expect(await modest).toBe('enough');
  });

  it.each([LONGEST_TIMER + 1, LONGEST_TIMER * 2 + 1000])('%d ms away is waited for', async (milliseconds) => {
    const store = new Store();
    const wait = store.list.wait(store.take, within(milliseconds));
    jest.advanceTimersByTime(milliseconds - 1);
    expect(store.list.length).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await wait).toEqual(new WaitAborted('timeout'));
  });

  it('beyond what setTimeout takes sets no timer that would fire at once', () => {
    const spy = jest.spyOn(globalThis, 'setTimeout');
    const store = new Store();
    for (const milliseconds of [1, LONGEST_TIMER, LONGEST_TIMER + 1, 1e300, Infinity]) {
      void store.list.wait(store.take, within(milliseconds));
    }
    expect(spy.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([
      1,
      LONGEST_TIMER,
      LONGEST_TIMER,
      LONGEST_TIMER,
      LONGEST_TIMER,
    ]);
    spy.mockRestore();
  });

  it('leaves no timer, however the wait ended', async () => {
    const store = new Store();
    const { signal, controller } = abortable();
    const waits = [
      store.list.wait(store.take, within(1000)),
      store.list.wait(store.take, { ...within(1000), signal }),
      store.list.wait(store.take, within(2)),
      store.list.wait(store.take, within(1000)),
    ];
    expect(jest.getTimerCount()).toBe(4);
    store.supply(1);
    expect(jest.getTimerCount()).toBe(3);
    controller.abort();
    expect(jest.getTimerCount()).toBe(2);
    jest.advanceTimersByTime(2);
    expect(jest.getTimerCount()).toBe(1);
    store.list.end(new WaitAborted('close'));
    expect(jest.getTimerCount()).toBe(0);
    await Promise.all(waits);
  });
});

describe('a deadline that has passed', () => {
  it('lets the loop bring what has arrived already', async () => {
    const store = new Store();
    const { port1, port2 } = new MessageChannel();
    port2.on('message', () => store.supply(1));
    port1.postMessage('news');
    expect(await store.list.wait(store.take, within(-1))).toBe(1);
    port1.close();
  });
});

describe("the deadline 'poll'", () => {
  it('lets the loop bring what has arrived already', async () => {
    const store = new Store();
    const { port1, port2 } = new MessageChannel();
    port2.on('message', () => store.supply(1));
    port1.postMessage('news');
    expect(await store.list.wait(store.take, { deadline: 'poll', signal: undefined })).toBe(1);
    port1.close();
  });

  it('ends the wait when the loop has brought nothing', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, { deadline: 'poll', signal: undefined });
    expect(store.list.length).toBe(1);
    expect(await wait).toEqual(new WaitAborted('timeout'));
    expect(store.list.length).toBe(0);
  });

  it('ends no wait while the list is held', async () => {
    const store = new Store();
    const release = store.list.hold();
    const waits = [1, 2].map(() => store.list.wait(store.take, { deadline: 'poll', signal: undefined }));
    // The second list shows when the first wait would have ended.
    await new WaiterList().wait(() => undefined, { deadline: 'poll', signal: undefined });
    expect(store.list.length).toBe(2);
    store.supply(1);
    release();
    expect(await Promise.all(waits)).toEqual([1, new WaitAborted('timeout')]);
  });
});

function abortable(): { readonly signal: AbortSignal; readonly controller: AbortController } {
  const controller = new AbortController();
  return { signal: controller.signal, controller };
}

/** A wait that takes up to three of the bytes that it is offered. */
class Tasting extends Waiter<string> {
  readonly outcomes: unknown[] = [];

  offer(bytes: Buffer): number {
    this.give(bytes.toString('latin1', 0, 3));
    return Math.min(3, bytes.length);
  }

  protected attempt(): undefined {
    return undefined;
  }

  protected settle(result: string): void {
    this.outcomes.push(result);
  }

  protected end({ reason }: WaitAborted): void {
    this.outcomes.push(reason);
  }

  protected fail(error: unknown): void {
    this.outcomes.push(error);
  }
}

describe('WaiterList.offer', () => {
  it('gives bytes to a wait that is alone, which is over then', () => {
    const list = new WaiterList();
    const wait = new Tasting(list);
    list.add(wait, FOR_EVER);
    expect(list.offer(Buffer.from('hello'), true)).toBe(3);
    list.end(new WaitAborted('close'));
    expect([wait.outcomes, list.length]).toEqual([['hel'], 0]);
  });

  it('gives nothing where no wait, or another one, is in the list', () => {
    const list = new WaiterList();
    expect(list.offer(Buffer.from('hello'), true)).toBe(0);
    const waits = [new Tasting(list), new Tasting(list)];
    for (const wait of waits) list.add(wait, FOR_EVER);
    expect(list.offer(Buffer.from('hello'), true)).toBe(0);
    expect(waits.map(({ outcomes }) => outcomes)).toEqual([[], []]);
  });

  it('gives nothing to a wait that has to make an attempt', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, FOR_EVER);
    expect(store.list.offer(Buffer.from('hello'), true)).toBe(0);
    expect(store.attempts).toBe(0);
    store.supply(1);
    expect(await wait).toBe(1);
  });
});

describe('WaiterList.rest', () => {
  it('lets no wait try, and offers nothing, before the next turn of the event loop', async () => {
    const store = new Store();
    const wait = store.list.wait(store.take, FOR_EVER);
    store.list.rest();
    store.list.rest();
    store.supply(1);
    const tasting = new WaiterList();
    tasting.add(new Tasting(tasting), FOR_EVER);
    tasting.rest();
    expect([store.attempts, tasting.offer(Buffer.from('hello'), true)]).toEqual([0, 0]);
    expect(await wait).toBe(1);
    expect(store.attempts).toBe(1);
  });

  it('goes on where it was begun within an attempt', async () => {
    const list = new WaiterList();
    let attempts = 0;
    const wait = list.wait(() => {
      attempts += 1;
      if (attempts > 1) return attempts;
      list.rest();
      list.serve();
      return undefined;
    }, FOR_EVER);
    list.serve();
    list.serve();
    expect(attempts).toBe(1);
    expect(await wait).toBe(2);
  });

  it('still notifies observers', () => {
    const store = new Store();
    let count = 0;
    store.list.observe(() => (count += 1));
    store.list.rest();
    store.list.serve();
    expect(count).toBe(1);
  });
});
