import type { Data } from '../arguments.ts';
import type { WaitOptions } from '../call-options.ts';
import { checkOpen, IOBase, type Memory } from './io-base.ts';
import type { RawFile } from './raw-file.ts';
import { UnsupportedOperation } from './unsupported.ts';

/** How large a buffer is where makefile() is not told, Python's `io.DEFAULT_BUFFER_SIZE`. */
export const DEFAULT_BUFFER_SIZE = 8192;

/**
 * A file with a buffer. What a class of it cannot do raises UnsupportedOperation, as in Python.
 *
 * @see https://docs.python.org/3/library/io.html#io.BufferedIOBase
 */
export abstract class BufferedFile extends IOBase<Buffer, Data> {
  /** The file without a buffer that is underneath. */
  readonly raw: RawFile;

  /** @param raw - the file to read from and write to. */
  constructor(raw: RawFile) {
    super();
    this.raw = raw;
  }

  override get closed(): boolean {
    return this.raw.closed;
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
  async read(): Promise<Buffer | null> {
    throw new UnsupportedOperation('read');
  }

  /** @see {@link BufferedReader.read1} */
  async read1(): Promise<Buffer> {
    throw new UnsupportedOperation('read1');
  }

  /** @see {@link BufferedReader.readinto} */
  readinto(buffer: Memory, options?: WaitOptions): Promise<number | null>;
  async readinto(): Promise<number | null> {
    throw new UnsupportedOperation('read');
  }

  /** @see {@link BufferedReader.readinto1} */
  readinto1(buffer: Memory, options?: WaitOptions): Promise<number | null>;
  async readinto1(): Promise<number | null> {
    throw new UnsupportedOperation('read1');
  }

  override async readline(): Promise<Buffer> {
    throw new UnsupportedOperation('read');
  }

  override async readlines(): Promise<Buffer[]> {
    checkOpen(this);
    throw new UnsupportedOperation('read');
  }

  override write(data: Data, options?: WaitOptions): Promise<number>;
  override async write(): Promise<number> {
    throw new UnsupportedOperation('write');
  }

  override async flush(): Promise<void> {
    checkOpen(this);
  }

  protected override lineAtOnce(): Buffer | undefined {
    return undefined;
  }
}
