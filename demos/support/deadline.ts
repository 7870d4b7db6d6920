/** The longest time that Node's timers take, in milliseconds: a longer one would be over at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A signal for all calls that together have to end in so many seconds. `settimeout()` limits each call by itself. */
export function deadlineIn(seconds: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.ceil(seconds * 1000), LONGEST_TIMER));
}
