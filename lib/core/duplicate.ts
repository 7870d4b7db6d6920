import { int, integer } from '../common/arguments.ts';
import { osError } from '../common/errors.ts';
import {
  duplicateNumber,
  duplicateSocket,
  isInheritable,
  kindOf,
  releaseDescriptor,
  setInheritable as setNumberInheritable,
  sharedWith,
} from '../kernel/duplicate.ts';
import { KernelSocket, type Shared } from '../kernel/kernel-socket.ts';
import { Failure } from '../transports/failure.ts';
import { plainRules } from './call-rules.ts';
import { coreOf, type Core, type SocketKind } from './core.ts';
import { ownerOf } from './descriptor-owners.ts';
import { coreOver, systemFor } from './kernel-calls.ts';
import { descriptorOf } from './state.ts';
import { toKernel } from './to-kernel.ts';

/** Makes the core of a second socket on the same description. */
export function dup(socket: unknown): Core {
  const core = coreOf(socket, 'dup');
  const made = duplicateSocket(toKernel(core, 'dup'), systemFor('dup', 'ENOTSUP'));
  if (made instanceof Failure) throw core.error(made, 'dup');
  const second = coreOver(made);
  second.timeout = core.timeout;
  return second;
}

/** Takes the descriptor away from a socket; −1 where it is closed. */
export function detach(socket: unknown): number {
  const core = coreOf(socket, 'detach');
  if (core.state.kind === 'closed') return -1;
  const released = releaseDescriptor(
    toKernel(core, 'detach'),
    systemFor('detach', 'ENOTSUP').calls,
    core.timeout === null,
  );
  if (released instanceof Failure) throw core.error(released, 'detach');
  core.discard(false);
  return released;
}

/** Whether the programs that this process starts inherit the socket. */
export function getInheritable(socket: unknown): boolean {
  const core = coreOf(socket, 'getInheritable');
  core.checkOpen('getInheritable');
  const descriptor = descriptorOf(core.state);
  if (descriptor < 0) return false;
  const on = isInheritable(systemFor('getInheritable', 'ENOTSUP').calls, descriptor);
  if (on instanceof Failure) throw core.error(on, 'getInheritable');
  return on;
}

/** Sets whether they inherit it. */
export function setInheritable(socket: unknown, inheritable: unknown): void {
  const core = coreOf(socket, 'setInheritable');
  const on = integer(inheritable, 'inheritable') !== 0;
  core.checkOpen('setInheritable');
  // A child may make the description blocking.
  if (!on && descriptorOf(core.state) < 0) return;
  const { descriptor } = on ? toKernel(core, 'setInheritable') : { descriptor: descriptorOf(core.state) };
  const failure = setNumberInheritable(systemFor('setInheritable', 'ENOTSUP').calls, descriptor, on);
  if (failure !== undefined) throw core.error(failure, 'setInheritable');
}

/** Makes the core of a socket over a copy of a descriptor. */
export function duplicatedCore(fd: unknown, family: unknown, type: unknown, proto: unknown): Core {
  const descriptor = integer(fd, 'fromfd(): fd');
  const wanted = { family: int(family, 'family'), type: int(type, 'type'), proto: int(proto, 'proto') };
  const { calls } = systemFor('fromfd', 'ENOTSUP');
  // A socket of this process that libuv reads would take what is for the copy, too.
  const owner = ownerOf(descriptor);
  const first = owner?.rules === plainRules ? toKernel(owner, 'fromfd') : undefined;
  const copy = duplicateNumber(calls, descriptor);
  if (copy instanceof Failure) throw osError(copy.code, { syscall: 'fromfd', address: String(descriptor) });
  return coreOfDescriptor(copy, wanted, first && sharedWith(first));
}

/**
 * The core of a socket of the kernel's over a descriptor, which from now on belongs to it; where that fails, the
 * descriptor is closed.
 *
 * @param wanted - its kind; −1 for what the kernel says.
 * @param shared - what it shares with the socket that it is a copy of.
 */
function coreOfDescriptor(descriptor: number, wanted: SocketKind, shared: Shared | undefined): Core {
  const system = systemFor('fromfd', 'ENOTSUP');
  const kind = kindOf(system, descriptor, wanted);
  const socket = kind instanceof Failure ? kind : KernelSocket.over(descriptor, kind, system, shared);
  if (socket instanceof KernelSocket) return coreOver(socket);
  if (kind instanceof Failure) system.calls.close(descriptor);
  throw osError(socket.code, { syscall: 'fromfd', address: String(descriptor) });
}
