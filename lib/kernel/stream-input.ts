import type { ByteQueue } from '../queues/byte-queue.ts';
import { Failure } from '../transports/failure.ts';
import type { ByteSource } from '../transports/source.ts';
import { tryConsume } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import type { ReadAhead } from './kernel-message.ts';

/** How many bytes are received at once, where a call needs more than have come. */
const PIECE = 64 * 1024;

/**
 * The bytes that a kernel's stream has received for a call that wants all of its bytes or none, such as a line. No other
 * call makes it read ahead.
 */
export class StreamInput implements ByteSource {
  readonly readers: WaiterList;
  readonly unread: ByteQueue;
  readonly #readAhead: ReadAhead;
  readonly #receive: (size: number) => Buffer | Failure | undefined;

  /** @param receive - receives what the kernel has, none at the end of the stream. */
  constructor(readers: WaiterList, readAhead: ReadAhead, receive: (size: number) => Buffer | Failure | undefined) {
    this.readers = readers;
    this.unread = readAhead.bytes;
    this.#readAhead = readAhead;
    this.#receive = receive;
  }

  get isShared(): boolean {
    return this.#readAhead.readers.size > 1;
  }

  expect(size: number): void {
    if (this.unread.length > 0) this.unread.reserve(size);
  }

  more(size = PIECE): boolean | Failure | undefined {
    // Others have their turn before the next piece.
    if (!tryConsume()) {
      this.readers.rest();
      return undefined;
    }
    const piece = this.#receive(size);
    if (piece === undefined || piece instanceof Failure) return piece;
    this.unread.push(piece);
    if (this.isShared && piece.length > 0) setImmediate(() => this.#serveOthers());
    return piece.length > 0;
  }

  takeOut(size: number): Buffer {
    return this.unread.take(size);
  }

  takeThrough(byte: number, limit: number): Buffer | undefined {
    return this.unread.takeThrough(byte, limit);
  }

  /**
   * All of `size` bytes, or the last ones before the end. What follows stays in the kernel, where it may have descriptors
   * with it, and other holders of the description may receive it.
   */
  all(size: number): Buffer | Failure | undefined {
    while (this.unread.length < size) {
      this.expect(size);
      const more = this.more(Math.min(size - this.unread.length, PIECE));
      if (more === false) break;
      if (more !== true) return more;
    }
    return this.takeOut(size);
  }

  /** The kernel does not tell the other sockets of what it has no more. */
  #serveOthers(): void {
    for (const readers of this.#readAhead.readers) readers.serve();
  }
}
