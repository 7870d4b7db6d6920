import { bytesOf, type Data } from '../arguments.ts';
import { BlockingIOError, OSError, TimeoutError } from '../errors.ts';
import { NO_OPTIONS, type WaitOptions } from '../call-options.ts';
import { rejected } from '../queues/gate.ts';
import { checkOpen, hintOrAll, IOBase, memoryOf, sizeOrAll, type FileSource, type Memory } from './io-base.ts';
import { UnsupportedOperation } from './unsupported.ts';

/** How much read() up to the end asks for at a time. */
const PIECE = 65536;

/**
 * A socket as a file without a buffer, Python's `SocketIO`: every call is one call to the socket. What makefile() gives
 * with `buffering: 0`, and what is under every other file.
 *
 * Reading is dead after a time limit was over, as in Python, because nobody knows by then how much of a message has
 * been read.
 *
 * @see https://docs.python.org/3/library/io.html#io.RawIOBase
 */
export class RawFile extends IOBase<Buffer, Data> {
  /** `'rb'`, `'wb'` or `'rwb'`. */
  readonly mode: 'rb' | 'wb' | 'rwb';
  readonly #source: FileSource;
  /** Ends the waits when the file is closed. */
  readonly #closing = new AbortController();
  #closed = false;
  #timedOut = false;

  /**
   * @param source - the socket.
   * @param mode - the directions that it is to be used in.
   */
  constructor(source: FileSource, mode: 'rb' | 'wb' | 'rwb') {
    super();
    this.#source = source;
    this.mode = mode;
    source.retainFile();
  }

  /** The socket's file descriptor; −1 when the file is closed. */
  get name(): number {
    return this.closed ? -1 : this.fileno();
  }

  override get closed(): boolean {
    return this.#closed;
  }

  override readable(): boolean {
    checkOpen(this, 'I/O operation on closed socket.');
    return this.mode !== 'wb';
  }

  override writable(): boolean {
    checkOpen(this, 'I/O operation on closed socket.');
    return this.mode !== 'rb';
  }

  override seekable(): boolean {
    checkOpen(this, 'I/O operation on closed socket.');
    return false;
  }

  override fileno(): number {
    checkOpen(this);
    return this.#source.fileno();
  }

  /**
   * Reads what is there: 1 to `size` bytes, none at the end of the stream.
   *
   * @param size - at most so many bytes; −1 or `null` for all up to the end of the stream.
   * @param options - `signal` ends the wait. What was read of a stream that was to be read up to its end is lost then.
   * @returns the bytes; `null` if the socket does not wait and there are none.
   * @throws TypeError for the size; RangeError if the file is or gets closed; UnsupportedOperation if it does not read;
   * OSError from the socket, and once a time limit was over.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.read
   */
  async read(size: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<Buffer | null> {
    const limit = sizeOrAll(size, 'size');
    if (limit !== Infinity) return await this.#reading((signal) => this.#source.recv(limit, 0, { signal }), options);
    const pieces: Buffer[] = [];
    for (;;) {
      const piece = await this.#reading((signal) => this.#source.recv(PIECE, 0, { signal }), options);
      if (piece === null && pieces.length === 0) return null;
      if (piece === null || piece.length === 0) return Buffer.concat(pieces);
      pieces.push(piece);
    }
  }

  /**
   * Reads what is there already, as {@link read} does; `undefined` where that would have to wait, or would fail without
   * a call to the socket.
   *
   * @internal
   */
  readAtOnce(size: number): Buffer | undefined {
    return this.#closed || this.#timedOut || this.mode === 'wb' ? undefined : this.#source.recvAtOnce(size);
  }

  /**
   * Reads all up to the end of the stream, as {@link read} without a size.
   *
   * @param options - `signal` ends the wait. What was read is lost then.
   * @returns the bytes; `null` if the socket does not wait and there are none.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.readall
   */
  async readall(options: WaitOptions = NO_OPTIONS): Promise<Buffer | null> {
    return await this.read(-1, options);
  }

  /**
   * Reads into memory what is there, as {@link read} does.
   *
   * @param buffer - where to.
   * @param options - `signal` ends the wait.
   * @returns how many bytes, 0 at the end of the stream; `null` if the socket does not wait and there are none.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.readinto
   */
  async readinto(buffer: Memory, options: WaitOptions = NO_OPTIONS): Promise<number | null> {
    const memory = memoryOf(buffer);
    return await this.#reading((signal) => this.#source.recvInto(memory, 0, 0, { signal }), options);
  }

  /**
   * Reads a line byte by byte, because there is nowhere to keep what comes behind it: a buffered file is the one to
   * read lines from.
   *
   * @param limit - at most so many bytes; −1 or `null` for no limit.
   * @param options - `signal` ends the wait. What was read of the line is lost then.
   * @returns the line; empty at the end of the stream.
   * @throws as {@link read}; also OSError if the socket does not wait and there is no whole line.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.readline
   */
  override async readline(limit: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<Buffer> {
    const size = sizeOrAll(limit, 'limit');
    const bytes: number[] = [];
    while (bytes.length < size && bytes.at(-1) !== 0x0a) {
      const byte = await this.read(1, options);
      if (byte === null) throw new OSError(null, "read() should have returned a bytes object, not 'NoneType'");
      if (byte[0] === undefined) break;
      bytes.push(byte[0]);
    }
    return Buffer.from(bytes);
  }

  override async readlines(hint: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<Buffer[]> {
    const enough = hintOrAll(hint);
    checkOpen(this);
    const lines: Buffer[] = [];
    for (let length = 0; length <= enough;) {
      const line = await this.readline(-1, options);
      if (line.length === 0) break;
      lines.push(line);
      length += line.length;
    }
    return lines;
  }

  /**
   * Sends bytes.
   *
   * @param data - the bytes, or a string, which goes out as UTF-8.
   * @param options - `signal` ends the wait; how much has gone out by then is not known.
   * @returns how many bytes; `null` if the socket does not wait and takes none.
   * @throws TypeError for the data; RangeError if the file is or gets closed; UnsupportedOperation if it does not
   * write; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.RawIOBase.write
   */
  write(data: Data, options: WaitOptions = NO_OPTIONS): Promise<number | null> {
    try {
      const bytes = bytesOf(data);
      return this.#writing((signal) => this.#source.send(bytes, 0, { signal }), options);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends bytes as {@link write} does, out of memory that stays as it is whatever comes of it. Gives how many without a
   * promise where they are sent by then, and throws what stands against it.
   *
   * @internal
   */
  writeKept(bytes: Buffer): number | Promise<number | null> {
    this.#checkWritable();
    const sent = this.#source.sendKept(bytes, { signal: this.#closing.signal });
    return typeof sent === 'number' ? sent : this.#perform(() => sent, {});
  }

  override async flush(): Promise<void> {
    checkOpen(this);
  }

  override async close(): Promise<void> {
    if (this.closed) return;
    this.#closed = true;
    this.#closing.abort();
    this.#source.releaseFile();
  }

  protected override lineAtOnce(): undefined {
    return undefined;
  }

  #writing(call: (signal: AbortSignal) => Promise<number>, options: WaitOptions): Promise<number | null> {
    this.#checkWritable();
    return this.#perform(call, options);
  }

  #checkWritable(): void {
    checkOpen(this);
    if (!this.writable()) throw new UnsupportedOperation('File or stream is not writable.');
  }

  async #reading<R>(call: (signal: AbortSignal) => Promise<R>, options: WaitOptions): Promise<R | null> {
    checkOpen(this);
    if (!this.readable()) throw new UnsupportedOperation('File or stream is not readable.');
    if (this.#timedOut) throw new OSError(null, 'cannot read from timed out object');
    try {
      return await this.#perform(call, options);
    } catch (error) {
      if (error instanceof TimeoutError) this.#timedOut = true;
      throw error;
    }
  }

  /**
   * Makes a call to the socket that ends when the file is closed, and gives `null` where the socket would have to wait.
   */
  async #perform<R>(call: (signal: AbortSignal) => Promise<R>, options: WaitOptions): Promise<R | null> {
    const signal = options.signal ?? undefined;
    const ending = signal === undefined ? undefined : new Ending([signal, this.#closing.signal]);
    try {
      return await call(ending?.signal ?? this.#closing.signal);
    } catch (error) {
      signal?.throwIfAborted();
      checkOpen(this);
      if (error instanceof BlockingIOError) return null;
      throw error;
    } finally {
      ending?.release();
    }
  }
}

/**
 * A signal that is aborted by whichever of several is. `AbortSignal.any()` would do it, but what it makes is never let
 * go of by signals that live on (nodejs/node#55351), as the one that tells of a file's end does.
 */
class Ending {
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #abort = (): void => this.#controller.abort();

  constructor(signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const signal of signals) {
      if (signal.aborted) this.#abort();
      signal.addEventListener('abort', this.#abort);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort);
  }
}
