import { afterPoll } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';

/**
 * A TCP connection's input after SHUT_RD, as on Linux: bytes that arrive later can be received, but no call waits for
 * them.
 */
export class HalfClosedInput {
  readonly #readers: WaiterList;
  #isOver = false;
  #refuses = false;
  /** How often a call has asked for the end. */
  #asked = 0;
  #arrived = false;

  constructor(readers: WaiterList) {
    this.#readers = readers;
  }

  /** Whether a receive gets the bytes that have arrived, or the end, without waiting. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether bytes that arrive are refused with a reset. */
  get refuses(): boolean {
    return this.#refuses;
  }

  /** Bytes have arrived. */
  arrive(): void {
    this.#arrived = true;
  }

  /** Gives waiting calls the end, after the next poll: only a poll reads the bytes that the kernel has already. */
  endAfterPoll(): void {
    const asked = (this.#asked += 1);
    afterPoll(() => {
      // For a call that asked later, this poll may have been too early.
      if (asked !== this.#asked) return;
      this.#isOver = true;
      this.#readers.serve();
      this.#isOver = false;
    });
  }

  /** Once both directions are shut down, Linux refuses new bytes, as soon as the earlier ones are read. */
  refuseWhatComes(isReading: () => boolean): void {
    this.#arrived = false;
    afterPoll(() => {
      if (this.#arrived) this.refuseWhatComes(isReading);
      else this.#refuses = isReading();
    });
  }
}
