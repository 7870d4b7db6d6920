import { markAsUntransferable } from 'node:worker_threads';

/**
 * Memory for the bytes that calls give, which belong to the caller (promise 13). It never holds bytes that are still to
 * be given: the caller may detach it, by `transfer()` on Node 22 and by a stream of bytes on Node 20 even where it is
 * marked by `markAsUntransferable`, and everything that shares the memory is lost then.
 */

/** Smaller results share the memory of a pool, as Node's small Buffers do: an ArrayBuffer for each needs more. */
const SMALL = 4096;

/**
 * From this length on, results have a pool of their own, of the size that Node's own has from Node 24 on: new memory for
 * every few of them takes longer than to copy the bytes. A result of a few bytes keeps no more than the small pool.
 */
const MIDDLE = 512;

/** Every result begins at a multiple of 8 bytes: any typed array can be made over it. */
const ALIGNMENT = 8;

/** Memory that results share, so many bytes at a time. */
class Pool {
  readonly #size: number;
  #memory: Buffer | undefined;
  #used = 0;

  constructor(size: number) {
    this.#size = size;
  }

  take(length: number): Buffer {
    // Memory that a caller has detached has the length 0.
    if (this.#memory === undefined || this.#used + length > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(this.#size);
      markAsUntransferable(this.#memory.buffer);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    return this.#memory.subarray(start, start + length);
  }
}

const smallPool = new Pool(8192);
const middlePool = new Pool(65_536);

/** Memory for `length` bytes. */
export function memoryFor(length: number): Buffer {
  if (length >= SMALL) return Buffer.allocUnsafeSlow(length);
  return (length < MIDDLE ? smallPool : middlePool).take(length);
}

/** Whether bytes of this length that a call gave may share memory with others. */
export function isPooled(length: number): boolean {
  return length < SMALL;
}

/** A copy of bytes in such memory, of the first `count` where not of all. */
export function copyOf(bytes: Buffer, count = bytes.length): Buffer {
  const copy = memoryFor(count);
  copyPart(bytes, 0, count, copy, 0);
  return copy;
}

/** Up to this many bytes of a chunk are copied one by one: on Node 20, `copy()` first makes an object for the part. */
const FEW = 128;

/** Copies `length` bytes from `start` on to the place `at` of other memory. */
export function copyPart(chunk: Buffer, start: number, length: number, target: Uint8Array, at: number): void {
  if (length === chunk.length) target.set(chunk, at);
  else if (length > FEW) chunk.copy(target, at, start, start + length);
  else for (let index = 0; index < length; index += 1) target[at + index] = chunk[start + index] ?? 0;
}
