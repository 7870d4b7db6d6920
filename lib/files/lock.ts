import { WaitAborted, WaiterList } from '../waiting/waiters.ts';

/** Lets one call at a time use a file, or another thing with one user, in the order in which they came. */
export class Lock {
  readonly #waiters = new WaiterList();
  #held = false;

  /** Whether no call has the lock, and thus no call waits for it. */
  get free(): boolean {
    return !this.#held;
  }

  /**
   * Waits for the lock, does the work and passes the lock to the next call. An abort has no effect once the work has
   * begun.
   */
  async hold<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (!this.#take()) {
      const outcome = await this.#waiters.wait(() => this.#take() || undefined, { deadline: null, signal });
      if (outcome instanceof WaitAborted) throw signal?.reason;
    }
    try {
      return await work();
    } finally {
      this.#held = false;
      this.#waiters.serve();
    }
  }

  #take(): boolean {
    if (this.#held) return false;
    this.#held = true;
    return true;
  }
}
