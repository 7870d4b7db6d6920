import { bytesOf, type Data } from '../arguments.ts';
import { errnoOf } from '../errno.ts';
import { BlockingIOError } from '../errors.ts';
import { NO_OPTIONS, type WaitOptions } from '../call-options.ts';
import { rejected } from '../queues/gate.ts';
import { BufferedFile, DEFAULT_BUFFER_SIZE } from './buffered-file.ts';
import { checkIterable, checkOpen } from './io-base.ts';
import { Lock } from './lock.ts';
import type { RawFile } from './raw-file.ts';

/**
 * A file to write to through a buffer: what `makefile('wb')` gives. What fits into the buffer costs no call to the
 * system; it is sent when the buffer overflows, and by flush() and close(). Calls at the same time are served one after
 * the other, in the order in which they came.
 *
 * After an error what was not sent stays in the buffer, and the next call tries again, as in Python. An abort ends only
 * the wait: the bytes go out all the same, each once and in order, because nobody knows how many of them are on their
 * way.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedWriter
 */
export class BufferedWriter extends BufferedFile {
  readonly #size: number;
  readonly #lock = new Lock();
  #buffer: Buffer | undefined;
  #filled = 0;

  /**
   * @param raw - the file to write to.
   * @param size - how many bytes the buffer holds, at least 1.
   */
  constructor(raw: RawFile, size = DEFAULT_BUFFER_SIZE) {
    super(raw);
    this.#size = size;
  }

  /** The socket's file descriptor; −1 when the file is closed. */
  get name(): number {
    return this.raw.name;
  }

  /** `'wb'`. */
  get mode(): string {
    return this.raw.mode;
  }

  override writable(): boolean {
    return this.raw.writable();
  }

  /**
   * Writes bytes into the buffer; if they do not fit, the buffer is sent first, and what is larger than the buffer goes
   * past it.
   *
   * @param data - the bytes, or a string, which is written as UTF-8. The memory may be used again once the promise is
   * settled.
   * @param options - `signal` ends the wait; the bytes go out all the same, unless the call's turn has not come yet.
   * @returns how many bytes: all.
   * @throws TypeError for the data; RangeError if the file is or gets closed; BlockingIOError, whose
   * `charactersWritten` tells how many bytes were taken, if the socket does not wait and the buffer is full; OSError
   * from the socket.
   * @see https://docs.python.org/3/library/io.html#io.BufferedWriter.write
   *
   * @remarks Differs from Python in that strings may be written, as they may be sent.
   */
  override write(data: Data, options: WaitOptions = NO_OPTIONS): Promise<number> {
    // Most writes fit: before anything else they are put where they go.
    if (Buffer.isBuffer(data) && this.keep(data)) return Promise.resolve(data.length);
    try {
      const bytes = bytesOf(data);
      checkOpen(this, 'write to closed file');
      if (this.keep(bytes)) return Promise.resolve(bytes.length);
      // Whoever may stop waiting before the bytes are sent may use the memory again by then.
      const own = options.signal === undefined ? bytes : Buffer.from(bytes);
      return this.#locked('write to closed file', options, () => this.#write(own));
    } catch (error) {
      return rejected(error);
    }
  }

  override writelines(lines: Iterable<Data>, options: WaitOptions = NO_OPTIONS): Promise<void> {
    try {
      checkOpen(this);
      checkIterable(lines);
      return this.#locked('write to closed file', options, async () => {
        for (const line of lines) await this.#write(bytesOf(line));
      });
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends what is in the buffer.
   *
   * @param options - `signal` ends the wait; the bytes go out all the same.
   * @throws RangeError if the file is or gets closed; BlockingIOError if the socket does not wait and does not take
   * all; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.BufferedWriter.flush
   */
  override flush(options: WaitOptions = NO_OPTIONS): Promise<void> {
    try {
      checkOpen(this, 'flush of closed file');
      return this.#locked('flush of closed file', options, () => this.#flush());
    } catch (error) {
      return rejected(error);
    }
  }

  override async close(options: WaitOptions = NO_OPTIONS): Promise<void> {
    if (this.closed) return;
    await this.#locked(null, options, async () => {
      try {
        if (!this.closed) await this.#flush();
      } finally {
        await this.raw.close();
      }
    });
  }

  /** Puts bytes into the buffer if they fit, the file is open, and nobody came before; whether they did. */
  keep(bytes: Buffer): boolean {
    return this.#lock.free && !this.closed && this.#put(bytes);
  }

  #put(bytes: Buffer): boolean {
    if (bytes.length > this.#size - this.#filled) return false;
    // Not from Node's pool: what is being sent must not share memory with anything else.
    this.#buffer ??= Buffer.allocUnsafeSlow(this.#size);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return true;
  }

  async #write(bytes: Buffer): Promise<number> {
    if (this.#put(bytes)) return bytes.length;
    try {
      await this.#flush();
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      // Some may have gone out, and made room.
      if (this.#put(bytes)) return bytes.length;
      throw this.#incomplete(bytes, 0);
    }
    let written = 0;
    while (bytes.length - written > this.#size) {
      const sent = await this.raw.write(bytes.subarray(written));
      if (sent === null) throw this.#incomplete(bytes, written);
      written += sent;
    }
    this.#put(bytes.subarray(written));
    return bytes.length;
  }

  /** Keeps as much as there is room for. */
  #incomplete(bytes: Buffer, written: number): BlockingIOError {
    const room = this.#size - this.#filled;
    this.#put(bytes.subarray(written, written + room));
    return incompleteWrite(written + room);
  }

  async #flush(): Promise<void> {
    if (this.#buffer === undefined) return;
    let sent = 0;
    try {
      while (sent < this.#filled) {
        const written = this.raw.writeKept(this.#buffer.subarray(sent, this.#filled));
        const count = typeof written === 'number' ? written : await written;
        if (count === null) throw incompleteWrite(0);
        sent += count;
      }
    } finally {
      if (sent < this.#filled) {
        // After an error the system may still be at the old memory.
        const rest = Buffer.allocUnsafeSlow(this.#size);
        this.#buffer.copy(rest, 0, sent, this.#filled);
        this.#buffer = rest;
      }
      this.#filled -= sent;
    }
  }

  /**
   * Does a call's work when its turn comes; `closedText` is what it raises if the file is closed by then, unless it is
   * `null`.
   */
  async #locked<T>(closedText: string | null, options: WaitOptions, work: () => Promise<T>): Promise<T> {
    const signal = options.signal ?? undefined;
    const operation = this.#lock.hold(signal, async () => {
      if (closedText !== null) checkOpen(this, closedText);
      return await work();
    });
    return await (signal === undefined ? operation : unlessAborted(operation, signal));
  }
}

/** The socket does not wait and takes no more, and the buffer is full. */
function incompleteWrite(charactersWritten: number): BlockingIOError {
  return new BlockingIOError(errnoOf('EAGAIN'), 'write could not complete without blocking', { charactersWritten });
}

/** What an operation gives; after an abort the operation goes on without anybody who waits for it. */
function unlessAborted<T>(operation: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason is passed on, whatever it is
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort);
    const end = (): void => signal.removeEventListener('abort', abort);
    operation.then(resolve, reject).finally(end);
  });
}
