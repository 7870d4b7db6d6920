import { integer, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { rejected, settled, settledFromBuffer } from '../waiting/gate.ts';
import { fromCaller, raised } from '../common/stack.ts';
import { refused } from './callers.ts';
import { CLOSED, FileCore } from './file-core.ts';

/**
 * What all files of a socket have in common.
 *
 * @see https://docs.python.org/3/library/io.html#io.IOBase
 */
export abstract class IOBase<T extends Buffer | string, D> implements AsyncIterable<T, void, undefined> {
  readonly #core: FileCore;

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
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the limit.
   */
  abstract readline(limit?: number | null | WaitOptions, options?: WaitOptions): Promise<T>;

  /**
   * Reads lines up to the end of the stream.
   *
   * @param hint - stops after the line with which there are more than so many bytes or characters; 0, less or `null`
   * for no such end.
   * @param options - `signal` ends the wait; nothing is lost. They may stand in the place of the hint.
   */
  abstract readlines(hint?: number | null | WaitOptions, options?: WaitOptions): Promise<T[]>;

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

  /**
   * The lines, up to the end of the stream: `for await (const line of file)`. Leaving the loop leaves the file open.
   *
   * @throws RangeError if it is closed.
   */
  abstract [Symbol.asyncIterator](): AsyncIterator<T, void, undefined>;

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
   * Writes one after the other; nothing is put between them. As in Python, those before one that cannot be written are
   * written.
   *
   * @param lines - what is to be written.
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

/** Raises what Python raises for a file that is closed; the text is the class's own. */
export function checkOpen(file: { readonly closed: boolean }, text = CLOSED): void {
  if (file.closed) throw raised(new RangeError(text));
}

/** What flush() does where there is nothing to be sent. */
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

/** The lines of a file, for `for await`; `tryLine` gives one that is there already, which makes iteration cheap. */
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
  throw typeError('lines must be iterable', value);
}
