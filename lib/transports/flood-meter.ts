/** After so many datagrams the meter looks how many come in a turn of the event loop. */
const SAMPLE = 64;

/**
 * So many in a turn make a flood. One or two in a turn cost about the same in bulk as one by one, with eight a third less;
 * and koffi, which is loaded for the first flood of a process, takes as long as some thousand datagrams.
 */
const FLOOD = 8;

/** Notices when datagrams come faster than the event loop turns. */
export class FloodMeter {
  readonly #onFlood: () => void;
  #count = 0;

  /** @param onFlood - called in a turn of its own, again and again while the flood lasts. */
  constructor(onFlood: () => void) {
    this.#onFlood = onFlood;
  }

  /** A datagram has come. */
  count(): void {
    this.#count += 1;
    if (this.#count === SAMPLE) setImmediate(() => this.#watchTurn());
  }

  /** From one immediate to the next, the event loop polls the kernel once. */
  #watchTurn(): void {
    const before = this.#count;
    setImmediate(() => {
      const isFlood = this.#count - before >= FLOOD;
      this.#count = 0;
      if (isFlood) this.#onFlood();
    });
  }
}
