import { signalOf, type WaitOptions } from '../common/call-options.ts';
import { unlessAborted } from '../waiting/abort.ts';
import { settledFromBuffer } from '../waiting/gate.ts';
import { refused } from './callers.ts';
import { BufferedPair } from './buffered-pair.ts';
import type { BufferedReader } from './buffered-reader.ts';
import type { BufferedWriter } from './buffered-writer.ts';
import { countCharacters } from './characters.ts';
import type { FileCore } from './file-core.ts';
import { checkIterable, checkOpen, hintOrAll, IOBase, linesOf, optionalAndSignal, sizeOrAll } from './io-base.ts';
import type { TextReader } from './text-reader.ts';
import { checkText, type TextWriter } from './text-writer.ts';
import { unsupported } from './unsupported.ts';

/** The public properties of a text file. */
export interface TextFormat {
  readonly mode: string;
  readonly encoding: string;
  readonly errors: string;
  readonly lineBuffering: boolean;
}

/**
 * A file of text: the result of `makefile('r')`, `makefile('w')` and `makefile('rw')`. Concurrent calls are served one
 * after the other, in their order.
 *
 * The text of a call that ends early is read by the next one, as with a {@link BufferedReader}. Sizes, limits and
 * results count characters as Python does: a character beyond U+FFFF is one.
 *
 * @see https://docs.python.org/3/library/io.html#io.TextIOWrapper
 *
 * @remarks Differs from Python in that a write keeps text that was received and not yet read. (Python throws away up to
 * 8 KiB of it.)
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [one, other] = await socket.socketpair();
 * await one.sendall('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
 * const file = other.makefile('r', { encoding: 'latin-1', newline: '\r\n' });
 * const lines: string[] = [];
 * for await (const line of file) {
 *   if (line === '\r\n') break;
 *   lines.push(line.trimEnd());
 * }
 * console.log(lines); // [ 'GET / HTTP/1.1', 'Host: localhost' ]
 * await file.close();
 * one.close();
 * other.close();
 * ```
 */
export class TextFile extends IOBase<string, string> {
  /** The mode that makefile() was called with. */
  readonly mode: string;
  /** The encoding's name that makefile() was called with. */
  readonly encoding: string;
  /** How text that cannot be decoded or encoded is handled. */
  readonly errors: string;
  /** Whether to write a newline also flushes. */
  readonly lineBuffering: boolean;
  /** The file of bytes below. */
  readonly buffer: BufferedReader | BufferedWriter | BufferedPair;
  readonly #core: FileCore;
  readonly #reader: TextReader | undefined;
  readonly #writer: TextWriter | undefined;

  /** @internal makefile() alone makes files. */
  constructor(
    core: FileCore,
    buffer: BufferedReader | BufferedWriter | BufferedPair,
    reader: TextReader | undefined,
    writer: TextWriter | undefined,
    format: TextFormat,
  ) {
    super(core);
    this.#core = core;
    this.buffer = buffer;
    this.#reader = reader;
    this.#writer = writer;
    this.mode = format.mode;
    this.encoding = format.encoding;
    this.errors = format.errors;
    this.lineBuffering = format.lineBuffering;
  }

  /**
   * The socket's file descriptor, −1 when the file is closed; `undefined` if it reads and writes. (Python then has no
   * such attribute.)
   */
  get name(): number | undefined {
    return this.buffer instanceof BufferedPair ? undefined : this.buffer.name;
  }

  /** The newlines that were read so far: `null`, one, or several; always `null` if `newline` names one. */
  get newlines(): string | readonly string[] | null {
    return this.#reader?.newlines ?? null;
  }

  override readable(): boolean {
    return this.buffer.readable();
  }

  override writable(): boolean {
    return this.buffer.writable();
  }

  override seekable(): boolean {
    return this.buffer.seekable();
  }

  override fileno(): number {
    return this.buffer.fileno();
  }

  /**
   * Reads exactly `size` characters; fewer only at the end of the stream, or if the socket does not wait.
   *
   * @param size - how many characters; a negative number or `null` for all up to the end of the stream.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the size.
   * @returns the text; none at the end of the stream.
   * @throws TypeError for the size or the options; RangeError if the file is or gets closed, or for bytes that cannot
   * be decoded (UnicodeDecodeError), which are then lost with all bytes that were received together with them;
   * UnsupportedOperation if the file does not read; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.read
   */
  read(size: number | null | WaitOptions = -1, options?: WaitOptions): Promise<string> {
    try {
      const { argument, signal } = optionalAndSignal(size, options, 'read');
      const wanted = sizeOrAll(argument, 'size');
      const reader = this.#checkReadable();
      return this.#core.perform('read', () => reader.read(wanted, signal));
    } catch (error) {
      return refused(error, 'read');
    }
  }

  /**
   * Reads a line, with its newline. The last line may have none; at the end of the stream it is empty.
   *
   * @param limit - how many characters at most, the rest of the line comes next; a negative number or `null` for the
   * whole line.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the limit.
   * @returns the line, or the part of it that has arrived if the socket does not wait.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.readline
   */
  override readline(limit: number | null | WaitOptions = -1, options?: WaitOptions): Promise<string> {
    try {
      const line = limit === -1 && options === undefined ? this.#reader?.tryLine() : undefined;
      if (line !== undefined) return settledFromBuffer(line);
      const { argument, signal } = optionalAndSignal(limit, options, 'readline');
      const size = sizeOrAll(argument, 'limit');
      const reader = this.#checkReadable();
      return this.#core.perform('readline', () => reader.readLine(size, signal));
    } catch (error) {
      return refused(error, 'readline');
    }
  }

  override readlines(hint: number | null | WaitOptions = -1, options?: WaitOptions): Promise<string[]> {
    try {
      const { argument, signal } = optionalAndSignal(hint, options, 'readlines');
      const enough = hintOrAll(argument);
      const reader = this.#checkReadable();
      return this.#core.perform('readlines', () => reader.readLines(enough, signal));
    } catch (error) {
      return refused(error, 'readlines');
    }
  }

  /**
   * Writes text into the buffer, and sends the buffer when it overflows; with `lineBuffering` also when the text has a
   * newline.
   *
   * @param text - the text. `\n` is written as `newline` says.
   * @param options - `signal` ends the wait; the text is still sent.
   * @returns how many characters.
   * @throws TypeError if it is not a string, and for the options; RangeError if the file is or gets closed, or for text
   * that cannot be encoded (UnicodeEncodeError); UnsupportedOperation if the file does not write; BlockingIOError if
   * the socket does not wait and the buffer is full; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.write
   */
  override write(text: string, options?: WaitOptions): Promise<number> {
    try {
      checkText(text);
      const signal = signalOf(options, 'write');
      const writer = this.#checkWritable();
      const bytes = writer.encode(text);
      signal?.throwIfAborted();
      if (writer.keep(text, bytes)) return settledFromBuffer(countCharacters(text));
      return this.#write(writer, text, bytes, signal);
    } catch (error) {
      return refused(error, 'write');
    }
  }

  override writelines(lines: Iterable<string>, options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'writelines');
      checkOpen(this);
      checkIterable(lines);
      const writer = this.#checkWritable();
      signal?.throwIfAborted();
      return unlessAborted(
        this.#core.perform('writelines', () => writer.writeLines(lines, signal)),
        signal,
      );
    } catch (error) {
      return refused(error, 'writelines');
    }
  }

  override flush(options?: WaitOptions): Promise<void> {
    try {
      signalOf(options, 'flush');
      checkOpen(this);
      return this.buffer.flush(options);
    } catch (error) {
      return refused(error, 'flush');
    }
  }

  override close(options?: WaitOptions): Promise<void> {
    return this.buffer.close(options);
  }

  override [Symbol.asyncIterator](): AsyncIterator<string, void, undefined> {
    return linesOf(this, () => this.#reader?.tryLine());
  }

  async #write(writer: TextWriter, text: string, bytes: Buffer, signal: AbortSignal | undefined): Promise<number> {
    const writing = this.#core.perform('write', () => writer.write(text, bytes, signal));
    await unlessAborted(writing, signal);
    return countCharacters(text);
  }

  #checkReadable(): TextReader {
    checkOpen(this);
    if (this.#reader === undefined) throw unsupported('not readable');
    return this.#reader;
  }

  #checkWritable(): TextWriter {
    checkOpen(this);
    if (this.#writer === undefined) throw unsupported('not writable');
    return this.#writer;
  }
}
