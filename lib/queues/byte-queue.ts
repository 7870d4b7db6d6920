import { memoryFor } from './own-memory.ts';
import { Ring } from './ring.ts';

/**
 * A chunk below this is appended to the one before it. Node gives every read a Buffer of its own, and a Buffer costs
 * some 200 bytes beside its content: a peer that sends single bytes would make a queue of 256 KiB weigh 50 MB.
 */
const SMALL = 512;

/** Small chunks are gathered in blocks of this many bytes, which no other chunk's memory has. */
const BLOCK = 4096;

/**
 * Bytes that wait to be read: chunks go in whole, any number of bytes comes out, in order. What comes out belongs to the
 * taker (promise 13): a chunk is given as it came where all of it is asked for at once, and anything else is a copy,
 * because a part of a chunk would share its memory with bytes that are still to come out. Every operation is O(1) and
 * O(bytes copied).
 */
export class ByteQueue {
  readonly #chunks = new Ring<Buffer>();
  /** How much of the first chunk has been taken. */
  #offset = 0;
  #length = 0;
  /** Where small chunks are gathered; the part from `#filled` on is free. Filled parts are never written again. */
  #block: Buffer | undefined;
  #filled = 0;
  /** Whether the first chunk is memory that is only lent: then it is the only one. */
  #isLent = false;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Puts a chunk at the end; the queue owns it, and nothing else is in its memory. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (chunk.length < SMALL && this.#length > 0) this.#gather(chunk);
    else this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * Puts a chunk at the end that stays its owner's: what has not been taken when {@link keep} is called is copied then.
   */
  lend(chunk: Buffer): void {
    this.#isLent = this.#length === 0 && chunk.length > 0;
    if (this.#isLent) this.#chunks.push(chunk);
    else this.#copyIn(chunk);
    this.#length += chunk.length;
  }

  /** Copies what is left of a chunk that was lent. */
  keep(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    const lent = this.#chunks.shift();
    if (lent !== undefined) this.#copyIn(this.#offset === 0 ? lent : lent.subarray(this.#offset));
    this.#offset = 0;
  }

  /** Takes up to `size` bytes, all that are there if there are fewer. */
  take(size: number): Buffer {
    const first = this.#chunks.first;
    const wanted = Math.min(size, this.#length);
    if (first === undefined || wanted === 0) return Buffer.alloc(0);
    if (this.#offset === 0 && wanted === first.length && !this.#isLent && !isPartOfBlock(first)) {
      this.#dropFirst(wanted);
      return first;
    }
    const copy = memoryFor(wanted);
    this.takeInto(copy);
    return copy;
  }

  /** Takes as many bytes as `target` has room for, into it; returns how many. */
  takeInto(target: Uint8Array): number {
    let taken = 0;
    for (let first = this.#chunks.first; first !== undefined && taken < target.length; first = this.#chunks.first) {
      const rest = first.length - this.#offset;
      const wanted = Math.min(rest, target.length - taken);
      copyPart(first, this.#offset, wanted, target, taken);
      taken += wanted;
      if (wanted === rest) {
        this.#dropFirst(rest);
      } else {
        this.#offset += wanted;
        this.#length -= wanted;
      }
    }
    return taken;
  }

  /** Copies the first bytes, as many as `target` has room for, into it; they stay. Returns how many. */
  peekInto(target: Uint8Array): number {
    let copied = 0;
    let offset = this.#offset;
    for (const chunk of this.#chunks) {
      if (copied === target.length) break;
      const wanted = Math.min(chunk.length - offset, target.length - copied);
      copyPart(chunk, offset, wanted, target, copied);
      copied += wanted;
      offset = 0;
    }
    return copied;
  }

  /** A copy of the first `size` bytes, or of all if there are fewer; they stay. */
  peek(size: number): Buffer {
    const copy = memoryFor(Math.min(size, this.#length));
    this.peekInto(copy);
    return copy;
  }

  #dropFirst(rest: number): void {
    this.#chunks.shift();
    this.#offset = 0;
    this.#length -= rest;
  }

  #copyIn(chunk: Buffer): void {
    if (chunk.length < SMALL) return this.#gather(chunk);
    const copy = Buffer.allocUnsafeSlow(chunk.length);
    copy.set(chunk);
    this.#chunks.push(copy);
  }

  #gather(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#block === undefined || this.#filled + chunk.length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#filled = 0;
    }
    const start = this.#filled;
    const end = start + chunk.length;
    this.#block.set(chunk, start);
    this.#filled = end;
    const last = this.#chunks.last;
    if (last?.buffer === this.#block.buffer && last.byteOffset + last.length === start) {
      this.#chunks.replaceLast(this.#block.subarray(last.byteOffset, end));
    } else {
      this.#chunks.push(this.#block.subarray(start, end));
    }
  }
}

/** Few bytes are copied one by one: anything else makes an object for the part first, on Node 20. */
const FEW = 128;

function copyPart(chunk: Buffer, start: number, length: number, target: Uint8Array, at: number): void {
  if (length > FEW) chunk.copy(target, at, start, start + length);
  else for (let index = 0; index < length; index += 1) target[at + index] = chunk[start + index] ?? 0;
}

/** Whether a chunk shares the memory of a block with others. */
function isPartOfBlock(chunk: Buffer): boolean {
  return chunk.buffer.byteLength === BLOCK && chunk.length < BLOCK;
}
