import { int, size } from '../common/arguments.ts';
import { OSError, osError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import type { KernelSocket } from '../kernel/kernel-socket.ts';
import { INT_SIZE, MAX_INT, type OptionQuery, type OptionSetting } from '../options/option.ts';

/** Options of a kernel's socket: the kernel alone knows them. */

/** Sets an option. */
export function setKernelOption(socket: KernelSocket, { level, optname, value, optlen }: OptionSetting): void {
  const length = optlen ?? value?.length ?? 0;
  if (length < 0 || length > MAX_INT) throw osError('EINVAL', { syscall: 'setsockopt' });
  if (value !== null && length > value.length) throw osError('EFAULT', { syscall: 'setsockopt' });
  const outcome = socket.setOption(level, optname, value, length);
  if (outcome < 0) throw refused(outcome, 'setsockopt');
}

/** The value of an option: a number, or bytes if their number is given. */
export function getKernelOption(socket: KernelSocket, { level, optname, buflen }: OptionQuery): number | Buffer {
  const value = Buffer.alloc(buflen === 0 ? INT_SIZE : buflen);
  const outcome = socket.getOption(level, optname, value);
  if (outcome < 0) throw refused(outcome, 'getsockopt');
  return buflen === 0 ? value.readInt32LE() : value.subarray(0, outcome);
}

/** The size of the numbers that the options of AF_VSOCK are. */
const WIDE_SIZE = 8;

/** Checks an option's number for AF_VSOCK, which has 64 bits, as in Python. */
export function checkWideSetting(level: unknown, optname: unknown, value: number): OptionSetting {
  const number = size(value, 'value', "can't convert negative int to unsigned");
  const bytes = Buffer.alloc(WIDE_SIZE);
  bytes.writeBigUInt64LE(BigInt(number));
  return { level: int(level, 'level'), optname: int(optname, 'optname'), value: bytes, optlen: undefined };
}

/** The number of an option of AF_VSOCK. */
export function getWideOption(socket: KernelSocket, { level, optname }: OptionQuery): number {
  const value = Buffer.alloc(WIDE_SIZE);
  const outcome = socket.getOption(level, optname, value);
  if (outcome < 0) throw refused(outcome, 'getsockopt');
  return Number(value.readBigUInt64LE());
}

function refused(outcome: number, syscall: string): OSError {
  return raised(new OSError(-outcome, undefined, { syscall }));
}
