import type { Data } from '../common/arguments.ts';
import type { WaitOptions } from '../common/call-options.ts';
import type { SearchOptions, Separator } from '../common/separators.ts';
import { BufferedFile } from './buffered-file.ts';
import type { BufferedReader } from './buffered-reader.ts';
import type { BufferedWriter } from './buffered-writer.ts';
import type { FileCore } from './file-core.ts';
import type { Memory } from './memory.ts';
import type { RawFile } from './raw-file.ts';
import { unsupported } from './unsupported.ts';

/**
 * A file to read from and write to through two independent buffers: the result of `makefile('rwb')`. To read the answer
 * does not send a request that is not flushed.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedRWPair
 */
export class BufferedPair extends BufferedFile {
  /** The side that reads. */
  readonly reader: BufferedReader;
  /** The side that writes. */
  readonly writer: BufferedWriter;

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore, raw: RawFile, reader: BufferedReader, writer: BufferedWriter) {
    super(core, raw);
    this.reader = reader;
    this.writer = writer;
  }

  override readable(): boolean {
    return this.reader.readable();
  }

  override writable(): boolean {
    return this.writer.writable();
  }

  override seekable(): boolean {
    return false;
  }

  override fileno(): number {
    throw unsupported('fileno');
  }

  /** @see {@link BufferedReader.read} */
  override read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this.reader.read(size, options);
  }

  /** @see {@link BufferedReader.readExactly} */
  readExactly(count: number, options?: WaitOptions): Promise<Buffer> {
    return this.reader.readExactly(count, options);
  }

  /** @see {@link BufferedReader.readUntil} */
  readUntil(separator: Separator, options?: SearchOptions): Promise<Buffer> {
    return this.reader.readUntil(separator, options);
  }

  /** @see {@link BufferedReader.read1} */
  override read1(size?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this.reader.read1(size, options);
  }

  /** @see {@link BufferedReader.peek} */
  peek(size?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this.reader.peek(size, options);
  }

  /** @see {@link BufferedReader.readinto} */
  override readinto(buffer: Memory, options?: WaitOptions): Promise<number> {
    return this.reader.readinto(buffer, options);
  }

  /** @see {@link BufferedReader.readinto1} */
  override readinto1(buffer: Memory, options?: WaitOptions): Promise<number> {
    return this.reader.readinto1(buffer, options);
  }

  /** @see {@link BufferedReader.readline} */
  override readline(limit?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return this.reader.readline(limit, options);
  }

  override readlines(hint?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer[]> {
    return this.reader.readlines(hint, options);
  }

  /** @see {@link BufferedWriter.write} */
  override write(data: Data, options?: WaitOptions): Promise<number> {
    return this.writer.write(data, options);
  }

  override writelines(lines: Iterable<Data>, options?: WaitOptions): Promise<void> {
    return this.writer.writelines(lines, options);
  }

  /** @see {@link BufferedWriter.flush} */
  override flush(options?: WaitOptions): Promise<void> {
    return this.writer.flush(options);
  }

  override close(options?: WaitOptions): Promise<void> {
    return this.writer.close(options);
  }

  /** The lines up to the end of the stream, for `for await`. */
  override [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined> {
    return this.reader[Symbol.asyncIterator]();
  }
}
