import type { ByteQueue } from '../queues/byte-queue.ts';
import { Failure } from '../transports/failure.ts';
import type { ByteSource } from '../transports/source.ts';
import { tryConsume } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';

/** How many bytes are received at once, where a call needs more than have come. */
const PIECE = 64 * 1024;

/**
 * The bytes that a kernel's stream has received for a call that wants all of its bytes or none, such as a line. No other
 * call makes it read ahead.
 */
export class StreamInput implements ByteSource {
  readonly readers: WaiterList;
  readonly unread: ByteQueue;
  readonly #receive: (size: number) => Buffer | Failure | undefined;

  /** @param receive - receives what the kernel has, none at the end of the stream. */
  constructor(readers: WaiterList, unread: ByteQueue, receive: (size: number) => Buffer | Failure | undefined) {
    this.readers = readers;
    this.unread = unread;
    this.#receive = receive;
  }

  expect(size: number): void {
    if (this.unread.length > 0) this.unread.reserve(size);
  }

  more(): boolean | Failure | undefined {
    // Others have their turn before the next piece.
    if (!tryConsume()) {
      this.readers.rest();
      return undefined;
    }
    const piece = this.#receive(PIECE);
    if (piece === undefined || piece instanceof Failure) return piece;
    this.unread.push(piece);
    return piece.length > 0;
  }

  takeOut(size: number): Buffer {
    return this.unread.take(size);
  }

  takeThrough(byte: number, limit: number): Buffer | undefined {
    return this.unread.takeThrough(byte, limit);
  }

  /** All of `size` bytes, or the last ones before the end. */
  all(size: number): Buffer | Failure | undefined {
    while (this.unread.length < size) {
      this.expect(size);
      const more = this.more();
      if (more === false) break;
      if (more !== true) return more;
    }
    return this.takeOut(size);
  }
}
