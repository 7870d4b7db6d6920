/** The longest memory that is kept for the next receives. */
const KEPT = 1024 * 1024;

/** The least, which most receives need. */
const USUAL = 64 * 1024;

let kept: Buffer | undefined;

/** Memory for what is received, before it is copied to the caller: one piece for all receives of the usual sizes. */
export function receiveSpace(size: number): Buffer {
  if (size > KEPT) return Buffer.allocUnsafeSlow(size);
  if (kept === undefined || kept.length < size) kept = Buffer.allocUnsafeSlow(Math.max(size, USUAL));
  return size < kept.length ? kept.subarray(0, size) : kept;
}
