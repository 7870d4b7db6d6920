import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { call, FUNCTIONS, KINDS, METHODS } from './calls.ts';

/** A call that gives so many results without a turn of the event loop starves everything else. */
const TOO_MANY = 50_000;

/**
 * Makes calls one after the other until a timer fires, or until one of them waits. Returns how many calls it made;
 * their results and errors are ignored.
 */
async function callsBeforeTimer(make: () => Promise<unknown>): Promise<number> {
  let hasFired = false;
  const fired = new Promise<void>((resolve) => {
    setTimeout(() => {
      hasFired = true;
      resolve();
    }, 1);
  });
  let calls = 0;
  for (; !hasFired && calls < TOO_MANY; calls += 1) {
    const outcome = make().catch(() => undefined);
    await Promise.race([outcome, fired]);
  }
  return calls;
}

const aborted = AbortSignal.abort();

/** All forms; and the first one with an aborted signal, and with wrong arguments. */
function variantsOf(forms: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const [first = []] = forms;
  return [...forms, [...first, { signal: aborted }], [...first, { nonsense: 1 }], [...first, Symbol('wrong')]];
}

describe('promise 11: no call starves a timer', () => {
  describe.each(Object.entries(METHODS))('%s()', (method, forms) => {
    it.each(Object.entries(KINDS))('on %s', async (_, make) => {
      const { one, to } = await make();
      for (const args of variantsOf(forms(to))) {
        for (const timeout of [null, 0]) {
          if (one.fileno() !== -1) one.settimeout(timeout);
          expect(await callsBeforeTimer(() => call(one, method, args))).toBeLessThan(TOO_MANY);
        }
      }
    });
  });

  it.each(Object.entries(FUNCTIONS))('%s()', async (name, forms) => {
    const asked: unknown = Reflect.get(socket, name);
    if (typeof asked !== 'function') throw new TypeError(name);
    for (const args of variantsOf(forms)) {
      const make = async (): Promise<unknown> => {
        const made: unknown = await Reflect.apply(asked, socket, args);
        for (const one of Array.isArray(made) ? made : []) if (one instanceof socket.Socket) one.close();
        return made;
      };
      expect(await callsBeforeTimer(make)).toBeLessThan(TOO_MANY);
    }
  });
});
