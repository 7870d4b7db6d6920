/**
 * How many results in a row may be given without a wait. A task that always finds its socket ready would otherwise keep
 * timers and other sockets from running: 0 of 122 timer ticks came through in a measured loop of receives. At 128 a
 * turn costs about 2 %.
 */
const RESULTS_A_TURN = 128;

let results = 0;

/** Whether no more results may be given before the event loop's next turn, until {@link turned}. */
export function isBudgetSpent(): boolean {
  return results === RESULTS_A_TURN;
}

/**
 * Whether one more result may be given at once; if not, it has to wait for the event loop's next turn. Counts for the
 * whole process.
 */
export function tryConsume(): boolean {
  if (isBudgetSpent()) return false;
  results += 1;
  return true;
}

/**
 * The event loop has turned; its callbacks call this. Others have had their turn, and the count begins anew.
 */
export function resetBudget(): void {
  results = 0;
}

/**
 * Calls back once the event loop has asked the kernel for news after this call. It takes two immediates: the first may
 * run right after a poll that began before the call.
 */
export function afterPoll(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
