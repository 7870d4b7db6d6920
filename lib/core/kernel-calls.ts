import type { Address } from '../common/addresses.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB } from '../common/constants.ts';
import { osError } from '../common/errors.ts';
import { KernelSocket } from '../kernel/kernel-socket.ts';
import { kernelSystem, type System } from '../kernel/system.ts';
import { NoKernel } from '../kernel/koffi.ts';
import type { SocketName } from '../kernel/socket-calls.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { Failure } from '../transports/failure.ts';
import { Core, type SocketKind } from './core.ts';
import { kernelLocal } from './kernel-address.ts';

/** The calls of a kernel's socket that do not wait, and what the waiting ones have in common. */

/** The calls to the kernel; raises `code` where there are none. */
export function systemFor(syscall: string, code: string): System {
  const system = kernelSystem();
  if (!(system instanceof NoKernel)) return system;
  throw osError(code, { syscall, note: system.reason, cause: system.cause });
}

/** Makes the core of a socket that Node cannot make; `code` is the error where the kernel cannot be asked, either. */
export function kernelCore(kind: SocketKind, code: string): Core {
  const socket = KernelSocket.make(kind, systemFor('socket', code));
  if (socket instanceof Failure) throw osError(socket.code, { syscall: 'socket' });
  return coreOver(socket);
}

/** Makes the cores of two sockets that are connected to each other. */
export function kernelPair(kind: SocketKind, code: string): [Core, Core] {
  const pair = KernelSocket.pair(kind, systemFor('socketpair', code));
  if (pair instanceof Failure) throw osError(pair.code, { syscall: 'socketpair' });
  return [coreOver(pair[0]), coreOver(pair[1])];
}

/** The core of a socket of the kernel. */
export function coreOver(socket: KernelSocket): Core {
  const core = new Core(socket.kind);
  core.setState({ kind: 'kernel', socket });
  return core;
}

/** Whether a call may wait. The queue of errors never makes a call wait, nor does urgent data (recv(2), tcp(7)). */
export function mayWait({ timeout }: Core, flags: number): boolean {
  if ((flags & (MSG_ERRQUEUE | MSG_OOB)) !== 0) return false;
  return timeout === null ? (flags & MSG_DONTWAIT) === 0 : timeout !== 0;
}

/** Linux's flag for calls of 32-bit programs: sendmsg(2) and recvmsg(2) refuse it, send(2) and recv(2) do not look at it. */
const MSG_CMSG_COMPAT = 0x8000_0000;

/** The flags of a call for the kernel, whose sockets are asked by sendmsg(2) and recvmsg(2) whatever the call is. */
export function kernelFlags(call: string, flags: number): number {
  return call === 'sendmsg' || call === 'recvmsg' ? flags : flags & ~MSG_CMSG_COMPAT;
}

/** Binds the socket. */
export function bindKernel(core: Core, socket: KernelSocket, address: unknown): void {
  const { name, text } = kernelLocal(core, address);
  const failure = name === undefined ? undefined : socket.bind(name);
  if (failure !== undefined) throw core.error(failure, 'bind', text);
}

/** Lets clients connect. */
export function listenKernel(core: Core, socket: KernelSocket, backlog: number): void {
  const failure = socket.listen(backlog);
  if (failure !== undefined) throw core.error(failure, 'listen');
}

/** The socket's own address, or its peer's. */
export function kernelAddress(core: Core, name: SocketName | Failure, call: string): Address {
  if (name instanceof Failure) throw core.error(name, call);
  return addressOf(name) ?? '';
}
