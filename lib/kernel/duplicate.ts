import { SO_DOMAIN, SO_PROTOCOL, SO_TYPE, SOCK_STREAM, SOL_SOCKET } from '../common/constants.ts';
import { Failure } from '../transports/failure.ts';
import { KernelSocket, type Shared } from './kernel-socket.ts';
import type { System } from './system.ts';
import { failureOf } from './outcomes.ts';
import type { SocketKind } from './libc.ts';
import type { SocketCalls } from './socket-calls.ts';

/** Further numbers for descriptors: what dup(2) and fcntl(2) do with them. */

// fcntl(2).
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0x800;

/** Another number for a descriptor, which child processes do not inherit. */
export function duplicateNumber(calls: SocketCalls, descriptor: number): number | Failure {
  const number = calls.fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return number < 0 ? failureOf(number) : number;
}

/**
 * Takes a descriptor out of what closes it, and keeps its number.
 *
 * @param close - closes the descriptor, within the call.
 */
export function moveDescriptor(calls: SocketCalls, descriptor: number, close: () => void): number | Failure {
  const spare = duplicateNumber(calls, descriptor);
  if (spare instanceof Failure) return spare;
  close();
  // The lowest number that is free from the old one on: the old one, as it was closed just now.
  const back = calls.fcntl(spare, F_DUPFD_CLOEXEC, descriptor);
  if (back < 0) return spare;
  calls.close(spare);
  return back;
}

/** A second socket on the description of a first one; both share what was read ahead. */
export function duplicateSocket(socket: KernelSocket, system: System): KernelSocket | Failure {
  const descriptor = duplicateNumber(system.calls, socket.descriptor);
  if (descriptor instanceof Failure) return descriptor;
  return KernelSocket.over(descriptor, socket.kind, system, sharedWith(socket));
}

/** What a second socket on the description of a first one has of it. */
export function sharedWith({ readAhead, isNameless, isConnected }: KernelSocket): Shared {
  return { readAhead, isNameless, isConnected };
}

/**
 * Takes its descriptor away from a socket, which is closed by that.
 *
 * @param isBlocking - whether calls on the descriptor are to wait.
 */
export function releaseDescriptor(socket: KernelSocket, calls: SocketCalls, isBlocking: boolean): number | Failure {
  const { bytes, messages, accepted } = socket.readAhead;
  if (accepted.length > 0) {
    return new Failure('EBUSY', undefined, `Node has accepted ${accepted.length} connections: accept them first`);
  }
  const { length } = socket.kind.type === SOCK_STREAM ? bytes : messages;
  if (length > 0) {
    const what = socket.kind.type === SOCK_STREAM ? 'bytes' : 'messages';
    return new Failure('EBUSY', undefined, `Node has read ${length} ${what} ahead: receive them first`);
  }
  const descriptor = moveDescriptor(calls, socket.descriptor, () => socket.close());
  if (descriptor instanceof Failure) return descriptor;
  const flags = calls.fcntl(descriptor, F_GETFL, 0);
  calls.fcntl(descriptor, F_SETFL, isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
  return descriptor;
}

/** Whether the programs that this process starts inherit a descriptor. */
export function isInheritable(calls: SocketCalls, descriptor: number): boolean | Failure {
  const flags = calls.fcntl(descriptor, F_GETFD, 0);
  return flags < 0 ? failureOf(flags) : (flags & FD_CLOEXEC) === 0;
}

/** Sets whether they inherit it. */
export function setInheritable(calls: SocketCalls, descriptor: number, on: boolean): Failure | undefined {
  const flags = calls.fcntl(descriptor, F_GETFD, 0);
  const outcome = flags < 0 ? flags : calls.fcntl(descriptor, F_SETFD, on ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC);
  return outcome < 0 ? failureOf(outcome) : undefined;
}

/** The kind of a descriptor's socket: Linux says it, and where the caller says otherwise, the caller's word counts. */
export function kindOf({ calls }: System, descriptor: number, wanted: SocketKind): SocketKind | Failure {
  const value = Buffer.alloc(4);
  const option = (optname: number, asked: number): number | Failure => {
    const outcome = calls.getsockopt(descriptor, SOL_SOCKET, optname, value);
    if (outcome < 0) return new Failure('ENOTSOCK');
    return asked === -1 ? value.readInt32LE() : asked;
  };
  const family = option(SO_DOMAIN, wanted.family);
  const type = option(SO_TYPE, wanted.type);
  const proto = option(SO_PROTOCOL, wanted.proto);
  if (family instanceof Failure) return family;
  if (type instanceof Failure) return type;
  return proto instanceof Failure ? proto : { family, type, proto };
}
