/** Milliseconds of the first pause, and of the longest. */
const FIRST = 1;
const LONGEST = 100;

/**
 * The pauses between attempts to connect to a Unix listener whose queue is full. On a blocking socket connect(2) waits
 * for room (unix_stream_connect in Linux's af_unix.c); on Node's it fails with EAGAIN (connect(2)), and no event shows
 * when there is room: poll(2) reports such a socket as writable at any time.
 */
export class RetryPause {
  #milliseconds = FIRST;
  #timer: NodeJS.Timeout | undefined;

  /** Pauses, twice as long as the last time, and then calls back. */
  pause(retry: () => void): void {
    // A call that waits keeps the process alive by itself (promise 12).
    this.#timer = setTimeout(retry, this.#milliseconds).unref();
    this.#milliseconds = Math.min(2 * this.#milliseconds, LONGEST);
  }

  /** Ends the pause without a further attempt. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
