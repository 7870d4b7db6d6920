import { addWaits, removeWaits } from './keep-alive.ts';
import { fromCaller, type Callee } from '../common/stack.ts';
import { tryConsume, resetBudget } from './fairness.ts';

/**
 * The one gate through which every awaited call gives its outcome. An outcome that is there at once counts against the
 * turn's budget, whether it is a result or an error; once the budget is spent, it is given in the event loop's next
 * turn (promise 11).
 */

/** Gives the result of a call that need not wait. */
export function settled<T>(result: T): Promise<T> {
  return tryConsume() ? Promise.resolve(result) : nextTurn(() => result);
}

/** What a call gives whose result says nothing, where `tryConsume()` has counted it: one promise for all. */
export const DONE: Promise<void> = Promise.resolve();

/** So many results out of a buffer count as one: they cost a tenth of others and less. */
const BUFFERED_RESULTS = 32;

let buffered = 0;

/** Gives the result of a call that only had to look into a buffer of ours. */
export function settledFromBuffer<T>(result: T): Promise<T> {
  buffered += 1;
  if (buffered < BUFFERED_RESULTS) return Promise.resolve(result);
  buffered = 0;
  return settled(result);
}

/**
 * Gives what a call has thrown: an awaited call rejects, it never throws.
 *
 * @param callee - the function that the program has called.
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
 * Gives the outcome of a call that is made of several, and keeps the process alive until then (promise 12). What `work`
 * throws before it waits, arguments' errors among it, is thrown while the caller's line is known for certain.
 *
 * @param callee - the function that the program has called.
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
