import { describe, expect, it } from '@jest/globals';
import { UnsupportedOperation } from '../../lib/index.ts';
import { pair } from '../support/pairs.ts';
import { call, CLASSES, has, METHODS, owned, SYNCHRONOUS_METHODS } from './calls.ts';

/** The frames of an error, the innermost first, without Node's own, such as the one that resumes an async function. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.split('\n').filter((line) => line.startsWith('    at ') && !/\(node:|Promise\.all/.test(line));
}

/** Checks that the first frame is a line of the specs, and that none is the library's. */
function expectOwnLineFirst(error: unknown): void {
  expect(framesOf(error)[0]).toMatch(/spec[/\\]files[/\\]calls?(ers\.spec)?(s)?\.ts:\d+/);
  expect(framesOf(error).join('\n')).not.toMatch(/[/\\]lib[/\\]/);
}

/** What a call throws or rejects with. */
async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const classes = Object.entries(CLASSES);
const methods = Object.entries(METHODS);

describe.each(classes)('rule 10: the stack of an error of %s begins at the caller’s line', (_, make) => {
  it('about an argument', async () => {
    const [one] = await pair();
    const file = make(one);
    for (const [method, [first = []]] of methods) {
      if (!has(file, method)) continue;
      expectOwnLineFirst(await errorOf(async () => await call(file, method, [...first, { nonsense: 1 }])));
    }
  });

  it('about a closed file', async () => {
    const [one] = await pair();
    const file = make(one);
    await file.close();
    for (const method of methods.filter(([name]) => name !== 'close').map(([name]) => name)) {
      if (!has(file, method)) continue;
      const [first = []] = METHODS[method] ?? [];
      expectOwnLineFirst(await errorOf(async () => await call(file, method, first)));
    }
    for (const method of SYNCHRONOUS_METHODS) {
      const callable: unknown = Reflect.get(file, method);
      if (typeof callable !== 'function') throw new TypeError(method);
      const thrown: unknown = await errorOf(() => {
        if (Reflect.apply(callable, file, []) === false) throw new Error('not asked');
      });
      expectOwnLineFirst(thrown);
    }
    expectOwnLineFirst(await errorOf(() => file[Symbol.asyncIterator]()));
  });

  it('after a wait', async () => {
    const [one] = await pair();
    const file = make(one);
    const waitsHere = async (): Promise<unknown> => await file.readline();
    const error = errorOf(waitsHere);
    await file.close();
    if ((await error) instanceof UnsupportedOperation) return;
    expectOwnLineFirst(await error);
    expect(framesOf(await error)[0]).toContain('waitsHere');
  });
});

it('a loop over lines that cannot be decoded shows its own line', async () => {
  const [one, other] = await pair();
  const file = owned(one.makefile('r'));
  await other.sendall(Buffer.from([0xff, 0x0a]));
  const loop = async (): Promise<void> => {
    for await (const line of file) expect(line).toBe('');
  };
  const error = await errorOf(loop);
  expect(error).toBeInstanceOf(RangeError);
  expectOwnLineFirst(error);
});
