import { integer, rangeError, size } from '../common/arguments.ts';
import { checkOptions, checkSignal, signalOf, type WaitOptions } from '../common/call-options.ts';
import { limitOf, separatorsOf, type SearchOptions, type Separator } from '../common/separators.ts';
import { Search } from '../queues/search.ts';
import { bytesFromBuffer } from '../waiting/gate.ts';
import { refused } from './callers.ts';
import { BufferedFile } from './buffered-file.ts';
import type { FileCore } from './file-core.ts';
import { hintOrAll, linesOf, optionalAndSignal, sizeOrAll } from './io-base.ts';
import { memoryOf, type Memory } from './memory.ts';
import type { RawFile } from './raw-file.ts';
import type { ReadBuffer } from './read-buffer.ts';

/**
 * A file to read from through a buffer: the result of `makefile('rb')`. Concurrent calls are served one after the
 * other, in their order. Their results belong to the caller, and share memory with nothing else.
 *
 * The bytes of a call that ends early, because of a time limit, a signal or an error, go back into the buffer. After a
 * time-out only these can still be read, and every call that needs the socket raises OSError.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedReader
 *
 * @remarks Differs from Python in that those bytes are not lost, and that close() ends a call that waits.
 */
export class BufferedReader extends BufferedFile {
  readonly #core: FileCore;
  readonly #buffer: ReadBuffer;

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore, raw: RawFile, buffer: ReadBuffer) {
    super(core, raw);
    this.#core = core;
    this.#buffer = buffer;
  }

  /** The socket's file descriptor; −1 when the file is closed. */
  get name(): number {
    return this.raw.name;
  }

  /** `'rb'`. */
  get mode(): string {
    return this.raw.mode;
  }

  override readable(): boolean {
    return this.raw.readable();
  }

  /**
   * Reads `size` bytes; fewer only at the end of the stream, or if the socket does not wait.
   *
   * @param size - how many bytes; −1 or `null` for all up to the end of the stream.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the size.
   * @returns the bytes, none at the end of the stream. If the socket does not wait and there are none, it is `null`, as
   * in Python, which the type leaves out: Python's files are for sockets that wait.
   * @throws TypeError or RangeError for the size, TypeError for the options; RangeError if the file is or gets closed;
   * OSError from the socket, and if the socket is needed after a time-out.
   * @see https://docs.python.org/3/library/io.html#io.BufferedReader.read
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('\x05Hello and more');
   * const file = other.makefile('rb');
   * const [length = 0] = await file.read(1);
   * console.log(String(await file.read(length))); // Hello
   * await file.close();
   * one.close();
   * other.close();
   * ```
   */
  override read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer>;
  override read(size: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer | null> {
    // Most reads find their bytes in the buffer: these come first.
    if (options === undefined && typeof size === 'number') {
      const bytes = this.#buffer.tryRead(size);
      if (bytes !== undefined) return bytesFromBuffer(bytes);
    }
    try {
      const { argument, signal } = optionalAndSignal(size, options, 'read');
      const wanted = sizeOrAll(argument, 'size');
      if (typeof argument === 'number' && argument < -1) {
        throw rangeError('read length must be non-negative or -1', size);
      }
      return this.#core.perform('read', () => this.#buffer.read(wanted, signal));
    } catch (error) {
      return refused(error, 'read');
    }
  }

  /**
   * Reads exactly `count` bytes.
   *
   * @param count - how many bytes.
   * @param options - `signal` ends the wait; nothing is lost.
   * @returns the bytes.
   * @throws TypeError or RangeError for the arguments; {@link IncompleteReadError} if the stream ends before, with the
   * bytes that came; BlockingIOError if the socket does not wait and not all are there; otherwise as {@link read}.
   * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readexactly
   *
   * @remarks Python's files have no such call; this is asyncio's `readexactly()`.
   */
  readExactly(count: number, options?: WaitOptions): Promise<Buffer> {
    try {
      const wanted = size(count, 'count', 'readExactly size can not be less than zero');
      const signal = signalOf(options, 'readExactly');
      const bytes = signal === undefined ? this.#buffer.tryRead(wanted) : undefined;
      if (bytes !== undefined) return bytesFromBuffer(bytes);
      return this.#core.perform('readExactly', () => this.#buffer.readExactly(wanted, signal));
    } catch (error) {
      return refused(error, 'readExactly');
    }
  }

  /**
   * Reads up to a separator, and the separator.
   *
   * @param separator - bytes, or a string in UTF-8; or an array of several, of which the one counts that ends first.
   * @param options - `limit`: how many bytes there may be before the separator, 65,536 where it is left out; `signal`
   * ends the wait, and nothing is lost.
   * @returns the bytes, with the separator at their end.
   * @throws TypeError or RangeError for the arguments; {@link LimitOverrunError} if more bytes come before the separator,
   * which all stay; {@link IncompleteReadError} if the stream ends before, with the bytes that came; BlockingIOError if
   * the socket does not wait and no separator is there; otherwise as {@link read}.
   * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readuntil
   *
   * @remarks Python's files have no such call; this is asyncio's `readuntil()`.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('key=value;length=3;\n');
   * const file = other.makefile('rb');
   * console.log(String(await file.readUntil(['=', ';']))); // key=
   * console.log(String(await file.readUntil(['=', ';']))); // value;
   * await file.close();
   * one.close();
   * other.close();
   * ```
   */
  readUntil(separator: Separator, options?: SearchOptions): Promise<Buffer> {
    try {
      const separators = separatorsOf(separator);
      const given = checkOptions(options, ['limit', 'signal'], 'readUntil');
      const search = new Search(separators, limitOf(given.limit));
      const signal = checkSignal(given.signal, 'readUntil');
      const bytes = signal === undefined ? this.#buffer.tryUntil(search) : undefined;
      if (bytes !== undefined) return bytesFromBuffer(bytes);
      return this.#core.perform('readUntil', () => this.#buffer.readUntil(search, signal));
    } catch (error) {
      return refused(error, 'readUntil');
    }
  }

  /**
   * Reads up to `size` bytes: from the buffer, or if that is empty, with one call to the socket.
   *
   * @param size - how many bytes at most; a negative number for the size of the buffer.
   * @param options - `signal` ends the wait. They may stand in the place of the size.
   * @returns the bytes; none at the end of the stream, and also if the socket does not wait.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.BufferedReader.read1
   */
  override read1(size: number | WaitOptions = -1, options?: WaitOptions): Promise<Buffer> {
    try {
      const { argument = -1, signal } = optionalAndSignal(size, options, 'read1');
      const wanted = integer(argument, 'size');
      return this.#core.perform('read1', async () => (await this.#buffer.read1(wanted, signal)) ?? Buffer.alloc(0));
    } catch (error) {
      return refused(error, 'read1');
    }
  }

  /**
   * Returns the bytes in the buffer, which is first filled with one call to the socket if it is empty, and leaves them
   * there.
   *
   * @param size - has no effect, as in Python.
   * @param options - `signal` ends the wait. They may stand in the place of the size.
   * @returns a copy of the bytes; none at the end of the stream, and also if the socket does not wait.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.BufferedReader.peek
   */
  peek(size: number | WaitOptions = 0, options?: WaitOptions): Promise<Buffer> {
    try {
      const { argument = 0, signal } = optionalAndSignal(size, options, 'peek');
      integer(argument, 'size');
      return this.#core.perform('peek', () => this.#buffer.peek(signal));
    } catch (error) {
      return refused(error, 'peek');
    }
  }

  /**
   * Reads until the memory is full; less only at the end of the stream, or if the socket does not wait. The memory is
   * written to once, when the call is done.
   *
   * @param buffer - the memory for the bytes.
   * @param options - `signal` ends the wait; nothing is lost.
   * @returns how many bytes; as for {@link read}, `null` if the socket does not wait and there are none.
   * @throws TypeError if it is not memory; EFAULT if it is detached or resized while the call waits; otherwise as
   * {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.BufferedIOBase.readinto
   */
  override readinto(buffer: Memory, options?: WaitOptions): Promise<number>;
  override readinto(buffer: Memory, options?: WaitOptions): Promise<number | null> {
    try {
      const memory = memoryOf(buffer);
      const signal = signalOf(options, 'readinto');
      return this.#core.perform('readinto', () => this.#buffer.readInto(memory, false, signal));
    } catch (error) {
      return refused(error, 'readinto');
    }
  }

  /**
   * Reads into memory: from the buffer, or if that is empty, with one call to the socket.
   *
   * @param buffer - the memory for the bytes.
   * @param options - `signal` ends the wait.
   * @returns how many bytes; as for {@link read}, `null` if the socket does not wait and there are none.
   * @throws as {@link readinto}.
   * @see https://docs.python.org/3/library/io.html#io.BufferedIOBase.readinto1
   */
  override readinto1(buffer: Memory, options?: WaitOptions): Promise<number>;
  override readinto1(buffer: Memory, options?: WaitOptions): Promise<number | null> {
    try {
      const memory = memoryOf(buffer);
      const signal = signalOf(options, 'readinto1');
      return this.#core.perform('readinto1', () => this.#buffer.readInto(memory, true, signal));
    } catch (error) {
      return refused(error, 'readinto1');
    }
  }

  /**
   * Reads a line, with its `\n`. The last line may have none; at the end of the stream it is empty.
   *
   * @param limit - how many bytes at most, the rest of the line comes next; −1 or `null` for the whole line.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the limit.
   * @returns the line, or the part of it that has arrived if the socket does not wait.
   * @throws TypeError for the limit; otherwise as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.readline
   */
  override readline(limit: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer> {
    try {
      const line = limit === -1 && options === undefined ? this.#buffer.tryLine() : undefined;
      if (line !== undefined) return bytesFromBuffer(line);
      const { argument, signal } = optionalAndSignal(limit, options, 'readline');
      const size = sizeOrAll(argument, 'limit');
      return this.#core.perform('readline', () => this.#buffer.readLine(size, signal));
    } catch (error) {
      return refused(error, 'readline');
    }
  }

  override readlines(hint: number | null | WaitOptions = -1, options?: WaitOptions): Promise<Buffer[]> {
    try {
      const { argument, signal } = optionalAndSignal(hint, options, 'readlines');
      const enough = hintOrAll(argument);
      this.#core.checkOpen();
      return this.#core.perform('readlines', () => this.#buffer.readLines(enough, signal));
    } catch (error) {
      return refused(error, 'readlines');
    }
  }

  override close(options?: WaitOptions): Promise<void> {
    return this.raw.close(options);
  }

  override [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined> {
    return linesOf(this, () => this.#buffer.tryLine());
  }
}
