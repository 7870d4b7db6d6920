/** What a socket says of itself to those who wait for several: it is asked without anything being taken. */
export interface Readiness {
  /** Whether a call that receives or accepts has something to give: a result, the end, or an error. Asking starts reading. */
  readonly isReadable: boolean;
  /** Whether a call that sends could hand bytes over, or would raise. */
  readonly isWritable: boolean;

  /**
   * Calls an observer each time one of the two may have changed.
   *
   * @returns a function that ends that.
   */
  observe(observer: () => void): () => void;
}
