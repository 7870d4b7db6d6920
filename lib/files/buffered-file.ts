import type { Data } from '../common/arguments.ts';
import type { WaitOptions } from '../common/call-options.ts';
import { refused } from './callers.ts';
import type { FileCore } from './file-core.ts';
import { checkOpen, flushNothing, IOBase, linesOf } from './io-base.ts';
import type { Memory } from './memory.ts';
import type { RawFile } from './raw-file.ts';
import { unsupported } from './unsupported.ts';

/** The default size of a buffer, Python's `io.DEFAULT_BUFFER_SIZE`. */
export const DEFAULT_BUFFER_SIZE = 8192;

/**
 * A file with a buffer. Methods that a subclass does not support raise UnsupportedOperation, as in Python.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedIOBase
 */
export abstract class BufferedFile extends IOBase<Buffer, Data> {
  /** The unbuffered file below. */
  readonly raw: RawFile;

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore, raw: RawFile) {
    super(core);
    this.raw = raw;
  }

  override readable(): boolean {
    return false;
  }

  override writable(): boolean {
    return false;
  }

  override seekable(): boolean {
    return this.raw.seekable();
  }

  override fileno(): number {
    return this.raw.fileno();
  }

  /** @see {@link BufferedReader.read} */
  read(size?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer>;
  read(): Promise<Buffer> {
    return refused(unsupported('read'), 'read');
  }

  /** @see {@link BufferedReader.read1} */
  read1(size?: number | WaitOptions, options?: WaitOptions): Promise<Buffer>;
  read1(): Promise<Buffer> {
    return refused(unsupported('read1'), 'read1');
  }

  /** @see {@link BufferedReader.readinto} */
  readinto(buffer: Memory, options?: WaitOptions): Promise<number>;
  readinto(): Promise<number> {
    return refused(unsupported('read'), 'readinto');
  }

  /** @see {@link BufferedReader.readinto1} */
  readinto1(buffer: Memory, options?: WaitOptions): Promise<number>;
  readinto1(): Promise<number> {
    return refused(unsupported('read1'), 'readinto1');
  }

  override readline(limit?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer>;
  override readline(): Promise<Buffer> {
    return refused(unsupported('read'), 'readline');
  }

  override readlines(hint?: number | null | WaitOptions, options?: WaitOptions): Promise<Buffer[]>;
  override readlines(): Promise<Buffer[]> {
    try {
      checkOpen(this);
      throw unsupported('read');
    } catch (error) {
      return refused(error, 'readlines');
    }
  }

  override write(data: Data, options?: WaitOptions): Promise<number>;
  override write(): Promise<number> {
    return refused(unsupported('write'), 'write');
  }

  override flush(options?: WaitOptions): Promise<void> {
    return flushNothing(this, options);
  }

  override [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined> {
    return linesOf(this, () => undefined);
  }
}
