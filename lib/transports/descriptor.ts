import { closeSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOMAXCONN } from '../common/constants.ts';
import { fsdecode } from '../common/file-names.ts';
import { holding } from './bind.ts';
import type { Bound } from './bound.ts';
import { Datagrams } from './datagram.ts';
import { isUnix, type Endpoint, type UnixEndpoint } from './endpoint.ts';
import { Failure, failureOf } from './failure.ts';
import { handleOf } from './handle.ts';
import { Listener } from './listener.ts';
import { isHeld, socketInode } from './open-descriptors.ts';
import { streamBackend } from './stream-backend.ts';
import { Stream } from './stream.ts';

/**
 * Sockets over descriptors that another process has made and passed to this one.
 *
 * Node opens a descriptor, but does not report whether it listens, and nothing about a Unix socket; Linux's tables of
 * sockets do (proc(5)). They list the bound sockets of this process's network namespace, and of TCP only those that
 * listen or are connected. A socket that they do not list counts as bound, so that `listen()` makes the listener of
 * another namespace usable, too.
 */

/** What a socket over a descriptor is. */
export interface Adopted {
  readonly family: number;
  readonly type: number;
  readonly state:
    | { readonly kind: 'bound'; readonly bound: Bound }
    | { readonly kind: 'listening'; readonly listener: Listener }
    | { readonly kind: 'connected'; readonly stream: Stream }
    | { readonly kind: 'datagrams'; readonly datagrams: Datagrams };
}

/** What Linux's tables say about a socket. */
interface Entry {
  readonly family: number;
  readonly type: number;
  readonly listens: boolean;
  readonly isConnected: boolean;
  /** A Unix socket's own name. */
  readonly path: string;
}

/**
 * Takes over a descriptor; from now on closing the socket closes it.
 *
 * @param descriptor - its number, not negative.
 * @param family - the expected family, −1 for any.
 * @param type - the expected type, −1 for any.
 */
export function adopt(descriptor: number, family: number, type: number): Adopted | Failure {
  const inode = socketInode(descriptor);
  if (inode instanceof Failure) return inode;
  if (isHeld(descriptor, inode)) return held();
  const entry = entryOf(inode);
  const mismatch = entry === undefined ? undefined : mismatchOf(entry, family, type);
  if (mismatch !== undefined) return mismatch;
  if ((entry?.family ?? family) === AF_UNIX) return adoptUnix(descriptor, entry);
  if ((entry?.type ?? type) === SOCK_DGRAM) return adoptDatagrams(descriptor, entry?.family ?? family, entry);
  return adoptStream(descriptor, family, entry);
}

function adoptStream(descriptor: number, family: number, entry: Entry | undefined): Adopted | Failure {
  const socket = opened(descriptor);
  if (socket instanceof Failure) return socket;
  const local = socket.address();
  if (!('port' in local) || local.port === 0) {
    socket.destroy();
    return nameless();
  }
  const actual = { family: local.family === 'IPv6' ? AF_INET6 : AF_INET, type: SOCK_STREAM };
  const mismatch = mismatchOf(actual, family, SOCK_STREAM);
  if (mismatch !== undefined) {
    socket.destroy();
    return mismatch;
  }
  const name = { host: local.address, port: local.port };
  if (entry?.listens !== true && socket.remoteAddress !== undefined) {
    socket.setNoDelay(true);
    return { ...actual, state: connected(socket, name) };
  }
  const bound = boundBy(socket, name, descriptor);
  return entry?.listens === true ? listening(actual, bound) : { ...actual, state: { kind: 'bound', bound } };
}

function adoptUnix(descriptor: number, entry: Entry | undefined): Adopted | Failure {
  const kind = { family: AF_UNIX, type: SOCK_STREAM };
  if (entry !== undefined && entry.type !== SOCK_STREAM) return new Failure('EPROTONOSUPPORT');
  const local: UnixEndpoint = { path: entry?.path ?? '' };
  const isConnected = entry?.isConnected === true;
  if (entry !== undefined && !isConnected && !entry.listens && local.path === '') return nameless();
  const socket = opened(descriptor);
  if (socket instanceof Failure) return socket;
  if (isConnected) return { ...kind, state: connected(socket, local) };
  const bound = boundBy(socket, local, descriptor);
  return entry?.listens === true ? listening(kind, bound) : { ...kind, state: { kind: 'bound', bound } };
}

function connected(socket: net.Socket, local: Endpoint): Adopted['state'] {
  return { kind: 'connected', stream: Stream.accepted(streamBackend.over(socket), local) };
}

/** The connection of a descriptor that was accepted; where that fails, the descriptor is closed. */
export function acceptedOver(descriptor: number, local: Endpoint, peer?: Endpoint): Stream | Failure {
  const socket = opened(descriptor);
  if (socket instanceof Failure) {
    closeSync(descriptor);
    return socket;
  }
  if (!isUnix(local)) socket.setNoDelay(true);
  return Stream.accepted(streamBackend.over(socket), local, peer);
}

/** The bound address of a socket of Node's over its descriptor. */
function boundBy(socket: net.Socket, local: Endpoint, descriptor: number): Bound {
  return holding({
    local,
    handle: handleOf(socket) ?? socket,
    descriptor,
    close: () => void socket.destroy(),
    toSocket: () => socket,
  });
}

function adoptDatagrams(descriptor: number, family: number, entry: Entry | undefined): Adopted | Failure {
  // Node takes descriptor 0 for none, and would bind a new socket.
  if (descriptor === 0 || (family !== AF_INET && family !== AF_INET6)) return new Failure('ENOTSUP');
  const datagrams = new Datagrams(family === AF_INET6 ? 6 : 4);
  const failure = datagrams.open(descriptor, entry?.isConnected === true);
  if (failure !== undefined) return withUnknownType(failure);
  return { family, type: SOCK_DGRAM, state: { kind: 'datagrams', datagrams } };
}

function listening(kind: Omit<Adopted, 'state'>, bound: Bound): Adopted | Failure {
  // Node calls listen(2) again, which only changes the length of the kernel's queue: the longest turns no client away.
  const listener = Listener.listen(bound, SOMAXCONN);
  return listener instanceof Failure ? listener : { ...kind, state: { kind: 'listening', listener } };
}

/**
 * Half-open, because a FIN ends one direction only; not started, so that bytes stay in the kernel until a call reads.
 */
function socketOptions(descriptor: number): net.SocketConstructorOpts & { readonly manualStart: boolean } {
  return { fd: descriptor, allowHalfOpen: true, readable: true, writable: true, manualStart: true };
}

function opened(descriptor: number): net.Socket | Failure {
  try {
    return new net.Socket(socketOptions(descriptor));
  } catch (error) {
    return withUnknownType(failureOf(error));
  }
}

/** Node's own errors, for a descriptor that it watches already and for a kind of socket that it does not have. */
function withUnknownType(failure: Failure): Failure {
  if (failure.code === 'EEXIST') return held();
  return failure.code === 'ERR_INVALID_FD_TYPE' ? new Failure('ENOTSUP', failure.cause) : failure;
}

/** A second handle would close the descriptor a second time, which makes libuv end the process. */
function held(): Failure {
  const reason = 'this process has a socket with this descriptor already; fromfd() copies it';
  return new Failure('ENOTSUP', undefined, reason);
}

function nameless(): Failure {
  return new Failure('ENOTSUP', undefined, 'the descriptor is neither bound nor connected');
}

/** What is wrong with the family and the type that a descriptor is said to have; −1 stands for any. */
export function mismatchOf(actual: Omit<Adopted, 'state'>, family: number, type: number): Failure | undefined {
  if (family !== -1 && family !== actual.family) {
    return new Failure('EAFNOSUPPORT', undefined, `the descriptor's family is ${actual.family}, not ${family}`);
  }
  if (type === -1 || type === actual.type) return undefined;
  return new Failure('EPROTOTYPE', undefined, `the descriptor's type is ${actual.type}, not ${type}`);
}

/** Linux's tables of internet sockets. */
const INET_TABLES = [
  ['tcp', AF_INET, SOCK_STREAM],
  ['tcp6', AF_INET6, SOCK_STREAM],
  ['udp', AF_INET, SOCK_DGRAM],
  ['udp6', AF_INET6, SOCK_DGRAM],
] as const;

/** States in these tables (tcp_states.h). */
const ESTABLISHED = '01';
const LISTEN = '0A';

/** The flag of a listening Unix socket (__SO_ACCEPTCON), and the state of a connected one (SS_CONNECTED). */
const ACCEPTS = 0x10000;
const CONNECTED = '03';

function entryOf(inode: number): Entry | undefined {
  for (const [name, family, type] of INET_TABLES) {
    for (const line of linesOf(name)) {
      const [, , , state, , , , , , number] = line.trim().split(/\s+/);
      if (number === String(inode)) {
        return { family, type, listens: state === LISTEN, isConnected: state === ESTABLISHED, path: '' };
      }
    }
  }
  for (const line of linesOf('unix')) {
    const [, flags = '', type = '', state, number, path = ''] =
      /^\S+ \S+ \S+ (\S+) (\S+) (\S+) +(\d+) ?(.*)$/.exec(line) ?? [];
    if (number === String(inode)) {
      const listens = (parseInt(flags, 16) & ACCEPTS) !== 0;
      // The table writes `@` for the NUL of an abstract name.
      const name = path.replace(/^@/, '\0');
      return { family: AF_UNIX, type: parseInt(type, 16), listens, isConnected: state === CONNECTED, path: name };
    }
  }
  return undefined;
}

/** A table's lines; empty where the system has no such table. */
function linesOf(name: string): string[] {
  try {
    return fsdecode(readFileSync(`/proc/net/${name}`))
      .split('\n')
      .slice(1);
  } catch {
    return [];
  }
}
