import { integer, received } from '../arguments.ts';
import { NO_OPTIONS, type WaitOptions } from '../call-options.ts';
import { rejected } from '../queues/gate.ts';

/** What a file has to know of the socket that it reads from and writes to. */
export interface FileSource {
  /** Receives 1 to `bufsize` bytes, none at the end of the stream. */
  recv(bufsize: number, flags: number, options: WaitOptions): Promise<Buffer>;
  /** Receives what is there already, as recv() does; `undefined` where that would have to wait. */
  recvAtOnce(bufsize: number): Buffer | undefined;
  /** Receives into memory, as many bytes as are there; 0 at the end of the stream. */
  recvInto(buffer: Uint8Array, nbytes: number, flags: number, options: WaitOptions): Promise<number>;
  /** Sends bytes; gives how many. */
  send(data: Uint8Array, flags: number, options: WaitOptions): Promise<number>;
  /**
   * Sends bytes out of memory that stays as it is even if the wait ends early; gives how many, without a promise where
   * they are sent by then.
   */
  sendKept(bytes: Buffer, options: WaitOptions): number | Promise<number>;
  /** The socket's file descriptor. */
  fileno(): number;
  /** One file more uses the socket, which stays open for it. */
  retainFile(): void;
  /** One file less uses the socket, which closes if it was to be closed and no file is left. */
  releaseFile(): void;
}

/** Memory that can be read into. */
export type Memory = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * What all files of a socket have in common.
 *
 * @see https://docs.python.org/3/library/io.html#io.IOBase
 */
export abstract class IOBase<T extends Buffer | string, D> implements AsyncIterable<T, void, undefined> {
  /** Whether the file is closed. */
  abstract get closed(): boolean;

  /**
   * Whether it can be read from.
   *
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.readable
   */
  abstract readable(): boolean;

  /**
   * Whether it can be written to.
   *
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.writable
   */
  abstract writable(): boolean;

  /**
   * Always false: what went by in a stream is gone.
   *
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.seekable
   */
  abstract seekable(): boolean;

  /**
   * The socket's file descriptor.
   *
   * @throws RangeError if the file is closed; UnsupportedOperation if it reads and writes through buffers, as in
   * Python.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.fileno
   */
  abstract fileno(): number;

  /**
   * Reads a line, with its end. The last one may have none; at the end of the stream it is empty.
   *
   * @param limit - gives at most so much of the line, the rest comes next; −1 or `null` for all of it.
   * @param options - `signal` ends the wait; nothing is lost.
   */
  abstract readline(limit?: number | null, options?: WaitOptions): Promise<T>;

  /**
   * Reads lines up to the end of the stream.
   *
   * @param hint - stops behind the line with which there are more than so many bytes or characters; 0, less or `null`
   * for no such end.
   * @param options - `signal` ends the wait; nothing is lost.
   */
  abstract readlines(hint?: number | null, options?: WaitOptions): Promise<T[]>;

  /** Writes; gives how much. */
  abstract write(data: D, options?: WaitOptions): Promise<number | null>;

  /**
   * Sends what is in the buffer.
   *
   * @param options - `signal` ends the wait; what is in the buffer is sent all the same.
   */
  abstract flush(options?: WaitOptions): Promise<void>;

  /**
   * Sends what is in the buffer and closes the file. The socket stays open, unless it was to be closed and this was its
   * last file.
   *
   * @param options - `signal` ends the wait.
   */
  abstract close(options?: WaitOptions): Promise<void>;

  /** The next line if it is there already and nobody waits; what makes iteration cheap. */
  protected abstract lineAtOnce(): T | undefined;

  /**
   * Always false: a socket is no terminal.
   *
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.isatty
   */
  isatty(): boolean {
    checkOpen(this);
    return false;
  }

  /**
   * Writes one after the other; nothing is put between them.
   *
   * @param lines - what is to be written.
   * @param options - `signal` ends the wait.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.writelines
   */
  async writelines(lines: Iterable<D>, options: WaitOptions = NO_OPTIONS): Promise<void> {
    checkOpen(this);
    for (const line of checkIterable(lines)) await this.write(line, options);
  }

  /**
   * The lines, up to the end of the stream: `for await (const line of file)`. Leaving the loop leaves the file open.
   *
   * @throws RangeError if it is closed.
   */
  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    checkOpen(this);
    const wait = async (): Promise<IteratorResult<T, void>> => {
      const value = await this.readline();
      return value.length === 0 ? { value: undefined, done: true } : { value, done: false };
    };
    return {
      next: () => {
        try {
          const value = this.lineAtOnce();
          return value === undefined ? wait() : Promise.resolve({ value, done: false });
        } catch (error) {
          return rejected(error);
        }
      },
    };
  }

  /** Closes the file: `await using file = socket.makefile()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Raises what Python raises for a file that is closed; the text is the class's own. */
export function checkOpen(file: { readonly closed: boolean }, text = 'I/O operation on closed file.'): void {
  if (file.closed) throw new RangeError(text);
}

/** Does a call's work; where that fails, an abort or the file's end in the meantime is what is raised. */
export async function whileOpen<T>(
  file: { readonly closed: boolean },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  closedText?: string,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    checkOpen(file, closedText);
    throw error;
  }
}

/** A size or limit, where less than 0 and `null` are for no limit. */
export function sizeOrAll(value: unknown, name: string): number {
  if (value === null || value === undefined) return Infinity;
  const number = integer(value, name);
  return number < 0 ? Infinity : number;
}

/** A hint, where 0 and less and `null` are for no end. */
export function hintOrAll(value: unknown): number {
  return sizeOrAll(value, 'hint') || Infinity;
}

/** What can be iterated over, as `writelines()` takes it. */
export function checkIterable<D>(lines: Iterable<D>): Iterable<D> {
  const value: unknown = lines;
  if (value !== null && value !== undefined && Symbol.iterator in Object(value)) return lines;
  throw new TypeError(`lines must be iterable ${received(value)}`);
}

/** The memory that readinto() fills. */
export function memoryOf(buffer: unknown): Buffer {
  if (ArrayBuffer.isView(buffer)) return Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer) return Buffer.from(buffer);
  throw new TypeError(`a writable bytes-like object is required ${received(buffer)}`);
}
