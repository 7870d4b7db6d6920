import { bytesOf, integer, rangeError, typeError } from '../common/arguments.ts';
import { raised, showCallers } from '../common/stack.ts';
import { ByteQueue } from '../queues/byte-queue.ts';
import { copyOf } from '../queues/own-memory.ts';
import { SSLError } from './errors.ts';

/** The largest size that a C `int` takes. */
const MAX_INT = 0x7fff_ffff;

/** The bytes of a buffer; set by the class, which alone can read its private field. */
let queueOf: (bio: MemoryBIO) => ByteQueue;

/**
 * Bytes in memory between a program and TLS: the program writes what the peer has sent, and reads what is to be sent to
 * it. {@link SSLContext.wrapBio} takes two of them.
 *
 * It grows with what is written and not read.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO
 *
 * @example
 * ```ts
 * import * as ssl from 'await-socket/ssl';
 *
 * const bio = new ssl.MemoryBIO();
 * bio.write(Buffer.from('hello'));
 * console.log(bio.pending, bio.read(4).toString()); // 5 hell
 * bio.writeEof();
 * console.log(bio.read().toString(), bio.eof); // o true
 * ```
 */
export class MemoryBIO {
  readonly #queue = new ByteQueue();
  #isEofWritten = false;

  static {
    queueOf = (bio) => bio.#queue;
    showCallers(MemoryBIO.prototype, ['read', 'write']);
  }

  /**
   * How many bytes it has.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO.pending
   */
  get pending(): number {
    return this.#queue.length;
  }

  /**
   * Whether all was read, and nothing more can come: {@link writeEof} was called.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO.eof
   */
  get eof(): boolean {
    return this.#isEofWritten && this.#queue.length === 0;
  }

  /**
   * Takes bytes out.
   *
   * @param size - at most so many bytes; all where it is negative or left out.
   * @returns the bytes; none where it is empty.
   * @throws TypeError if the size is no integer; RangeError if it does not fit in a C int.
   * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO.read
   */
  read(size = -1): Buffer {
    const wanted = integer(size, 'size');
    if (Math.abs(wanted) > MAX_INT) throw rangeError('int too large to convert to C int: size', size);
    return this.#queue.take(wanted < 0 ? this.#queue.length : wanted);
  }

  /**
   * Puts bytes in; they are copied.
   *
   * @param bytes - any memory.
   * @returns how many bytes were put in: all.
   * @throws TypeError if it is no memory; SSLError after {@link writeEof}.
   * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO.write
   */
  write(bytes: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): number {
    if (typeof bytes === 'string') throw typeError('a bytes-like object is required', bytes);
    const given = bytesOf(bytes);
    if (this.#isEofWritten) throw raised(new SSLError('cannot write() after write_eof()'));
    return append(this, given);
  }

  /**
   * Says that no more bytes come: TLS then takes the end of the bytes for the end of the connection.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.MemoryBIO.write_eof
   */
  writeEof(): void {
    this.#isEofWritten = true;
  }
}

/** Puts bytes of TLS in: unlike a program, it may do so after `writeEof()`. */
export function append(bio: MemoryBIO, bytes: Buffer): number {
  queueOf(bio).push(copyOf(bytes));
  return bytes.length;
}
