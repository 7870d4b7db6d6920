import { bytesOf, type Data } from '../common/arguments.ts';
import { signalOf, type WaitOptions } from '../common/call-options.ts';
import { textError } from '../common/errors.ts';
import { settled } from '../waiting/gate.ts';
import { refused } from './callers.ts';
import { watchUnclosed } from './dropped.ts';
import type { FileCore, FileMode } from './file-core.ts';
import { flushNothing, hintOrAll, IOBase, linesOf, optionalAndSignal, sizeOrAll } from './io-base.ts';
import { memoryOf, ownCopy, type Memory } from './memory.ts';
import { Pieces } from './pieces.ts';

const NEWLINE = 0x0a;

/** How many bytes a read up to the end asks for at a time. */
const PIECE = 65536;

/**
 * A socket as an unbuffered file, Python's `SocketIO`: every call is one call to the socket. It is the result of
 * makefile() with `buffering: 0`, and is below every other file.
 *
 * After a time-out nothing more can be read, as in Python, because it is not known how much of a message has been read.
 *
 * @see https://docs.python.org/3/library/io.html#io.RawIOBase
 */
export class RawFile extends IOBase<Buffer, Data> {
  /** `'rb'`, `'wb'` or `'rwb'`. */
  readonly mode: FileMode;
  readonly #core: FileCore;

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore) {
    super(core);
    this.#core = core;
    this.mode = core.mode;
    watchUnclosed(this, core);
  }

  /** The socket's file descriptor; −1 when the file is closed. */
  get name(): number {
    return this.closed ? -1 : this.fileno();
  }

  override readable(): boolean {
    this.#core.checkOpen(CLOSED_SOCKET);
    return this.mode !== 'wb';
  }

  override writable(): boolean {
    this.#core.checkOpen(CLOSED_SOCKET);
    return this.mode !== 'rb';
  }

  override seekable(): boolean {
    this.#core.checkOpen(CLOSED_SOCKET);
    return false;
  }

  override fileno(): number {
    return this.#core.fileno();
  }

  /**
   * Reads the bytes that have arrived: 1 to `size`, none at the end of the stream.
   *
   * @param size - how many bytes at most; −1 or `null` for all up to the end of the stream.
   * @param options - `signal` ends the wait. In a read up to the end of the stream, the bytes read so far are then
   * lost. They may stand in the place of the size.
   * @returns the bytes; `null` if the socket does not wait and there are none.
   * @throws TypeError for the size or the options; RangeError if the file is or gets closed; UnsupportedOperation if it
   * does not read; OSError from the socket, and after a time-out.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.read
   */
  read(size: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer | null> {
    try {
      const { argument, signal } = optionalAndSignal(size, options, 'read');
      const limit = sizeOrAll(argument, 'size');
      return this.#core.perform('read', () =>
        limit === Infinity ? this.#readAll(signal) : this.#core.recv(limit, signal),
      );
    } catch (error) {
      return refused(error, 'read');
    }
  }

  /**
   * Reads all up to the end of the stream, as {@link read} without a size.
   *
   * @param options - `signal` ends the wait. The bytes read so far are then lost.
   * @returns the bytes; `null` if the socket does not wait and there are none.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.readall
   */
  readall(options?: WaitOptions): Promise<Buffer | null> {
    try {
      const signal = signalOf(options, 'readall');
      return this.#core.perform('readall', () => this.#readAll(signal));
    } catch (error) {
      return refused(error, 'readall');
    }
  }

  /**
   * Reads the bytes that have arrived into memory, as {@link read} does.
   *
   * @param buffer - the memory for the bytes.
   * @param options - `signal` ends the wait.
   * @returns how many bytes, 0 at the end of the stream; `null` if the socket does not wait and there are none.
   * @throws as {@link read}; EFAULT if the memory is detached or resized while the call waits.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.readinto
   */
  readinto(buffer: Memory, options?: WaitOptions): Promise<number | null> {
    try {
      const memory = memoryOf(buffer);
      const signal = signalOf(options, 'readinto');
      return this.#core.perform('readinto', () => this.#core.recvInto(memory, signal));
    } catch (error) {
      return refused(error, 'readinto');
    }
  }

  /**
   * Reads a line byte by byte, because an unbuffered file cannot keep the bytes after it: to read lines, use a buffered
   * file.
   *
   * @param limit - how many bytes at most; −1 or `null` for no limit.
   * @param options - `signal` ends the wait. The part of the line read so far is then lost. They may stand in the place
   * of the limit.
   * @returns the line; empty at the end of the stream.
   * @throws as {@link read}; also OSError if the socket does not wait and no whole line has arrived.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.readline
   */
  override readline(limit: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer> {
    try {
      const { argument, signal } = optionalAndSignal(limit, options, 'readline');
      const size = sizeOrAll(argument, 'limit');
      return this.#core.perform('readline', () => this.#readLine(size, signal));
    } catch (error) {
      return refused(error, 'readline');
    }
  }

  override readlines(hint: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer[]> {
    try {
      const { argument, signal } = optionalAndSignal(hint, options, 'readlines');
      const enough = hintOrAll(argument);
      this.#core.checkOpen();
      return this.#core.perform('readlines', async () => {
        const lines: Buffer[] = [];
        for (let length = 0; length <= enough;) {
          const line = await this.#readLine(Infinity, signal);
          if (line.length === 0) break;
          lines.push(line);
          length += line.length;
        }
        return lines;
      });
    } catch (error) {
      return refused(error, 'readlines');
    }
  }

  /**
   * Sends bytes.
   *
   * @param data - the bytes, or a string, which is sent as UTF-8.
   * @param options - `signal` ends the wait; how many bytes were sent by then is not known.
   * @returns how many bytes; `null` if the socket does not wait and takes none.
   * @throws TypeError for the data or the options; RangeError if the file is or gets closed; UnsupportedOperation if it
   * does not write; OSError from the socket; EFAULT if the memory is detached or resized while the call waits.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.write
   */
  override write(data: Data, options?: WaitOptions): Promise<number | null> {
    try {
      const bytes = bytesOf(data);
      const signal = signalOf(options, 'write');
      return this.#core.perform('write', () => this.#core.send(bytes, signal));
    } catch (error) {
      return refused(error, 'write');
    }
  }

  override flush(options?: WaitOptions): Promise<void> {
    return flushNothing(this, options);
  }

  override close(options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'close');
      if (this.closed) return settled(undefined);
      signal?.throwIfAborted();
      this.#core.close();
      return settled(undefined);
    } catch (error) {
      return refused(error, 'close');
    }
  }

  override [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined> {
    return linesOf(this, () => undefined);
  }

  async #readAll(signal: AbortSignal | undefined): Promise<Buffer | null> {
    const pieces = new Pieces();
    for (;;) {
      const piece = await this.#core.recv(PIECE, signal);
      if (piece === null && pieces.length === 0) return null;
      if (piece === null || piece.length === 0) return pieces.joined();
      pieces.push(piece, false);
    }
  }

  async #readLine(limit: number, signal: AbortSignal | undefined): Promise<Buffer> {
    signal?.throwIfAborted();
    const bytes: number[] = [];
    while (bytes.length < limit && bytes.at(-1) !== NEWLINE) {
      const byte = await this.#core.recv(1, signal);
      if (byte === null) throw textError("read() should have returned a bytes object, not 'NoneType'");
      if (byte[0] === undefined) break;
      bytes.push(byte[0]);
    }
    return ownCopy(Uint8Array.from(bytes));
  }
}

/** Python's message for a closed SocketIO. */
const CLOSED_SOCKET = 'I/O operation on closed socket.';
