import { bytesOf, type Data } from '../common/arguments.ts';
import { signalOf, type WaitOptions } from '../common/call-options.ts';
import { unlessAborted } from '../waiting/abort.ts';
import { settled, settledFromBuffer } from '../waiting/gate.ts';
import { refused } from './callers.ts';
import { BufferedFile } from './buffered-file.ts';
import type { FileCore } from './file-core.ts';
import { checkIterable } from './io-base.ts';
import type { RawFile } from './raw-file.ts';
import type { WriteBuffer } from './write-buffer.ts';

/**
 * A file to write to through a buffer: the result of `makefile('wb')`. Bytes that fit into the buffer need no call to
 * the system; they are sent when the buffer overflows, and by flush() and close(). Concurrent calls are served one
 * after the other, in their order.
 *
 * After an error, bytes that were not sent stay in the buffer, and the next call tries again, as in Python. An abort
 * ends only the wait: the bytes are still sent, each once and in order, because it cannot be known how many of them the
 * kernel has already.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedWriter
 */
export class BufferedWriter extends BufferedFile {
  readonly #core: FileCore;
  readonly #buffer: WriteBuffer;

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore, raw: RawFile, buffer: WriteBuffer) {
    super(core, raw);
    this.#core = core;
    this.#buffer = buffer;
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
   * Writes bytes into the buffer. If they do not fit, the buffer is sent first; more bytes than the buffer holds are
   * sent directly.
   *
   * @param data - the bytes, or a string, which is written as UTF-8. The memory may be used again once the promise is
   * settled.
   * @param options - `signal` ends the wait; the bytes are still sent, unless the call's turn has not come yet.
   * @returns how many bytes: all.
   * @throws TypeError for the data or the options; RangeError if the file is or gets closed; BlockingIOError, whose
   * `charactersWritten` is the number of bytes that were taken, if the socket does not wait and the buffer is full;
   * EFAULT if the memory is detached or resized while the call waits; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.BufferedWriter.write
   *
   * @remarks Differs from Python in that strings may be written, as they may be sent.
   */
  override write(data: Data, options?: WaitOptions): Promise<number> {
    // Most writes fit into the buffer: these come first.
    if (options === undefined && Buffer.isBuffer(data) && this.#buffer.keep(data))
      return settledFromBuffer(data.length);
    try {
      const bytes = bytesOf(data);
      const signal = signalOf(options, 'write');
      this.#core.checkOpen('write to closed file');
      signal?.throwIfAborted();
      if (this.#buffer.keep(bytes)) return settledFromBuffer(bytes.length);
      // A copy, because a caller that stops waiting may use the memory again before the bytes are sent.
      const own = signal === undefined ? bytes : Buffer.from(bytes);
      return unlessAborted(
        this.#core.perform('write', () => this.#buffer.write(own, signal)),
        signal,
      );
    } catch (error) {
      return refused(error, 'write');
    }
  }

  override writelines(lines: Iterable<Data>, options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'writelines');
      this.#core.checkOpen();
      checkIterable(lines);
      signal?.throwIfAborted();
      return unlessAborted(
        this.#core.perform('writelines', () => this.#buffer.writeLines(lines, signal)),
        signal,
      );
    } catch (error) {
      return refused(error, 'writelines');
    }
  }

  /**
   * Sends the bytes in the buffer.
   *
   * @param options - `signal` ends the wait; the bytes are still sent.
   * @throws TypeError for the options; RangeError if the file is or gets closed; BlockingIOError if the socket does not
   * wait and does not take all; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.BufferedWriter.flush
   */
  override flush(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'flush');
      this.#core.checkOpen('flush of closed file');
      signal?.throwIfAborted();
      return unlessAborted(
        this.#core.perform('flush', () => this.#buffer.flush(signal)),
        signal,
      );
    } catch (error) {
      return refused(error, 'flush');
    }
  }

  override close(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'close');
      if (this.closed) return settled(undefined);
      signal?.throwIfAborted();
      return unlessAborted(
        this.#core.perform('close', () => this.#buffer.close(signal)),
        signal,
      );
    } catch (error) {
      return refused(error, 'close');
    }
  }
}
