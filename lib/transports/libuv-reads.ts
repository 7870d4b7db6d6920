import type { Receiver } from './stream-handle.ts';

/**
 * The memory that libuv's handles read into. All sockets share it, and each read is taken before the next one. For
 * Node's 'data' events, libuv allocates a new buffer of 64 KiB for each read.
 */

/** How many bytes libuv asks for in one read. */
export const SIZE = 64 * 1024;

export const sharedMemory = Buffer.allocUnsafeSlow(SIZE);

/** The part that was lent last; used again for a read of the same length, because a new Buffer costs time. */
let lent: Buffer = sharedMemory;

/** The part of the shared memory that a read has filled. */
export function sharedPart(length: number): Buffer {
  if (lent.length !== length) lent = sharedMemory.subarray(0, length);
  return lent;
}

/**
 * How many sockets may have memory of their own at a time. A socket keeps it until its next read, which may never come:
 * peers with many idle connections must not be able to claim 64 KiB for each.
 */
const MOST_OWNERS = 64;

let owners = 0;

/**
 * The reads of a socket, from the first one that fills the memory. If a read does so and the bytes are kept as they
 * are, the socket gets memory of its own, which is given away full: that saves a copy of 64 KiB.
 */
export class Reads {
  /** Takes what the reads bring. */
  receiver: Receiver;
  #own: Buffer | undefined;
  /** The full memory that was given away last: small receives copy all bytes out of it, and then it is read into again. */
  #given: Buffer | undefined;
  #wasFull = false;

  constructor(receiver: Receiver) {
    this.receiver = receiver;
  }

  /** Where the next read goes. */
  get memory(): Buffer {
    return this.#own ?? sharedMemory;
  }

  /** Passes on the bytes of a read. */
  take(length: number): boolean {
    const own = this.#own;
    const isFull = length === SIZE;
    // The socket keeps its memory for one read that does not fill it: after a few full reads comes the rest that the
    // kernel has, and full ones may follow.
    if (isFull && this.receiver.keepsBytes) this.#own = this.#ownMemory();
    else if (isFull || !this.#wasFull) this.end();
    this.#wasFull = isFull;
    if (own === undefined) return this.receiver.take(sharedPart(length), true);
    if (!isFull) return this.receiver.take(own.subarray(0, length), true);
    this.#given = this.#own === undefined ? undefined : own;
    return this.receiver.take(own, false);
  }

  /** Gives up the socket's own memory, so that another socket may have some. */
  end(): void {
    if (this.#own !== undefined) owners -= 1;
    this.#own = undefined;
    this.#given = undefined;
  }

  #ownMemory(): Buffer | undefined {
    if (this.#own === undefined) {
      if (owners === MOST_OWNERS) return undefined;
      owners += 1;
    }
    const given = this.#given;
    if (given !== undefined && this.receiver.giveBack?.(given) === true) return given;
    return Buffer.allocUnsafeSlow(SIZE);
  }
}
