/** The longest time that a timer of Node takes, in milliseconds; a longer one would fire at once. */
export const LONGEST_TIMER = 0x7fff_ffff;

/**
 * Calls back once a moment has come, never in this turn and never early, until the function is called that this gives.
 * It does not keep the process alive: a call that waits does that by itself (promise 12).
 *
 * @param deadline - as `performance.now()` counts, in milliseconds, however far away.
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
