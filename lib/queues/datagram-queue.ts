import { Ring } from './ring.ts';

/** The receive buffer of a UDP socket on Linux (net.core.rmem_default), in bytes. */
const DEFAULT_LIMIT = 212_992;

/**
 * How many bytes a datagram counts besides its content. Linux counts the memory that a datagram takes: 256 empty ones
 * fill the 212,992 bytes of a socket (Linux 6.18), which makes 832 bytes each. Thus a flood of empty ones is bounded,
 * too.
 */
const OVERHEAD = 832;

/** A datagram; queues keep whatever else an entry has. */
export interface Datagram {
  readonly data: Buffer;
}

/**
 * Datagrams that wait to be received, oldest first, up to a limit: beyond it new ones are dropped, as in the kernel.
 * All operations are O(1).
 */
export class DatagramQueue<T extends Datagram> {
  /** How many bytes may wait, overhead included; when it shrinks, datagrams that wait already stay. */
  limit = DEFAULT_LIMIT;
  readonly #datagrams = new Ring<T>();
  #bytes = 0;

  /** How many datagrams the queue has. */
  get length(): number {
    return this.#datagrams.length;
  }

  /** The oldest datagram, which stays; `undefined` where there is none. */
  get first(): T | undefined {
    return this.#datagrams.first;
  }

  /** Appends a datagram, or drops it where there is no room. An empty queue takes any datagram, as in the kernel. */
  push(datagram: T): void {
    const bytes = datagram.data.length + OVERHEAD;
    if (this.#datagrams.length === 0 || this.#bytes + bytes <= this.limit) this.keep(datagram);
  }

  /** Appends a datagram that cannot be left elsewhere, whatever the limit is. */
  keep(datagram: T): void {
    this.#datagrams.push(datagram);
    this.#bytes += datagram.data.length + OVERHEAD;
  }

  /** Takes the oldest datagram off; `undefined` where there is none. */
  shift(): T | undefined {
    const datagram = this.#datagrams.shift();
    if (datagram !== undefined) this.#bytes -= datagram.data.length + OVERHEAD;
    return datagram;
  }
}
