import { setInterval } from 'node:timers';
import { LONGEST_TIMER } from './clock.ts';

/**
 * What keeps the process alive: the calls that wait, and nothing else (promise 12). All handles are unref'd, so that an
 * idle socket, listener or file lets the process end; one timer that never fires stands for all calls that wait.
 */

let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/** So many calls more wait. */
export function addWaits(count: number): void {
  if (count === 0) return;
  if (waiting === 0) (timer ??= setInterval(() => undefined, LONGEST_TIMER)).ref();
  waiting += count;
}

/** So many calls wait no longer. */
export function removeWaits(count: number): void {
  if (count === 0) return;
  waiting -= count;
  if (waiting === 0) timer?.unref();
}
