/** After so many datagrams the meter looks how many the kernel has; each time that it finds no flood, after twice as many. */
const SAMPLE = 64;
const LONGEST_SAMPLE = 1024;

/**
 * So many in a turn make a flood. One or two in a turn cost about the same in bulk as one by one, with four a fifth less; and
 * koffi, which is loaded for the first flood of a process, takes as long as some thousand datagrams.
 */
const FLOOD = 4;

/**
 * Notices when datagrams come faster than the event loop turns. While it looks, no call gets one: within a turn, libuv also
 * reads the answers to what calls send in it, and a dialogue of single datagrams would look like a flood. In bulk, each of
 * them would take a turn of its own.
 */
export class FloodMeter {
  readonly #onLook: () => void;
  readonly #onFlood: () => void;
  #count = 0;
  #sample = SAMPLE;
  #state: 'counting' | 'waiting' | 'ready' | 'looking' = 'counting';

  /**
   * @param onLook - called with the first datagram of a turn: until the turn's end no call may get one.
   * @param onFlood - called at the end of such a turn, again and again while the flood lasts.
   */
  constructor(onLook: () => void, onFlood: () => void) {
    this.#onLook = onLook;
    this.#onFlood = onFlood;
  }

  /** A datagram has come. */
  count(): void {
    this.#count += 1;
    if (this.#state === 'ready') this.#look();
    else if (this.#state === 'counting' && this.#count === this.#sample) this.#wait();
  }

  /** Waits for the end of the turn. */
  #wait(): void {
    this.#state = 'waiting';
    setImmediate(() => (this.#state = 'ready'));
  }

  #look(): void {
    this.#state = 'looking';
    this.#count = 1;
    setImmediate(() => {
      const isFlood = this.#count >= FLOOD;
      this.#sample = isFlood ? SAMPLE : Math.min(this.#sample * 2, LONGEST_SAMPLE);
      this.#count = 0;
      this.#state = 'counting';
      if (isFlood) this.#onFlood();
    });
    this.#onLook();
  }
}
