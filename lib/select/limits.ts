import { rangeError } from '../common/arguments.ts';
import type { Limits } from '../waiting/waiters.ts';

/** The longest time that Python takes, in seconds. */
const LONGEST = 2 ** 63 / 1e9;

/** Checks a time as Python does: seconds, or milliseconds with a `unit` of 1000. */
export function checkTime(time: number, unit: number): number {
  if (Number.isNaN(time)) throw rangeError('Invalid value NaN (not a number)', time);
  if (Math.abs(time) / unit >= LONGEST) throw rangeError('timestamp out of range for platform time_t', time);
  return time;
}

/** The limits of a wait: `null` for ever, 0 for a poll of the kernel. */
export function limitsFor(milliseconds: number | null, signal: AbortSignal | undefined): Limits {
  if (milliseconds === null) return { deadline: null, signal };
  return { deadline: milliseconds === 0 ? 'poll' : performance.now() + milliseconds, signal };
}
