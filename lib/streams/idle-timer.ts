import { rangeError, typeError } from '../common/arguments.ts';
import { LONGEST_TIMER } from '../waiting/clock.ts';

/** Calls back after a time without any activity; it does not keep the process alive. */
export class IdleTimer {
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle;
  }

  /**
   * Begins anew.
   *
   * @param delay - milliseconds; 0 for no limit.
   */
  set(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = delay === 0 ? undefined : setTimeout(this.#onIdle, delay).unref();
  }

  /** There was activity: the time begins anew. */
  touch(): void {
    this.#timer?.refresh();
  }
}

/** Checks a time in milliseconds. */
export function checkDelay(value: unknown): number {
  if (typeof value !== 'number') throw typeError('msecs must be a number', value);
  if (value >= 0 && value <= LONGEST_TIMER) return value;
  throw rangeError(`msecs must be from 0 to ${LONGEST_TIMER}`, value);
}
