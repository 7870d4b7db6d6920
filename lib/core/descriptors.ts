import fs from 'node:fs';
import { int, integer } from '../common/arguments.ts';
import { nodeErrorCode } from '../common/errno.ts';
import { osError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { duplicateNumber } from '../kernel/duplicate.ts';
import { Failure } from '../transports/failure.ts';
import { isHeld, socketInode } from '../transports/open-descriptors.ts';
import { systemFor } from './kernel-calls.ts';

/** Descriptors are C ints. */
export const MAX_DESCRIPTOR = 0x7fff_ffff;

/**
 * Closes a descriptor that belongs to no {@link Socket}, such as one that the process was started with. A socket has a
 * `close()` of its own.
 *
 * @param fd - the descriptor's number.
 * @throws TypeError if it is not an integer; OSError: EBADF if no such descriptor is open, ENOTSUP if it belongs to an
 * open socket of this process.
 * @see https://docs.python.org/3/library/socket.html#socket.close
 */
export function close(fd: number): void {
  called(close, () => closeDescriptor(fd));
}

function closeDescriptor(fd: unknown): void {
  const descriptor = integer(fd, 'close(): fd');
  const address = String(descriptor);
  // Node's own check of the range would raise another error.
  if (descriptor < 0 || descriptor > MAX_DESCRIPTOR) throw osError('EBADF', { syscall: 'close', address });
  if (isInUse(descriptor)) {
    const note = 'a socket of this process has this descriptor: close the socket';
    throw osError('ENOTSUP', { syscall: 'close', address, note });
  }
  try {
    fs.closeSync(descriptor);
  } catch (cause) {
    const code = nodeErrorCode(cause);
    // Linux has freed the descriptor by then; Python ignores this error, too.
    if (code !== 'ECONNRESET') throw osError(code, { syscall: 'close', address, cause });
  }
}

/** libuv closes the descriptor of an open socket itself, and may end the process if that is closed already. */
function isInUse(descriptor: number): boolean {
  const inode = socketInode(descriptor);
  return !(inode instanceof Failure) && isHeld(descriptor, inode);
}

/**
 * Duplicates a descriptor of a socket, as `dup()` does for a {@link Socket}: both have the same socket.
 *
 * @param fd - the descriptor's number.
 * @returns the number of the copy, which the caller has to {@link close} or to make a socket of.
 * @throws TypeError if it is not an integer; OSError: EBADF if no such descriptor is open, EMFILE if the process may have
 * no more, ENOTSUP without koffi or Linux.
 * @see https://docs.python.org/3/library/socket.html#socket.fromfd
 */
export function duplicateDescriptor(fd: number): number {
  return called(duplicateDescriptor, () => {
    const descriptor = int(fd, 'fd');
    const copy = duplicateNumber(systemFor('dup', 'ENOTSUP').calls, descriptor);
    if (copy instanceof Failure) throw osError(copy.code, { syscall: 'dup', address: String(descriptor) });
    return copy;
  });
}
