import fs from 'node:fs';
import type { ErrorCode } from '../common/errno.ts';
import { osError, type OSError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { systemName } from './text.ts';

/** The file in which Linux keeps the name, and takes a new one. Node has no sethostname(2). */
const KERNEL_HOSTNAME = '/proc/sys/kernel/hostname';

/** The longest name, in bytes (sethostname(2)). */
const HOST_NAME_MAX = 64;

/**
 * Gives this machine another name, until it restarts.
 *
 * @param name - the name, as text or bytes.
 * @throws TypeError for another type; RangeError for a NUL in it; OSError: EPERM (a PermissionError) without the
 * permission, EINVAL for more than 64 bytes or a newline.
 * @see https://docs.python.org/3/library/socket.html#socket.sethostname
 *
 * @remarks Differs from Python in that it is for Linux only: ENOSYS elsewhere.
 */
export function sethostname(name: string | Uint8Array): void {
  called(sethostname, () => setName(name));
}

function setName(name: unknown): void {
  const bytes = systemName(name, 'sethostname(): name');
  if (process.platform !== 'linux') throw hostnameError('ENOSYS');
  // The kernel would cut off the name there.
  if (bytes.length > HOST_NAME_MAX || bytes.includes('\n')) throw hostnameError('EINVAL');
  try {
    // Without the newline an empty name would make no write at all.
    fs.writeFileSync(KERNEL_HOSTNAME, Buffer.concat([bytes, Buffer.from('\n')]));
  } catch (cause) {
    // This program may not write the file, or (EROFS) no program may: sethostname(2) gives EPERM for both.
    throw hostnameError('EPERM', cause);
  }
}

function hostnameError(code: ErrorCode, cause?: unknown): OSError {
  return osError(code, { syscall: 'sethostname', cause });
}
