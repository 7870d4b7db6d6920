/** After so many datagrams the meter looks how many more are sent before other code runs. */
const SAMPLE = 32;

/** So many more make a burst. */
const BURST = 16;

/** Notices when a program sends many datagrams without awaiting each. */
export class BurstMeter {
  readonly #onBurst: () => void;
  #count = 0;

  /** @param onBurst - called in a microtask, again and again while such bursts go on. */
  constructor(onBurst: () => void) {
    this.#onBurst = onBurst;
  }

  /** A datagram is sent. */
  count(): void {
    this.#count += 1;
    if (this.#count === SAMPLE) queueMicrotask(() => this.#look());
  }

  #look(): void {
    const isBurst = this.#count >= SAMPLE + BURST;
    this.#count = 0;
    if (isBurst) this.#onBurst();
  }
}
