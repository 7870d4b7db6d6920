import fs from 'node:fs';
import { received } from '../arguments.ts';
import { errnoOf, type ErrorCode } from '../errno.ts';
import { OSError } from '../errors.ts';

/** Where Linux keeps the name, and takes a new one. Node has no sethostname(2). */
const KERNEL_HOSTNAME = '/proc/sys/kernel/hostname';

/** The longest name, in bytes (sethostname(2)). */
const HOST_NAME_MAX = 64;

/**
 * Gives this machine another name, as long as it runs.
 *
 * @param name - the name; bytes stand for themselves.
 * @throws TypeError for another type; RangeError for a NUL in it; OSError: EPERM (a PermissionError) for who may not,
 * EINVAL for more than 64 bytes or a newline.
 * @see https://docs.python.org/3/library/socket.html#socket.sethostname
 *
 * @remarks Differs from Python in that it is for Linux only: ENOSYS elsewhere.
 */
export function sethostname(name: string | Uint8Array): void {
  if (typeof name !== 'string' && !(name instanceof Uint8Array)) {
    throw new TypeError(`sethostname() argument 1 must be str or bytes ${received(name)}`);
  }
  const bytes = Buffer.from(name);
  if (bytes.includes(0)) throw new RangeError(`embedded null byte ${received(name)}`);
  if (process.platform !== 'linux') throw hostnameError('ENOSYS');
  // The kernel would cut the name off there.
  if (bytes.length > HOST_NAME_MAX || bytes.includes('\n')) throw hostnameError('EINVAL');
  try {
    // Without the newline an empty name would be no write at all.
    fs.writeFileSync(KERNEL_HOSTNAME, Buffer.concat([bytes, Buffer.from('\n')]));
  } catch (cause) {
    // The file is one that the program may not write, or (EROFS) nobody may: sethostname(2) says EPERM to either.
    throw hostnameError('EPERM', cause);
  }
}

function hostnameError(code: ErrorCode, cause?: unknown): OSError {
  const error = new OSError(errnoOf(code), undefined, { syscall: 'sethostname', cause });
  Error.captureStackTrace(error, sethostname);
  return error;
}
