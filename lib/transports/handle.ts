import type net from 'node:net';
import { afterPoll } from '../waiting/fairness.ts';

/**
 * The parts that are used of Node's handle under a socket, which is not documented: the descriptor, whether there is a
 * peer, and one more read. Each use first checks whether the handle has the part, and does without where it has not.
 */

/** Node's handle; `undefined` where there is none. */
export function handleOf(owner: net.Socket | net.Server): object | undefined {
  const handle: unknown = '_handle' in owner ? owner._handle : undefined;
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}

function canClose(handle: object | undefined): handle is { close(): void } {
  return handle !== undefined && 'close' in handle && typeof handle.close === 'function';
}

/**
 * Closes the handle of a socket whose connect() has failed, so that the next connect() makes another: libuv would not
 * read from the descriptor of the failed one. Returns whether there was a handle.
 */
export function dropHandle(socket: net.Socket): boolean {
  const handle = handleOf(socket);
  if (!canClose(handle)) return false;
  handle.close();
  Reflect.set(socket, '_handle', null);
  return true;
}

/** Passes the arguments and results of a method of a handle to `look`, as long as `during` runs. */
export function watching<Name extends string, Arguments extends unknown[], T>(
  handle: Record<Name, (...call: Arguments) => number>,
  name: Name,
  look: (call: Arguments, result: number) => void,
  during: () => T,
): T {
  const own = Object.getOwnPropertyDescriptor(handle, name);
  const method = handle[name];
  handle[name] = (...call) => {
    const result = Reflect.apply(method, handle, call);
    look(call, result);
    return result;
  };
  try {
    return during();
  } finally {
    if (own === undefined) Reflect.deleteProperty(handle, name);
    else Object.defineProperty(handle, name, own);
  }
}

function canRead(handle: object | undefined): handle is { readStart(): number } {
  return handle !== undefined && 'readStart' in handle && typeof handle.readStart === 'function';
}

/** The descriptor, or −1 where there is none or Node does not give it (Windows). */
export function descriptorOf(owner: net.Socket | net.Server): number {
  const handle = handleOf(owner);
  const descriptor = handle !== undefined && 'fd' in handle ? handle.fd : undefined;
  return typeof descriptor === 'number' ? descriptor : -1;
}

function namesPeer(handle: object | undefined): handle is { getpeername(out: object): number } {
  return handle !== undefined && 'getpeername' in handle && typeof handle.getpeername === 'function';
}

/**
 * Whether the kernel still knows the peer of a connection: on Linux, a TCP connection that was reset, or that both ends
 * have shut down, has none. What Node documents shows that only to a program that reads, and keeps the first address
 * that it got.
 */
export function hasPeer(owner: net.Socket): boolean {
  const handle = handleOf(owner);
  return !namesPeer(handle) || handle.getpeername({}) === 0;
}

/**
 * Reads once more after the end of the input: before Node 24, libuv reports a reset that comes right after data as an
 * end, and a second read brings the reset out. To be called at 'end', on a socket whose output has ended too (otherwise
 * an empty write does the same by documented means). Such a socket destroys itself within 'end', so its destruction
 * waits for the read.
 */
export function readOnceMore(socket: net.Socket): void {
  const handle = handleOf(socket);
  if (!canRead(handle) || socket.destroyed) return;
  const destroy = socket.destroy.bind(socket);
  let wanted = false;
  socket.destroy = (error) => {
    if (error === undefined) {
      wanted = true;
      return socket;
    }
    socket.destroy = destroy;
    return destroy(error);
  };
  handle.readStart();
  afterPoll(() => {
    socket.destroy = destroy;
    if (wanted) destroy();
  });
}
