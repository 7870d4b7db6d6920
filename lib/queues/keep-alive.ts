import { setInterval } from 'node:timers';

/**
 * What keeps the process alive: the calls that wait, and nothing else (promise 12). All handles are unref'd, so that an
 * idle socket, listener or file lets the process end; one timer that never fires stands for all calls that wait.
 */

/** The longest interval that Node takes. */
const LONGEST_INTERVAL = 0x7fff_ffff;

let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/** So many calls more wait. */
export function addWaits(count: number): void {
  if (count === 0) return;
  if (waiting === 0) (timer ??= setInterval(() => undefined, LONGEST_INTERVAL)).ref();
  waiting += count;
}

/** So many calls wait no longer. */
export function removeWaits(count: number): void {
  if (count === 0) return;
  waiting -= count;
  if (waiting === 0) timer?.unref();
}
