import { ByteQueue } from '../queues/byte-queue.ts';

/**
 * The bytes that a call has taken so far. Small ones are joined: a peer may send single bytes, and a Buffer for each takes
 * more than 200.
 */
export class Pieces {
  readonly #bytes = new ByteQueue();
  /** The only piece, where it shares its memory with nothing else. */
  #whole: Buffer | undefined;

  get length(): number {
    return this.#bytes.length;
  }

  push(piece: Buffer, isWhole: boolean): void {
    this.#whole = isWhole && this.length === 0 ? piece : undefined;
    this.#bytes.push(piece);
  }

  /** Takes all bytes, in one buffer for the caller to keep. */
  joined(): Buffer {
    if (this.#whole !== undefined) return this.#whole;
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.#bytes.takeInto(bytes);
    return bytes;
  }

  /** Takes all bytes into memory; returns how many. */
  moveInto(memory: Buffer): number {
    return this.#bytes.takeInto(memory);
  }
}
