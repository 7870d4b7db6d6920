/** The longest delay of a Node timer, in milliseconds; with a longer one it would fire at once. */
export const LONGEST_TIMER = 0x7fff_ffff;

/**
 * Calls back at a given time, never in this turn of the event loop and never early, unless the returned function is
 * called first. It does not keep the process alive: a call that waits does that by itself (promise 12).
 *
 * @param deadline - in the milliseconds of `performance.now()`, however far away.
 */
export function atDeadline(deadline: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const start = (): void => {
    const rest = Math.max(0, Math.ceil(deadline - performance.now()));
    timer = setTimeout(look, Math.min(rest, LONGEST_TIMER)).unref();
  };
  // Node's timers count whole milliseconds, and may fire up to one early.
  const look = (): void => (deadline > performance.now() ? start() : callback());
  start();
  return () => clearTimeout(timer);
}
