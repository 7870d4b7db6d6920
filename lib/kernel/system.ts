import type { WatchHandleClass } from '../transports/pipe-class.ts';
import { NoKernel } from './koffi.ts';
import { socketCalls, type SocketCalls } from './socket-calls.ts';
import { watchHandles } from './watch.ts';

/** The calls to the kernel and the handles that watch; either may be missing. */
export interface System {
  readonly calls: SocketCalls;
  readonly Handle: WatchHandleClass;
}

/** How sockets of the kernel are made here, or why they are not. */
export function kernelSystem(): System | NoKernel {
  const calls = socketCalls();
  if (calls instanceof NoKernel) return calls;
  const Handle = watchHandles(calls);
  return Handle instanceof NoKernel ? Handle : { calls, Handle };
}
