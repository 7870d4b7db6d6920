import { markAsUntransferable } from 'node:worker_threads';

/**
 * Memory for the bytes that calls give, which belong to the caller (promise 13). It never holds bytes that are still to
 * be given: `markAsUntransferable` keeps neither `transfer()` from detaching memory on Node 22, nor a stream of bytes on
 * Node 20, and what shares that memory is lost with it.
 */

/** Smaller results share the memory of a pool, as Node's small Buffers do: memory of their own costs 200 bytes more. */
const SMALL = 4096;

/** The size of the pool, of which every result begins at a multiple of 8 bytes: any typed array may stand there. */
const POOL = 8192;
const ALIGNMENT = 8;

let pool = newPool();
let used = 0;

function newPool(): Buffer {
  const memory = Buffer.allocUnsafeSlow(POOL);
  markAsUntransferable(memory.buffer);
  return memory;
}

/** Memory for so many bytes. */
export function memoryFor(length: number): Buffer {
  if (length >= SMALL) return Buffer.allocUnsafeSlow(length);
  // A pool that was detached all the same has no length any more.
  if (used + length > pool.length) {
    pool = newPool();
    used = 0;
  }
  const start = used;
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return pool.subarray(start, start + length);
}

/** Whether bytes that a call gave may share memory with others. */
export function isPooled(length: number): boolean {
  return length < SMALL;
}

/** A copy of bytes in such memory. */
export function copyOf(bytes: Uint8Array): Buffer {
  const copy = memoryFor(bytes.length);
  copy.set(bytes);
  return copy;
}
