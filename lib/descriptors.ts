import fs from 'node:fs';
import { integer } from './arguments.ts';
import { errnoOf, isErrorCode } from './errno.ts';
import { OSError } from './errors.ts';

/** Descriptors are C ints. */
const MAX_DESCRIPTOR = 0x7fff_ffff;

/**
 * Closes a descriptor that belongs to no {@link Socket}, such as one that the process was started with. A socket has a
 * `close()` of its own.
 *
 * @param fd - the descriptor's number.
 * @throws TypeError if it is no integer; OSError EBADF if there is no such descriptor.
 * @see https://docs.python.org/3/library/socket.html#socket.close
 */
export function close(fd: number): void {
  const descriptor = integer(fd, 'fd');
  // Node's own check of the range raises another error.
  if (descriptor < 0 || descriptor > MAX_DESCRIPTOR) throw closeError(descriptor, 'EBADF');
  try {
    fs.closeSync(descriptor);
  } catch (error) {
    // Linux has freed the descriptor by then, and Python takes no notice either.
    if (codeOf(error) !== 'ECONNRESET') throw closeError(descriptor, codeOf(error), error);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function closeError(descriptor: number, code: unknown, cause?: unknown): OSError {
  const errno = errnoOf(isErrorCode(code) ? code : 'EIO');
  const error = new OSError(errno, undefined, { syscall: 'close', address: String(descriptor), cause });
  Error.captureStackTrace(error, close);
  return error;
}
