import type { Receiver } from './stream-handle.ts';

/**
 * The memory that libuv's handles read into: all sockets share it, and each read is taken before the next one. Node's
 * 'data' events cost a new 64 KiB buffer a read, and the stream's bookkeeping.
 */

/** As much as libuv asks for in one read. */
export const SIZE = 64 * 1024;

export const sharedMemory = Buffer.allocUnsafeSlow(SIZE);

/** The last part of it that was lent: messages are often as long as the one before, and a new Buffer costs 0.1 µs. */
let lent: Buffer = sharedMemory;

/** What a read has brought into the memory that all share. */
export function sharedPart(length: number): Buffer {
  if (lent.length !== length) lent = sharedMemory.subarray(0, length);
  return lent;
}

/**
 * So many sockets may have memory of their own at a time. One keeps it until its next read, which may never come: 64
 * KiB for each connection of a crowd is what a peer must not get.
 */
const MOST_OWNERS = 64;

let owners = 0;

/**
 * The reads of a socket, from the first one that fills the memory. Where they do and the bytes are kept as they are, the
 * socket has memory of its own, which is given away full: a copy of 64 KiB costs a third of such a read.
 */
export class Reads {
  readonly #receiver: Receiver;
  #own: Buffer | undefined;
  #wasFull = false;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Where the next read goes. */
  get memory(): Buffer {
    return this.#own ?? sharedMemory;
  }

  /** Passes on what a read has brought. */
  take(length: number): boolean {
    const own = this.#own;
    const isFull = length === SIZE;
    // The memory outlasts one read that does not fill it: after a few full ones comes the rest that the kernel has,
    // and to copy the first of the next ones costs 8 % of receives of 1 KiB.
    if (isFull && this.#receiver.keepsBytes) this.#own = this.#ownMemory();
    else if (isFull || !this.#wasFull) this.end();
    this.#wasFull = isFull;
    if (own === undefined) return this.#receiver.take(sharedPart(length), true);
    return this.#receiver.take(isFull ? own : own.subarray(0, length), !isFull);
  }

  /** Gives the socket's own memory up, for another to have some. */
  end(): void {
    if (this.#own !== undefined) owners -= 1;
    this.#own = undefined;
  }

  #ownMemory(): Buffer | undefined {
    if (this.#own === undefined) {
      if (owners === MOST_OWNERS) return undefined;
      owners += 1;
    }
    return Buffer.allocUnsafeSlow(SIZE);
  }
}
