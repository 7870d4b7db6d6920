import { integer, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { rejected, settled, settledFromBuffer } from '../waiting/gate.ts';
import { fromCaller, raised } from '../common/stack.ts';
import { refused } from './callers.ts';
import { CLOSED, FileCore, type FileSource } from './file-core.ts';

/** The door to a file's socket, which only the class of all files can open. */
let door: (file: object) => FileSource | undefined = () => undefined;

/** The socket that a file reads from or writes to; `undefined` for what is no file. */
export function sourceOfFile(file: object): FileSource | undefined {
  return door(file);
}

/**
 * What all files of a socket have in common.
 *
 * @see https://docs.python.org/3/library/io.html#io.IOBase
 */
export abstract class IOBase<T extends Buffer | string, D> implements AsyncIterable<T, void, undefined> {
  readonly #core: FileCore;

  static {
    door = (file) => (#core in file ? file.#core.source : undefined);
  }

  /** @internal makefile() alone makes files. */
  constructor(core: FileCore) {
    if (!(core instanceof FileCore)) throw typeError('makefile() alone makes files', core);
    this.#core = core;
  }

  /** Whether the file is closed. */
  get closed(): boolean {
    return this.#core.isClosed;
  }

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
   * Always false: a stream cannot go back.
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
   * @param limit - how much of the line at most, the rest comes next; −1 or `null` for all of it.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the limit.
   */
  abstract readline(limit?: number | null | WaitOptions, options?: WaitOptions): Promise<T>;

  /**
   * Reads lines up to the end of the stream.
   *
   * @param hint - stops after the line with which the lines have more bytes or characters than this; 0, a negative
   * number or `null` for no such limit.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the hint.
   */
  abstract readlines(hint?: number | null | WaitOptions, options?: WaitOptions): Promise<T[]>;

  /** Writes; returns how much. */
  abstract write(data: D, options?: WaitOptions): Promise<number | null>;

  /**
   * Sends the bytes in the buffer.
   *
   * @param options - `signal` ends the wait; the bytes are still sent.
   */
  abstract flush(options?: WaitOptions): Promise<void>;

  /**
   * Sends the bytes in the buffer and closes the file. The socket stays open, unless its own `close()` was called and
   * this was its last file.
   *
   * @param options - `signal` ends the wait.
   */
  abstract close(options?: WaitOptions): Promise<void>;

  /**
   * The lines, up to the end of the stream: `for await (const line of file)`. Leaving the loop leaves the file open.
   *
   * @throws RangeError if it is closed.
   */
  abstract [Symbol.asyncIterator](): AsyncIterator<T, void, undefined>;

  /**
   * Always false: a socket is not a terminal.
   *
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.isatty
   */
  isatty(): boolean {
    checkOpen(this);
    return false;
  }

  /**
   * Writes several pieces, one after the other, with nothing between them. As in Python, pieces before one that cannot
   * be written are written.
   *
   * @param lines - the pieces.
   * @param options - `signal` ends the wait.
   * @see https://docs.python.org/3/library/io.html#io.IOBase.writelines
   */
  writelines(lines: Iterable<D>, options?: WaitOptions): Promise<void> {
    try {
      const signal = signalOf(options, 'writelines');
      checkOpen(this);
      checkIterable(lines);
      signal?.throwIfAborted();
      return this.#core.perform('writelines', async () => {
        for (const line of lines) await this.write(line, { signal });
      });
    } catch (error) {
      return refused(error, 'writelines');
    }
  }

  /** Closes the file: `await using file = socket.makefile()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Raises Python's error for a closed file; the text is the class's own. */
export function checkOpen(file: { readonly closed: boolean }, text = CLOSED): void {
  if (file.closed) throw raised(new RangeError(text));
}

/** flush() of a file that has nothing to send. */
export function flushNothing(file: { readonly closed: boolean }, options: unknown): Promise<void> {
  try {
    const signal = signalOf(options, 'flush');
    checkOpen(file);
    signal?.throwIfAborted();
    return settled(undefined);
  } catch (error) {
    return refused(error, 'flush');
  }
}

/** The lines of a file, for `for await`; `tryLine` gives one that has arrived already, which makes iteration cheap. */
export function linesOf<T extends Buffer | string>(
  file: { readonly closed: boolean; readline(): Promise<T> },
  tryLine: () => T | undefined,
): AsyncIterator<T, void, undefined> {
  checkOpen(file);
  const wait = async (): Promise<IteratorResult<T, void>> => {
    try {
      const value = await file.readline();
      return value.length === 0 ? { value: undefined, done: true } : { value, done: false };
    } catch (error) {
      throw fromCaller(error, wait);
    }
  };
  const next = (): Promise<IteratorResult<T, void>> => {
    try {
      const value = tryLine();
      return value === undefined ? wait() : settledFromBuffer({ value, done: false });
    } catch (error) {
      return rejected(error, next);
    }
  };
  return { next };
}

/** A call's only optional argument and its signal; the options may stand in the argument's place. */
export function optionalAndSignal(
  argument: unknown,
  options: unknown,
  call: string,
): { readonly argument: unknown; readonly signal: AbortSignal | undefined } {
  if (options === undefined && isOptions(argument)) return { argument: undefined, signal: signalOf(argument, call) };
  return { argument, signal: signalOf(options, call) };
}

/** A size or limit, where a negative number and `null` mean no limit. */
export function sizeOrAll(value: unknown, name: string): number {
  if (value === null || value === undefined) return Infinity;
  const number = integer(value, name);
  return number < 0 ? Infinity : number;
}

/** A hint, where 0, a negative number and `null` mean no limit. */
export function hintOrAll(value: unknown): number {
  return sizeOrAll(value, 'hint') || Infinity;
}

/** Checks that the argument of `writelines()` can be iterated over. */
export function checkIterable<D>(lines: Iterable<D>): Iterable<D> {
  const value: unknown = lines;
  if (value !== null && value !== undefined && Symbol.iterator in Object(value)) return lines;
  throw typeError('lines must be iterable', value);
}
