import net from 'node:net';
import { handleOf } from './handle.ts';

/**
 * The class of Node's handle for a pipe, which watches any descriptor that epoll(7) takes. Node does not document it. It
 * is taken from a socket of Node's, as `process.binding()` is not there where a program runs with restricted permissions.
 */

/** Node's handle for a pipe, as far as it is used to watch. A result below 0 is an error of the kernel's. */
export interface WatchHandle {
  /** Called when the descriptor is readable; nothing has been read where the lent memory is empty. */
  onread: () => undefined;
  /** Makes the descriptor the handle's own, which closes it, and non-blocking. */
  open(descriptor: number): number;
  useUserBuffer(memory: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  close(): void;
  unref(): void;
}

export type WatchHandleClass = new (type: number) => WatchHandle;

const METHODS = ['open', 'useUserBuffer', 'readStart', 'readStop', 'close', 'unref'];

function isWatchHandleClass(value: unknown): value is WatchHandleClass {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  if (typeof prototype !== 'object' || prototype === null) return false;
  return METHODS.every((method) => typeof Reflect.get(prototype, method) === 'function');
}

/**
 * The class; `undefined` where this Node does not have it.
 *
 * @param descriptor - one end of a pair of Unix streams, which is closed by this.
 */
export function pipeClassBy(descriptor: number): WatchHandleClass | undefined {
  const socket = new net.Socket({ fd: descriptor, readable: false, writable: false });
  const found: unknown = handleOf(socket)?.constructor;
  socket.destroy();
  return isWatchHandleClass(found) ? found : undefined;
}
