import { bytesOf, typeError } from '../common/arguments.ts';
import { osError, type OSError } from '../common/errors.ts';
import { copyPart } from '../queues/own-memory.ts';

/** Ownership of memory: a call's result belongs to its caller, and a caller may detach memory while a call uses it. */

/** Memory that can be read into. */
export type Memory = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** The memory that readinto() fills. */
export function memoryOf(buffer: unknown): Buffer {
  if (typeof buffer === 'string') throw typeError('a writable bytes-like object is required', buffer);
  return bytesOf(buffer);
}

/** The error for the caller's memory that was detached or resized while a call waited. */
export function memoryError(call: string): OSError {
  const cause = new Error('the memory was detached or resized while the call waited');
  return osError('EFAULT', { syscall: call, cause });
}

/**
 * A copy in memory that nothing else uses. It is not from Node's pool: the caller could not transfer that, and
 * ArrayBuffer.prototype.transfer() of Node 22 detaches it from everything that shares it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** A copy of a part, in memory that nothing else uses. */
export function ownPart(bytes: Buffer, start: number, length: number): Buffer {
  const own = Buffer.allocUnsafeSlow(length);
  copyPart(bytes, start, length, own, 0);
  return own;
}
