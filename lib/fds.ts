import type { AddressLike, UnixAddress } from './common/addresses.ts';
import { CMSG_LEN } from './common/ancillary.ts';
import { bytesOf, int, rangeError, size, typeError, type Data } from './common/arguments.ts';
import { takeOptions, type WaitOptions } from './common/call-options.ts';
import { SCM_RIGHTS, SOL_SOCKET } from './common/constants.ts';
import type { AncillaryLike } from './core/ancillary-items.ts';
import { recvmsg, sendmsg } from './core/calls.ts';
import { findCore } from './core/core.ts';
import type { Socket } from './socket.ts';
import { awaited } from './waiting/gate.ts';

/** The size of a descriptor's number, a C int. */
const INT_SIZE = 4;

/**
 * Sends descriptors of open files or sockets over a Unix socket, to this or another process. They stay open here.
 *
 * @param sock - the Unix socket.
 * @param buffers - pieces of bytes that go with them, as for `sendmsg()`; a connection needs one byte at least.
 * @param fds - the descriptors' numbers.
 * @param flags - as for `sendmsg()`.
 * @param address - where a datagram goes; `null` for the peer.
 * @param options - `signal` ends the wait.
 * @returns how many bytes were sent.
 * @throws TypeError or RangeError for the arguments; OSError: EBADF for a number of no open descriptor, EINVAL for more
 * than 253; otherwise as `sendmsg()`.
 * @see https://docs.python.org/3/library/socket.html#socket.send_fds
 *
 * @remarks Needs koffi, and Linux.
 *
 * @example
 * ```ts no-run
 * import { open } from 'node:fs/promises';
 * import * as socket from 'await-socket';
 *
 * const [one, other] = socket.socketpairSync();
 * const file = await open(process.execPath);
 * await socket.sendFds(one, ['a file'], [file.fd]);
 * const [text, fds] = await socket.recvFds(other, 1024, 1);
 * console.log(String(text), fds.length); // a file 1
 * ```
 */
export function sendFds(
  sock: Socket,
  buffers: Iterable<Data>,
  fds: Iterable<number>,
  options?: WaitOptions,
): Promise<number>;
export function sendFds(
  sock: Socket,
  buffers: Iterable<Data>,
  fds: Iterable<number>,
  flags?: number,
  address?: AddressLike | null,
  options?: WaitOptions,
): Promise<number>;
export function sendFds(
  sock: Socket,
  buffers: Iterable<Data>,
  fds: Iterable<number>,
  ...optional: readonly unknown[]
): Promise<number> {
  return awaited(() => {
    checkSocket(sock, 'sendFds');
    const { values, options } = takeOptions(optional, 2, 'sendFds');
    const [flags = 0, address = null] = values;
    return sendmsg(sock, buffers, [rights(fds)], flags, address, options);
  }, sendFds);
}

/**
 * Receives descriptors that {@link sendFds} has sent, or another program. They belong to the caller, who closes them.
 *
 * @param sock - the Unix socket.
 * @param bufsize - how many bytes at most.
 * @param maxfds - how many descriptors at most; the kernel closes further ones.
 * @param flags - as for `recvmsg()`; with `MSG_CMSG_CLOEXEC` child processes do not inherit the descriptors.
 * @param options - `signal` ends the wait.
 * @returns the bytes; the numbers of the descriptors; flags, with `MSG_CTRUNC` where there were more descriptors; the
 * sender's address or `null`.
 * @throws TypeError or RangeError for the arguments; otherwise as `recvmsg()`.
 * @see https://docs.python.org/3/library/socket.html#socket.recv_fds
 *
 * @remarks Needs koffi, and Linux: without them no descriptor comes.
 */
export function recvFds(
  sock: Socket,
  bufsize: number,
  maxfds: number,
  options?: WaitOptions,
): Promise<[data: Buffer, fds: number[], flags: number, address: UnixAddress | null]>;
export function recvFds(
  sock: Socket,
  bufsize: number,
  maxfds: number,
  flags?: number,
  options?: WaitOptions,
): Promise<[data: Buffer, fds: number[], flags: number, address: UnixAddress | null]>;
export function recvFds(
  sock: Socket,
  bufsize: number,
  maxfds: number,
  ...optional: readonly unknown[]
): Promise<unknown> {
  return awaited(async () => {
    checkSocket(sock, 'recvFds');
    const { values, options } = takeOptions(optional, 1, 'recvFds');
    const [flags = 0] = values;
    const most = size(maxfds, 'maxfds', 'negative maxfds in recvFds()');
    if (most > MOST_FDS) throw rangeError(`maxfds must be 0-${MOST_FDS}`, maxfds);
    const [data, items, told, address] = await recvmsg(sock, bufsize, CMSG_LEN(most * INT_SIZE), flags, options);
    return [data, items.flatMap(descriptorsIn), told, address];
  }, recvFds);
}

/** Ancillary data of more would be longer than a C int tells. */
const MOST_FDS = 0x1fff_fff0;

function rights(fds: unknown): AncillaryLike {
  if (typeof fds !== 'object' || fds === null || !(Symbol.iterator in fds)) {
    throw typeError('sendFds(): fds must be an iterable of integers', fds);
  }
  // Refuses detached memory, of which an iterator would throw V8's own error.
  if (ArrayBuffer.isView(fds)) bytesOf(fds);
  const numbers = Array.from(fds as Iterable<unknown>, (fd) => int(fd, 'sendFds(): fds'));
  return [SOL_SOCKET, SCM_RIGHTS, Int32Array.from(numbers)];
}

function descriptorsIn([level, type, data]: readonly [number, number, Buffer]): number[] {
  if (level !== SOL_SOCKET || type !== SCM_RIGHTS) return [];
  return Array.from({ length: Math.floor(data.length / INT_SIZE) }, (_, index) => data.readInt32LE(index * INT_SIZE));
}

function checkSocket(sock: unknown, call: string): void {
  if (findCore(sock) === undefined) throw typeError(`${call}(): sock must be a socket`, sock);
}
