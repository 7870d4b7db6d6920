import { afterPoll } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';

/**
 * What SHUT_RD makes of a TCP connection's input on Linux: what comes later can be received, but no call waits for it.
 */
export class HalfClosedInput {
  readonly #readers: WaiterList;
  #isOver = false;
  #refuses = false;
  /** How often a call asked for the end. */
  #asked = 0;
  #arrived = false;

  constructor(readers: WaiterList) {
    this.#readers = readers;
  }

  /** Whether those who receive now get what there is, or the end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether what comes is refused with a reset. */
  get refuses(): boolean {
    return this.#refuses;
  }

  /** Bytes have come. */
  arrive(): void {
    this.#arrived = true;
  }

  /** Gives those who wait the end: what the kernel has can only be had by reading, and only the next poll reads. */
  endAfterPoll(): void {
    const asked = (this.#asked += 1);
    afterPoll(() => {
      // For a call that asked later, the poll may have been too early.
      if (asked !== this.#asked) return;
      this.#isOver = true;
      this.#readers.serve();
      this.#isOver = false;
    });
  }

  /** Where both directions are shut down, Linux refuses what comes, as soon as what had come by then is read. */
  refuseWhatComes(isReading: () => boolean): void {
    this.#arrived = false;
    afterPoll(() => {
      if (this.#arrived) this.refuseWhatComes(isReading);
      else this.#refuses = isReading();
    });
  }
}
