import { setInterval } from 'node:timers';
import { LONGEST_TIMER } from './clock.ts';

/**
 * Calls that wait keep the process alive, and nothing else does (promise 12). All handles are unref'd, so that an idle
 * socket, listener or file lets the process end; one timer that never fires stands for all waiting calls.
 */

let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/** Counts calls that begin to wait. */
export function addWaits(count: number): void {
  if (count === 0) return;
  if (waiting === 0) (timer ??= newTimer()).ref();
  waiting += count;
}

/** Counts calls that no longer wait. */
export function removeWaits(count: number): void {
  if (count === 0) return;
  waiting -= count;
  if (waiting === 0) timer?.unref();
}

/**
 * Makes the timer. V8 compiles what refs and unrefs it for timers that are never cleared, if the process has cleared none
 * yet, and drops all of that code with the first one that is (`--trace-deopt-verbose`; measured in bench/README.md). So one is
 * cleared first.
 */
function newTimer(): NodeJS.Timeout {
  clearTimeout(setTimeout(() => undefined));
  return setInterval(() => undefined, LONGEST_TIMER);
}
