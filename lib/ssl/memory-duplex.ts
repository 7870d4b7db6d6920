import { Duplex } from 'node:stream';
import { outputOf } from './output-memory.ts';

/** What the records of a session go through, on the side of the network. */
export interface RecordSink {
  /** Takes records; `done` is to be called once they have gone out. Their memory is used again then. */
  onOutput(records: Buffer, done: () => void): void;
  /** Nothing follows the records that have been written. */
  onOutputEnd(): void;
  /** Records are wanted again. */
  onResume(): void;
  /** Node is done with the stream. */
  onDestroyed(): void;
}

/**
 * The stream that Node's TLS stands on, in memory. It has the methods of a Duplex that Node calls on such a stream, and
 * these do only what TLS needs: the machinery of two streams would take a third of the time of a receive.
 */
export class MemoryDuplex extends Duplex {
  readonly #sink: RecordSink;
  #isResumed = false;
  #records: Buffer[] = [];
  #callbacks: (() => void)[] = [];

  constructor(sink: RecordSink) {
    super({ allowHalfOpen: true, autoDestroy: false });
    this.#sink = sink;
  }

  /** Whether a record that is given now is taken. */
  get isResumed(): boolean {
    return this.#isResumed;
  }

  /** Gives a record to TLS. */
  give(record: Buffer): void {
    this.emit('data', record);
  }

  override pause(): this {
    this.#isResumed = false;
    return this;
  }

  override resume(): this {
    if (this.#isResumed) return this;
    this.#isResumed = true;
    this.#sink.onResume();
    return this;
  }

  override cork(): void {
    // Every write comes between cork() and uncork().
  }

  override write(chunk: Buffer, callback: () => void): boolean;
  override write(chunk: Buffer, encoding: BufferEncoding, callback: () => void): boolean;
  override write(chunk: Buffer, encodingOrCallback: BufferEncoding | (() => void), callback?: () => void): boolean {
    const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback;
    this.#records.push(chunk);
    if (done !== undefined) this.#callbacks.push(done);
    return true;
  }

  override uncork(): void {
    if (this.#records.length === 0) return;
    const { records, free } = outputOf(this.#records);
    const callbacks = this.#callbacks;
    this.#records = [];
    this.#callbacks = [];
    this.#sink.onOutput(records, () => {
      free();
      for (const callback of callbacks) callback();
    });
  }

  override end(callback?: () => void): this;
  override end(chunk: Buffer, callback?: () => void): this;
  override end(chunk: Buffer, encoding: BufferEncoding, callback?: () => void): this;
  override end(...given: readonly unknown[]): this {
    this.#sink.onOutputEnd();
    const callback = given.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
    return this;
  }

  override destroy(): this {
    this.#sink.onDestroyed();
    return this;
  }

  override _read(): void {
    // Records come by give().
  }
}
