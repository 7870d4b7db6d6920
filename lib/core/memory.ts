import { bytesOf, rangeError, size, typeError } from '../common/arguments.ts';
import { Failure } from '../transports/failure.ts';

/**
 * Memory that the caller lends to a call. What was detached or shrunk while the call waited raises EFAULT, as the kernel
 * does for memory that is not there (promise 13).
 */

/** Memory that can be received into. */
export type WritableData = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** The failure of a call whose memory was detached or resized while it waited. */
export function memoryFailure(): Failure {
  return new Failure('EFAULT', undefined, 'the memory was detached or resized while the call waited');
}

/** The memory of a buffer that is to be filled. */
export function writableBytesOf(buffer: unknown): Buffer {
  if (typeof buffer === 'string') throw typeError('a writable bytes-like object is required', buffer);
  return bytesOf(buffer);
}

/** The memory that is to be filled; `tooLarge` is what Python says if it is less than was asked for. */
export function targetOf(buffer: unknown, nbytes: unknown, call: string, tooLarge: string): Buffer {
  const whole = writableBytesOf(buffer);
  const length = size(nbytes, 'nbytes', `negative buffersize in ${call}`);
  if (length > whole.length) throw rangeError(tooLarge, nbytes);
  return length === 0 ? whole : whole.subarray(0, length);
}
