import { received } from '../arguments.ts';
import { NO_OPTIONS, type WaitOptions } from '../call-options.ts';
import { rejected } from '../queues/gate.ts';
import { BufferedPair } from './buffered-pair.ts';
import { BufferedReader } from './buffered-reader.ts';
import type { BufferedWriter } from './buffered-writer.ts';
import { countCharacters, skipCharacters } from './characters.ts';
import type { Decoder, Encoder } from './coders.ts';
import type { Coding } from './encodings.ts';
import { checkIterable, checkOpen, hintOrAll, IOBase, sizeOrAll, whileOpen } from './io-base.ts';
import { Lock } from './lock.ts';
import { lineEnd, UniversalNewlines, type LineEnd, type Newline } from './newlines.ts';
import { UnsupportedOperation } from './unsupported.ts';

/** How many bytes are decoded at a time, as in Python. */
const CHUNK = 8192;

/** How a text file reads and writes. */
export interface TextFormat {
  readonly mode: string;
  readonly encoding: string;
  readonly errors: string;
  readonly coding: Coding;
  readonly newline: Newline;
  readonly lineBuffering: boolean;
}

/**
 * A file of text: what `makefile('r')`, `makefile('w')` and `makefile('rw')` give. Calls at the same time are served
 * one after the other, in the order in which they came.
 *
 * What a call that ends early has read is read by the next one, as with a {@link BufferedReader}. Sizes, limits and
 * results count characters as Python does: what is beyond U+FFFF is one.
 *
 * @see https://docs.python.org/3/library/io.html#io.TextIOWrapper
 *
 * @remarks Differs from Python in that a write leaves alone what was received and not yet read. (Python throws it away, up to 8
 * KiB of it.)
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
  /** What becomes of what cannot be decoded or encoded. */
  readonly errors: string;
  /** Whether a write of a newline is a flush as well. */
  readonly lineBuffering: boolean;
  /** The file of bytes that is underneath. */
  readonly buffer: BufferedReader | BufferedWriter | BufferedPair;
  readonly #reader: BufferedReader | undefined;
  readonly #writer: BufferedWriter | undefined;
  readonly #decoder: Decoder;
  readonly #encoder: Encoder;
  readonly #universal: UniversalNewlines | undefined;
  readonly #newline: Newline;
  readonly #lineEnd: LineEnd;
  readonly #lock = new Lock();
  /** What was decoded last, read up to `#position`. */
  #text = '';
  #position = 0;

  /**
   * @param buffer - the file of bytes.
   * @param format - how to read and write.
   */
  constructor(buffer: BufferedReader | BufferedWriter | BufferedPair, format: TextFormat) {
    super();
    this.buffer = buffer;
    this.mode = format.mode;
    this.encoding = format.encoding;
    this.errors = format.errors;
    this.lineBuffering = format.lineBuffering;
    if (buffer instanceof BufferedPair) {
      this.#reader = buffer.reader;
      this.#writer = buffer.writer;
    } else if (buffer instanceof BufferedReader) {
      this.#reader = buffer;
    } else {
      this.#writer = buffer;
    }
    this.#decoder = format.coding.decoder();
    this.#encoder = format.coding.encoder();
    this.#newline = format.newline;
    if (format.newline === null || format.newline === '') {
      this.#universal = new UniversalNewlines(format.newline === null);
    }
    this.#lineEnd = lineEnd(format.newline);
  }

  /**
   * The socket's file descriptor, −1 when the file is closed; `undefined` if it reads and writes. (Python has no
   * attribute then.)
   */
  get name(): number | undefined {
    return this.buffer instanceof BufferedPair ? undefined : this.buffer.name;
  }

  /** The newlines that were read so far: `null`, one, or several; always `null` if `newline` names one. */
  get newlines(): string | readonly string[] | null {
    return this.#universal?.seen ?? null;
  }

  override get closed(): boolean {
    return this.buffer.closed;
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
   * @param options - `signal` ends the wait; nothing is lost.
   * @returns the text; none at the end of the stream.
   * @throws TypeError for the size; RangeError if the file is or gets closed, or for bytes that cannot be decoded
   * (UnicodeDecodeError), which are lost then with all that was received with them; UnsupportedOperation if the file
   * does not read; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.read
   */
  read(size: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<string> {
    try {
      const wanted = sizeOrAll(size, 'size');
      const reader = this.#checkReadable();
      return this.#locked(options, () =>
        wanted === Infinity ? this.#readAll(reader, options) : this.#read(reader, wanted, options),
      );
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Reads a line, with its newline. The last line may have none; at the end of the stream it is empty.
   *
   * @param limit - at most so many characters, the rest of the line comes next; a negative number or `null` for the
   * whole line.
   * @param options - `signal` ends the wait; nothing is lost.
   * @returns the line, or what there is of it if the socket does not wait.
   * @throws as {@link read}.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.readline
   */
  override readline(limit: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<string> {
    try {
      const line = limit === -1 ? this.lineAtOnce() : undefined;
      if (line !== undefined) return Promise.resolve(line);
      const size = sizeOrAll(limit, 'limit');
      const reader = this.#checkReadable();
      return this.#locked(options, () => this.#readLine(reader, size, options));
    } catch (error) {
      return rejected(error);
    }
  }

  override readlines(hint: number | null = -1, options: WaitOptions = NO_OPTIONS): Promise<string[]> {
    try {
      const enough = hintOrAll(hint);
      const reader = this.#checkReadable();
      return this.#locked(options, async () => {
        const lines: string[] = [];
        try {
          for (let length = 0; length <= enough;) {
            const line = this.#lineThatIsThere() ?? (await this.#readLine(reader, Infinity, options));
            if (line === '') break;
            lines.push(line);
            length += enough === Infinity ? 0 : countCharacters(line);
          }
        } catch (error) {
          this.#giveBack(lines);
          throw error;
        }
        return lines;
      });
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Writes text into the buffer, and sends the buffer when it overflows; with `lineBuffering` also when there is a
   * newline in the text.
   *
   * @param text - what to write. `\n` is written as `newline` says.
   * @param options - `signal` ends the wait; the text goes out all the same.
   * @returns how many characters.
   * @throws TypeError if it is no string; RangeError if the file is or gets closed, or for what cannot be encoded
   * (UnicodeEncodeError); UnsupportedOperation if the file does not write; BlockingIOError if the socket does not wait
   * and the buffer is full; OSError from the socket.
   * @see https://docs.python.org/3/library/io.html#io.TextIOBase.write
   */
  override write(text: string, options: WaitOptions = NO_OPTIONS): Promise<number> {
    try {
      checkText(text);
      const writer = this.#checkWritable();
      const bytes = this.#encode(text);
      if (!this.#isFlush(text) && writer.keep(bytes)) return Promise.resolve(countCharacters(text));
      return this.#write(writer, text, bytes, options);
    } catch (error) {
      return rejected(error);
    }
  }

  override async writelines(lines: Iterable<string>, options: WaitOptions = NO_OPTIONS): Promise<void> {
    checkOpen(this);
    checkIterable(lines);
    const writer = this.#checkWritable();
    let flushes = false;
    const encoded = function* (file: TextFile): Generator<Buffer, void> {
      for (const line of lines) {
        flushes ||= file.#isFlush(checkText(line));
        yield file.#encode(line);
      }
    };
    await writer.writelines(encoded(this), options);
    if (flushes) await writer.flush(options);
  }

  override async flush(options: WaitOptions = NO_OPTIONS): Promise<void> {
    checkOpen(this);
    await this.buffer.flush(options);
  }

  override async close(options: WaitOptions = NO_OPTIONS): Promise<void> {
    await this.buffer.close(options);
  }

  protected override lineAtOnce(): string | undefined {
    return this.#lock.free && !this.closed ? this.#lineThatIsThere() : undefined;
  }

  #checkReadable(): BufferedReader {
    checkOpen(this);
    if (this.#reader === undefined) throw new UnsupportedOperation('not readable');
    return this.#reader;
  }

  #checkWritable(): BufferedWriter {
    checkOpen(this);
    if (this.#writer === undefined) throw new UnsupportedOperation('not writable');
    return this.#writer;
  }

  #take(end: number): string {
    const text = this.#text.slice(this.#position, end);
    this.#position = end;
    return text;
  }

  /** The line that is decoded, or with what the socket has; where there is none, nothing is taken. */
  #lineThatIsThere(): string | undefined {
    for (;;) {
      const end = this.#lineEnd(this.#text, this.#position);
      if (end !== -1) return this.#take(end);
      if (!this.#fillAtOnce()) return undefined;
    }
  }

  #fillAtOnce(): boolean {
    const chunk = this.#reader?.chunkAtOnce(CHUNK);
    return chunk !== undefined && chunk.length > 0 && this.#append(chunk, false);
  }

  /** Decodes what one call gives, behind what is left; false if nothing comes, or nothing without waiting. */
  async #fill(reader: BufferedReader, options: WaitOptions): Promise<boolean> {
    for (;;) {
      const chunk = await reader.readChunk(CHUNK, options);
      if (chunk === null) return false;
      const final = chunk.length === 0;
      if (this.#append(chunk, final)) return true;
      if (final) return false;
    }
  }

  /** Decodes bytes behind what is left; whether there is any text in them. */
  #append(chunk: Buffer, final: boolean): boolean {
    const text = this.#decode(chunk, final);
    if (text === '') return false;
    this.#text = this.#text.slice(this.#position) + text;
    this.#position = 0;
    return true;
  }

  #decode(chunk: Buffer, final: boolean): string {
    const text = this.#decoder.decode(chunk, final);
    return this.#universal === undefined ? text : this.#universal.translate(text, final);
  }

  async #readAll(reader: BufferedReader, options: WaitOptions): Promise<string> {
    const bytes = await reader.read(-1, options);
    const text = bytes === null ? '' : this.#decode(bytes, true);
    return this.#take(this.#text.length) + text;
  }

  async #read(reader: BufferedReader, wanted: number, options: WaitOptions): Promise<string> {
    const pieces: string[] = [];
    try {
      for (let left = wanted; left > 0;) {
        if (this.#position === this.#text.length && !(await this.#fill(reader, options))) break;
        const piece = this.#take(skipCharacters(this.#text, this.#position, left));
        pieces.push(piece);
        left -= countCharacters(piece);
      }
    } catch (error) {
      this.#giveBack(pieces);
      throw error;
    }
    return pieces.join('');
  }

  async #readLine(reader: BufferedReader, limit: number, options: WaitOptions): Promise<string> {
    const pieces: string[] = [];
    try {
      for (let left = limit; left > 0;) {
        const end = this.#lineEnd(this.#text, this.#position);
        const rest = end === -1 ? this.#text.length : end;
        const stop = left === Infinity ? rest : Math.min(rest, skipCharacters(this.#text, this.#position, left));
        // The first half of a newline stays, so that the second finds it.
        const half = stop === rest && end === -1 && this.#newline === '\r\n' && this.#text.endsWith('\r') ? 1 : 0;
        const piece = this.#take(Math.max(this.#position, stop - half));
        pieces.push(piece);
        left -= left === Infinity ? 0 : countCharacters(piece);
        if (stop === end || left === 0) break;
        if (!(await this.#fill(reader, options))) {
          pieces.push(this.#take(this.#text.length));
          break;
        }
      }
    } catch (error) {
      this.#giveBack(pieces);
      throw error;
    }
    return pieces.join('');
  }

  /** Puts what a call has taken in front again, because the call came to nothing. */
  #giveBack(pieces: readonly string[]): void {
    this.#text = pieces.join('') + this.#text.slice(this.#position);
    this.#position = 0;
  }

  #encode(text: string): Buffer {
    const translated = this.#newline === '\r' || this.#newline === '\r\n' ? text.replaceAll('\n', this.#newline) : text;
    return this.#encoder.encode(translated);
  }

  #isFlush(text: string): boolean {
    return this.lineBuffering && /[\r\n]/.test(text);
  }

  async #write(writer: BufferedWriter, text: string, bytes: Buffer, options: WaitOptions): Promise<number> {
    await writer.write(bytes, options);
    if (this.#isFlush(text)) await writer.flush(options);
    return countCharacters(text);
  }

  /** Does a call's work when its turn comes. */
  async #locked<T>(options: WaitOptions, work: () => Promise<T>): Promise<T> {
    const signal = options.signal ?? undefined;
    return await this.#lock.hold(signal, () => whileOpen(this, signal, work));
  }
}

function checkText(text: unknown): string {
  if (typeof text === 'string') return text;
  throw new TypeError(`write() argument must be a string ${received(text)}`);
}
