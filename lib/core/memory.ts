import { bytesOf, rangeError, size, typeError } from '../common/arguments.ts';
import { Failure } from '../transports/failure.ts';

/**
 * Memory that the caller lends to a call. Where it was detached or shrunk while the call waited, the call raises
 * EFAULT, as the kernel does for memory that does not exist (promise 13).
 */

/** Memory that can be received into. */
export type WritableData = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** The failure of a call whose memory was detached or resized while it waited. */
export function memoryFailure(): Failure {
  return new Failure('EFAULT', undefined, 'the memory was detached or resized while the call waited');
}

/** The memory of a buffer that a call is to fill. */
export function writableBytesOf(buffer: unknown): Buffer {
  if (typeof buffer === 'string') throw typeError('a writable bytes-like object is required', buffer);
  return bytesOf(buffer);
}

/** The memory that a call is to fill; `tooLarge` is Python's message where it has fewer bytes than were asked for. */
export function targetOf(buffer: unknown, nbytes: unknown, call: string, tooLarge: string): Buffer {
  const whole = writableBytesOf(buffer);
  const length = size(nbytes, 'nbytes', `negative buffersize in ${call}`);
  if (length > whole.length) throw rangeError(tooLarge, nbytes);
  return length === 0 ? whole : whole.subarray(0, length);
}
