import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { SocketIO, UnsupportedOperation } from '../../lib/index.ts';
import type { AnyFile } from '../../lib/files/makefile.ts';
import { pair } from '../support/pairs.ts';
import { BY_SYMBOL, call, CLASSES, has, METHODS, methodsOf, owned, STATES, SYNCHRONOUS_METHODS } from './calls.ts';

const classes = Object.entries(CLASSES);
const methods = Object.entries(METHODS);

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

/** All forms; and the first one with a signal, with an aborted signal, and with wrong arguments. */
function variantsOf(forms: readonly (readonly unknown[])[]): (readonly unknown[])[] {
  const [first = []] = forms;
  const { signal } = new AbortController();
  return [
    ...forms,
    ...[{ signal }, { signal: aborted }, { nonsense: 1 }, Symbol('wrong')].map((extra) => [...first, extra]),
    [Symbol('wrong')],
  ];
}

const errorOf = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('the tables', () => {
  it.each(classes)('have every method of %s', async (name, make) => {
    const [one] = await pair();
    const file = make(one);
    expect(file.constructor.name).toBe(name);
    const known = [...Object.keys(METHODS), ...SYNCHRONOUS_METHODS, ...BY_SYMBOL];
    expect(methodsOf(file).filter((method) => !known.includes(method))).toEqual([]);
  });
});

describe('promise 11: no call of a file starves a timer', () => {
  describe.each(classes)('%s', (_, make) => {
    it.each(Object.entries(STATES))('%s', async (_state, open) => {
      const starving: unknown[] = [];
      for (const [method, forms] of methods) {
        for (const args of variantsOf(forms)) {
          const file = await open(make);
          if (!has(file, method)) continue;
          const calls = await callsBeforeTimer(() => call(file, method, args));
          if (calls === TOO_MANY) starving.push([method, ...args]);
        }
      }
      expect(starving).toEqual([]);
      const file = await open(make);
      if (!file.closed) {
        const lines = file[Symbol.asyncIterator]();
        expect(await callsBeforeTimer(() => lines.next())).toBeLessThan(TOO_MANY);
      }
      expect(await callsBeforeTimer(() => file[Symbol.asyncDispose]())).toBeLessThan(TOO_MANY);
    });
  });

  it('nor do calls that are aborted as soon as they wait', async () => {
    const [one] = await pair();
    const file = owned(one.makefile('rb'));
    const waiting = errorOf(file.read(1));
    const read = async (): Promise<unknown> => {
      const controller = new AbortController();
      const reading = file.read(1, { signal: controller.signal });
      controller.abort();
      return await reading;
    };
    expect(await callsBeforeTimer(read)).toBeLessThan(TOO_MANY);
    await file.close();
    await waiting;
  });
});

describe('promise 14: everything is checked first', () => {
  /** What no call takes after its arguments, with a part of the error's text. */
  const WRONG: readonly (readonly [what: string, extra: unknown, text: RegExp])[] = [
    ['an option of an unknown name', { sginal: undefined }, /has no option 'sginal' \(it has (limit, )?signal\)/],
    ['what only looks like a signal', { signal: { aborted: false } }, /signal must be an AbortSignal/],
    ['a signal in the place of the options', new AbortController().signal, /takes an options object/],
    ['a number', 5, /takes an options object/],
  ];

  /** An error about the arguments, or of a call that the class does not support, which comes first, as in Python. */
  async function expectRefused(file: AnyFile, method: string, args: readonly unknown[], text: RegExp): Promise<void> {
    const error = await errorOf(call(file, method, args));
    if (error instanceof UnsupportedOperation) return;
    expect([method, error]).toEqual([method, expect.any(TypeError)]);
    expect(error).toMatchObject({ message: expect.stringMatching(text) });
  }

  /** The longest form of a call's arguments, after which its options stand. */
  const longest = (forms: readonly (readonly unknown[])[]): readonly unknown[] =>
    forms.reduce((one, other) => (other.length > one.length ? other : one), []);

  describe.each(classes)('%s', (_, make) => {
    it.each(WRONG)('refuses %s, and nothing has happened', async (_what, extra, text) => {
      const [one, other] = await pair();
      await other.sendall('kept\n');
      const file = make(one);
      for (const [method, forms] of methods) {
        if (has(file, method)) await expectRefused(file, method, [...longest(forms), extra], text);
      }
      expect(file.closed).toBe(false);
      await file.close();
      expect(String(await one.recv(100))).toBe('kept\n');
      one.close();
      expect(await other.recv(100)).toHaveLength(0);
    });

    it('takes options in the place of an optional argument', async () => {
      const reason = new Error('enough');
      for (const [method, forms] of methods) {
        for (const args of forms.filter((form) => form.length === 0 || !['write', 'writelines'].includes(method))) {
          const [one] = await pair();
          const file = make(one);
          if (!has(file, method)) continue;
          const error = await errorOf(call(file, method, [...args, { signal: AbortSignal.abort(reason) }]));
          if (!(error instanceof UnsupportedOperation)) expect([method, args, error]).toEqual([method, args, reason]);
          expect(file.closed).toBe(false);
        }
      }
    });

    it('takes null and undefined for no signal', async () => {
      for (const [method, forms] of methods) {
        for (const signal of [null, undefined]) {
          const [one, other] = await pair();
          other.close();
          const file = make(one);
          if (!has(file, method)) continue;
          const error = await errorOf(call(file, method, [...longest(forms), { signal }]));
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }
    });
  });

  it('a text that cannot be encoded leaves the byte order mark to the next one', async () => {
    const [one, other] = await pair();
    const file = one.makefile('w', { encoding: 'utf-8-sig' });
    await expect(file.write('\ud800')).rejects.toBeInstanceOf(RangeError);
    await file.write('a');
    await file.close();
    expect(await other.recv(100)).toEqual(Buffer.from('\ufeffa'));
  });

  it('a text that never had its turn leaves the byte order mark to the next one', async () => {
    const [one, other] = await pair();
    const file = one.makefile('w', { encoding: 'utf-8-sig' });
    const controller = new AbortController();
    const flushing = file.flush();
    const writing = file.write('never', { signal: controller.signal });
    const next = file.write('a');
    controller.abort();
    await expect(writing).rejects.toBe(controller.signal.reason);
    await Promise.all([flushing, next, file.close()]);
    expect(await other.recv(100)).toEqual(Buffer.from('\ufeffa'));
  });

  it('what comes before an item that cannot be written is written, as in Python', async () => {
    const [one, other] = await pair();
    for (const file of [one.makefile('wb'), one.makefile('wb', 0), one.makefile('w')]) {
      // @ts-expect-error -- a number cannot be written
      await expect(file.writelines(['a', 'b', 5, 'c'])).rejects.toBeInstanceOf(TypeError);
      await file.close();
      expect(String(await other.recv(100))).toBe('ab');
    }
  });

  it('makefile() alone makes files', () => {
    // @ts-expect-error -- the type of its parameter is not public
    expect(() => new SocketIO(3)).toThrow(/^makefile\(\) alone makes files/);
  });
});

describe('one signal for many', () => {
  it('has one listener, and none when all have ended', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const reads: Promise<unknown>[] = [];
    for (let count = 0; count < 4; count += 1) {
      for (const [, make] of classes) {
        const [one] = await pair();
        const file = make(one);
        reads.push(errorOf(file.readline({ signal })), errorOf(call(file, 'read', [1, { signal }])));
      }
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort();
    await Promise.all(reads);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('has one listener for writes that wait', async () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 12; count += 1) {
      const [one] = await pair();
      const file = owned(one.makefile('wb'));
      void errorOf(file.write(Buffer.alloc(10_000_000), { signal }));
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});
