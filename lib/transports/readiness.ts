/** What a socket says of itself to those who wait for several: it is asked without anything being taken. */
export interface Readiness {
  /**
   * What poll(2) would report of the socket. A stream that has nothing to receive starts to read, and reads one time:
   * what comes is reported to the observers.
   */
  poll(): number;

  /** Whether something has come that has yet to be read to the end: the answer changes within a few turns. */
  readonly isSettling: boolean;

  /**
   * Calls an observer each time the answer may have changed.
   *
   * @returns a function that ends that.
   */
  observe(observer: () => void): () => void;
}
