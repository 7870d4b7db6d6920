import { resetBudget } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';

/** Milliseconds. */
const RETRY_MS = 5;

/** Where the kernel says nothing when a call can go on, the call is made again. */
export function later(waiters: WaiterList): void {
  setTimeout(() => {
    resetBudget();
    waiters.serve();
  }, RETRY_MS).unref();
}
