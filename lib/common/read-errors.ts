import { raised } from './stack.ts';

/**
 * The input ended, and a call wanted more of it.
 *
 * @see https://docs.python.org/3/library/exceptions.html#EOFError
 */
export class EOFError extends Error {}

/**
 * The stream ended before a call had all the bytes that it waits for. Those that came are in `partial`, and are not
 * received again.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.IncompleteReadError
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [one, other] = await socket.socketpair();
 * await one.sendall('abc');
 * one.close();
 * try {
 *   await other.recvExactly(5);
 * } catch (error) {
 *   if (!(error instanceof socket.IncompleteReadError)) throw error;
 *   console.log(String(error.partial), error.expected); // abc 5
 * }
 * other.close();
 * ```
 */
export class IncompleteReadError extends EOFError {
  /** The bytes that came before the end. */
  readonly partial: Buffer;
  /** How many bytes the call wanted; `null` where it waited for a separator. */
  readonly expected: number | null;

  /**
   * @param partial - the bytes that came before the end.
   * @param expected - how many bytes the call wanted; `null` where that is not known.
   */
  constructor(partial: Buffer, expected: number | null) {
    super(`${partial.length} bytes read on a total of ${expected ?? 'undefined'} expected bytes`);
    this.partial = partial;
    this.expected = expected;
  }
}

/**
 * More bytes came before the separator than the call's limit allows. They stay where they are, to be received by
 * another call.
 *
 * @see https://docs.python.org/3/library/asyncio-exceptions.html#asyncio.LimitOverrunError
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [one, other] = await socket.socketpair();
 * await one.sendall('a long line\nand more');
 * try {
 *   await other.recvLine(5);
 * } catch (error) {
 *   if (!(error instanceof socket.LimitOverrunError)) throw error;
 *   console.log(String(await other.recvExactly(error.consumed))); // a long line
 * }
 * one.close();
 * other.close();
 * ```
 */
export class LimitOverrunError extends Error {
  /** How many bytes there are before the separator, or are sure not to belong to one that is still to come. */
  readonly consumed: number;

  /**
   * @param message - what happened.
   * @param consumed - how many bytes can be received before the search goes on.
   */
  constructor(message: string, consumed: number) {
    super(message);
    this.consumed = consumed;
  }
}

// As for OSError: a bundler may rename the classes.
for (const [name, errorClass] of Object.entries({ EOFError, IncompleteReadError, LimitOverrunError })) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** The error of a call that wanted more than came before the end. */
export function incomplete(partial: Buffer, expected: number | null): IncompleteReadError {
  return raised(new IncompleteReadError(partial, expected));
}

/** The error of a search that went beyond its limit; `isFound` says whether a separator comes later. */
export function overrun(isFound: boolean, consumed: number): LimitOverrunError {
  const found = 'Separator is found, but chunk is longer than limit';
  const notFound = 'Separator is not found, and chunk exceed the limit';
  return raised(new LimitOverrunError(isFound ? found : notFound, consumed));
}
