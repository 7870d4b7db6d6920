import { addWaits, removeWaits } from './keep-alive.ts';
import { fromCaller, type Callee } from '../common/stack.ts';
import { tryConsume, resetBudget } from './fairness.ts';

/**
 * The gate through which every awaited call gives its outcome. An immediate outcome counts against the turn's budget,
 * whether it is a result or an error; once the budget is spent, the outcome is given in the event loop's next turn
 * (promise 11).
 */

/** Gives the result of a call that did not wait. */
export function settled<T>(result: T): Promise<T> {
  return tryConsume() ? Promise.resolve(result) : nextTurn(() => result);
}

/** The outcome of calls that only succeed, where `tryConsume()` has counted it: one promise for all. */
export const DONE: Promise<void> = Promise.resolve();

/** How many results out of a buffer count as one, because they take far less time than others. */
const BUFFERED_RESULTS = 32;

let buffered = 0;

/** Gives the result of a call that only looked into a buffer of the library. */
export function settledFromBuffer<T>(result: T): Promise<T> {
  return isCheap() ? Promise.resolve(result) : settled(result);
}

/** The same for bytes. */
export function bytesFromBuffer(bytes: Buffer): Promise<Buffer> {
  return isCheap() ? resolvedBytes(bytes) : settled(bytes);
}

/** Counts a result out of a buffer; false for one that counts against the turn's budget. */
function isCheap(): boolean {
  buffered += 1;
  if (buffered < BUFFERED_RESULTS) return true;
  buffered = 0;
  return false;
}

/** A promise of bytes that were received. */
export function resolvedBytes(bytes: Buffer): Promise<Buffer> {
  // V8 searches each Buffer for a `then`, up four prototypes. Its compiler leaves that out where it knows what the value
  // is, which the length tells it.
  return bytes.length === 0 ? Promise.resolve(bytes) : Promise.resolve(bytes);
}

/**
 * Turns the error that a call threw into a rejection: an awaited call never throws.
 *
 * @param callee - the function that the program called.
 */
export function rejected(error: unknown, callee?: Callee): Promise<never> {
  if (callee !== undefined) fromCaller(error, callee);
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown is passed on
  if (tryConsume()) return Promise.reject(error);
  return nextTurn(() => {
    throw error;
  });
}

/**
 * The rejection of a call that has waited. It takes two microtasks, as V8's async stack traces, which name the line that
 * awaits the call, need the link from the call's promise to this one.
 */
export async function rejectedAfterWait(error: unknown): Promise<never> {
  await Promise.resolve();
  await Promise.resolve();
  throw fromCaller(error, rejectedAfterWait);
}

/**
 * Gives the outcome of a call that consists of several, and keeps the process alive until then (promise 12). Errors
 * that `work` throws before it waits, such as those of arguments, get their stacks while the caller's line is known for
 * certain.
 *
 * @param callee - the function that the program called.
 */
export function awaited<T>(work: () => T | Promise<T>, callee?: Callee): Promise<T> {
  try {
    return outcomeOf(work());
  } catch (error) {
    return rejected(error, callee);
  }
}

async function outcomeOf<T>(outcome: T | Promise<T>): Promise<T> {
  addWaits(1);
  try {
    return await outcome;
  } catch (error) {
    throw fromCaller(error, outcomeOf);
  } finally {
    removeWaits(1);
    if (!tryConsume()) await nextTurn(() => undefined);
  }
}

function nextTurn<T>(outcome: () => T): Promise<T> {
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      resetBudget();
      resolve();
    });
  }).then(outcome);
}
