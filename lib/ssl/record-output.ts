import type { StreamHandle } from '../transports/stream-handle.ts';

const NOTHING = Buffer.alloc(0);

/** What the output of records notifies. */
interface RecordOutputHost {
  /** A write is done within its call: the handle reports that of others. */
  onWriteDone(): void;

  /** Records cannot be sent, because an empty write has failed before. */
  onBroken(error: Error): void;
}

/** Records on their way to the peer, one write at a time, as a handle takes them. */
export class RecordOutput {
  readonly #raw: StreamHandle;
  #isWriting: boolean;
  readonly #queue: { readonly records: Buffer; readonly done: () => void }[] = [];
  /** To be called once the records that are on their way have gone out. */
  #sent: (() => void) | undefined;
  /** To be called with the outcome of an empty write. */
  #probed: ((error: Error | undefined) => void) | undefined;
  #isStopped = false;
  /** A write has failed: a handle may give no outcome of another. */
  #isBroken = false;
  /** Why nothing can be sent: a handle takes no write after one that failed. */
  #error: Error | undefined;
  readonly #host: RecordOutputHost;

  /** @param isWriting - whether the handle has yet to report the end of a write. */
  constructor(raw: StreamHandle, isWriting: boolean, host: RecordOutputHost) {
    this.#raw = raw;
    this.#host = host;
    this.#isWriting = isWriting;
  }

  /** Whether the handle has bytes that the kernel has not. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Sends records after those before them; `done` is called once the kernel has them. */
  send(records: Buffer, done: () => void): void {
    if (this.#error !== undefined) return this.#host.onBroken(this.#error);
    this.#queue.push({ records, done });
    this.#sendNext();
  }

  /**
   * Asks the handle by an empty write whether the connection still stands; `probed` gets the outcome.
   *
   * @returns false where it cannot be asked now.
   */
  probe(probed: (error: Error | undefined) => void): boolean {
    if (this.#isWriting || this.#isBroken || !this.#raw.isWritable) return false;
    this.#probed = probed;
    this.#write(NOTHING);
    return true;
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Takes the outcome of the handle's write.
   *
   * @returns false where records could not be sent; nothing of the others is sent then.
   */
  onWriteDone(error: Error | undefined): boolean {
    const sent = this.#sent;
    const probed = this.#probed;
    this.#sent = undefined;
    this.#probed = undefined;
    this.#isWriting = false;
    if (probed !== undefined) {
      this.#error = error;
      probed(error);
    } else if (error !== undefined) {
      this.#queue.length = 0;
      this.#isBroken = true;
      return false;
    } else {
      sent?.();
    }
    this.#sendNext();
    return true;
  }

  #sendNext(): void {
    if (this.#isWriting || this.#isStopped) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#sent = next.done;
    this.#write(next.records);
  }

  #write(bytes: Buffer): void {
    this.#isWriting = true;
    if (this.#raw.write(bytes)) this.#host.onWriteDone();
  }
}
