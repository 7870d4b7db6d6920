/**
 * How many results in a row may be given without a wait. Without such a limit, a task that always finds its socket
 * ready would keep timers and other sockets from running. At 128 the extra turns of the event loop cost little.
 */
const RESULTS_A_TURN = 128;

let results = 0;

/** Whether no more results may be given before the event loop's next turn, when {@link resetBudget} is called. */
export function isBudgetSpent(): boolean {
  return results === RESULTS_A_TURN;
}

/**
 * Whether one more result may be given at once; if not, it has to wait for the event loop's next turn. Counts for the
 * whole process.
 */
export function tryConsume(): boolean {
  if (results === RESULTS_A_TURN) return false;
  results += 1;
  return true;
}

/**
 * Called by callbacks of the event loop: other tasks have had their turn, and the count begins anew.
 */
export function resetBudget(): void {
  results = 0;
}

/**
 * Calls back after the event loop has polled the kernel. It takes two immediates: the first may run right after a poll
 * that began before this call.
 */
export function afterPoll(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}
