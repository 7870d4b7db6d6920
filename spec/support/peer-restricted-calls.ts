import * as socket from '../../lib/index.ts';
import { call, FUNCTIONS, KINDS, METHODS } from '../promises/calls.ts';
import { endTest } from './outside-jest.ts';
import { turns } from './peer-observed.ts';

/**
 * Makes every awaited call on every kind of socket, and prints in JSON how many there were, and the errors of those that
 * could not begin.
 */

/** The errors of calls that have begun; which of them comes first may differ. */
const EXPECTED = [socket.OSError, socket.EOFError, socket.LimitOverrunError];

let count = 0;
const others: string[] = [];

/** A signal that ends calls that would wait for long. */
function soonAborted(): AbortSignal {
  const controller = new AbortController();
  void turns(2).then(() => controller.abort());
  return controller.signal;
}

/** Waits for a call. Of an error's words, those that show a value differ each time. */
async function settle(name: string, made: Promise<unknown>): Promise<unknown> {
  count += 1;
  try {
    return await made;
  } catch (error) {
    const isAborted = error instanceof Error && error.name === 'AbortError';
    if (!isAborted && !EXPECTED.some((one) => error instanceof one))
      others.push(`${name}: ${String(error).replace(/ \(received .*/, '')}`);
    return undefined;
  }
}

async function main(): Promise<void> {
  for (const [kind, make] of Object.entries(KINDS)) {
    for (const [method, forms] of Object.entries(METHODS)) {
      const { one, to } = await make();
      for (const args of forms(to)) {
        await settle(`${method}() on ${kind}`, call(one, method, [...args, { signal: soonAborted() }]));
      }
      endTest();
    }
  }
  for (const [name, forms] of Object.entries(FUNCTIONS)) {
    const asked: unknown = Reflect.get(socket, name);
    if (typeof asked !== 'function') throw new TypeError(name);
    for (const args of forms) {
      const made: unknown = await settle(`${name}()`, Promise.resolve(Reflect.apply(asked, socket, args)));
      for (const one of Array.isArray(made) ? made : [made]) if (one instanceof socket.Socket) one.close();
    }
  }
  console.log(JSON.stringify({ count, others }));
}

void main();
