import { memoryFor } from './own-memory.ts';
import { Ring } from './ring.ts';

/**
 * A chunk shorter than this is appended to the one before it. Node makes a Buffer for every read, which takes far more
 * memory than a few bytes: a peer that sends single bytes could otherwise fill memory.
 */
const SMALL = 512;

/** The size of the blocks that small chunks are gathered in; no other chunk's memory is this long. */
const BLOCK = 4096;

/**
 * Bytes that wait to be read: chunks go in whole, and any number of bytes comes out, in order. The bytes that come out
 * belong to the caller (promise 13): a chunk is given as it is where all of it is asked for at once. Anything else is a
 * copy, because a part of a chunk would share its memory with bytes that are still in the queue. Every operation takes
 * O(1) and O(bytes copied).
 */
export class ByteQueue {
  readonly #chunks = new Ring<Buffer>();
  /** How many bytes of the first chunk have been taken. */
  #offset = 0;
  #length = 0;
  /** Where small chunks are gathered; the part from `#filled` on is free. Filled parts are never written again. */
  #block: Buffer | undefined;
  #filled = 0;
  /** Whether the first chunk is only lent: then it is the only one. */
  #isLent = false;

  /** How many bytes the queue has. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes the first chunk has left. */
  get firstLength(): number {
    return (this.#chunks.first?.length ?? 0) - this.#offset;
  }

  /** Appends a chunk, which the queue owns and which shares its memory with nothing else. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (chunk.length < SMALL && this.#length > 0) this.#gather(chunk);
    else this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * Appends a chunk that stays its owner's: {@link keep} copies the bytes that have not been taken by then.
   */
  lend(chunk: Buffer): void {
    this.#isLent = this.#length === 0 && chunk.length > 0;
    if (this.#isLent) this.#chunks.push(chunk);
    else this.#copyIn(chunk);
    this.#length += chunk.length;
  }

  /** Copies the rest of a lent chunk. */
  keep(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    const lent = this.#chunks.shift();
    if (lent !== undefined) this.#copyIn(this.#offset === 0 ? lent : lent.subarray(this.#offset));
    this.#offset = 0;
  }

  /** Takes `size` bytes, or all if the queue has fewer. */
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

  /** A copy of the first `size` bytes, or of all if the queue has fewer; they stay. */
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

/** Up to this many bytes are copied one by one: on Node 20 any other method first makes an object for the part. */
const FEW = 128;

function copyPart(chunk: Buffer, start: number, length: number, target: Uint8Array, at: number): void {
  if (length > FEW) chunk.copy(target, at, start, start + length);
  else for (let index = 0; index < length; index += 1) target[at + index] = chunk[start + index] ?? 0;
}

/** Whether a chunk shares the memory of a block with others. */
function isPartOfBlock(chunk: Buffer): boolean {
  return chunk.buffer.byteLength === BLOCK && chunk.length < BLOCK;
}
