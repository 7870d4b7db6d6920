import dgram from 'node:dgram';
import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import { datagramDescriptor } from './bind-datagram.ts';
import { Failure, failureIn } from './failure.ts';
import { descriptorOf } from './handle.ts';

/**
 * Which descriptors already have a socket in this process. Two libuv handles on one descriptor close it twice, and
 * libuv ends the process when a descriptor that it closes is closed already, or belongs to another by then.
 */

/** An object that has a descriptor. */
export interface Holder {
  /** Below 0 before the descriptor is made and after it is closed. */
  readonly descriptor: number;
}

const holders = new Set<Holder>();

/** Notes an object that has a descriptor, or will have one, until it is released. */
export function hold(holder: Holder): void {
  holders.add(holder);
}

/** Notes that an object has no descriptor any more, or has passed it on. */
export function release(holder: Holder): void {
  holders.delete(holder);
}

/** The number by which Linux's tables know the socket of a descriptor, or why there is none. */
export function socketInode(descriptor: number): number | Failure {
  let inode: number | Failure = new Failure('ENOTSOCK');
  const failure = failureIn(() => {
    const status = fstatSync(descriptor);
    if (status.isSocket()) inode = status.ino;
  });
  return failure ?? inode;
}

/**
 * Whether a descriptor has a socket already: one of this thread, or one that another thread polls. (Others cannot be
 * found.)
 *
 * @param inode - the inode number of the open socket.
 */
export function isHeld(descriptor: number, inode: number): boolean {
  for (const holder of holders) if (holder.descriptor === descriptor) return true;
  return isNodes(descriptor) || isWatched(descriptor, inode);
}

/**
 * Whether Node has a handle with this descriptor, in this thread. The list of handles is not documented; where it is
 * missing, only polled descriptors are found.
 */
function isNodes(descriptor: number): boolean {
  const list: unknown = Reflect.get(process, '_getActiveHandles');
  const owners: unknown = typeof list === 'function' ? Reflect.apply(list, process, []) : undefined;
  return Array.isArray(owners) && owners.some((owner: unknown) => descriptorIn(owner) === descriptor);
}

/** The descriptor of one of Node's sockets or handles. */
function descriptorIn(owner: unknown): unknown {
  if (owner instanceof net.Socket || owner instanceof net.Server) return descriptorOf(owner);
  if (owner instanceof dgram.Socket) return datagramDescriptor(owner);
  return typeof owner === 'object' && owner !== null && 'fd' in owner ? owner.fd : undefined;
}

/** libuv polls descriptors with an epoll(7) instance in each thread, and proc(5) lists what an instance watches. */
function isWatched(descriptor: number, inode: number): boolean {
  const watched = new RegExp(String.raw`^tfd:\s+${descriptor}\s.*\bino:${inode.toString(16)}\b`, 'm');
  return entriesOf('/proc/self/fd').some((name) => isEpoll(name) && watched.test(textOf(`/proc/self/fdinfo/${name}`)));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isEpoll(name: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${name}`) === 'anon_inode:[eventpoll]';
  } catch {
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
