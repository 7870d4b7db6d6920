import { AF_UNIX, SOCK_STREAM } from '../common/constants.ts';
import { pipeClassBy, type WatchHandle, type WatchHandleClass } from '../transports/pipe-class.ts';
import { resetBudget } from '../waiting/fairness.ts';
import { NoKernel } from './koffi.ts';
import type { SocketCalls } from './socket-calls.ts';

/**
 * Watches descriptors with Node's event loop, and reads nothing: a pipe's handle that has no memory to read into is
 * called, and libuv leaves what has come in the kernel (UV_ENOBUFS).
 */

/** Empty, but with an address: Node takes memory without one for none, and would never call again. */
const NO_ROOM = Buffer.alloc(1).subarray(0, 0);

/** The type of a handle that is not a server (pipe_wrap.h). */
const SOCKET = 0;

/** A watch over one descriptor, which from now on belongs to it. It never keeps the process alive. */
export class Watch {
  /** Called once after each {@link start}, in a later turn, where the descriptor is readable. */
  onReady: () => void = () => undefined;
  /** Whether it is called again and again, until {@link stop}. */
  staysArmed = false;
  readonly #handle: WatchHandle;
  #isArmed = false;

  private constructor(handle: WatchHandle) {
    this.#handle = handle;
    handle.unref();
    handle.useUserBuffer(NO_ROOM);
    handle.onread = () => {
      if (!this.staysArmed) this.stop();
      resetBudget();
      this.onReady();
    };
  }

  /** Watches a descriptor; gives the negated number of the kernel's error where that fails. */
  static over(descriptor: number, Handle: WatchHandleClass): Watch | number {
    const handle = new Handle(SOCKET);
    const failed = handle.open(descriptor);
    if (failed === 0) return new Watch(handle);
    handle.close();
    return failed;
  }

  /** Calls back in a later turn, once the descriptor is readable. */
  start(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#handle.readStart();
  }

  stop(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    this.#handle.readStop();
  }

  /** Closes the descriptor, within the call. */
  close(): void {
    this.stop();
    this.#handle.close();
  }
}

let known: WatchHandleClass | NoKernel | undefined;

/** The class of the handles that watch; it is looked for once. */
export function watchHandles(calls: SocketCalls): WatchHandleClass | NoKernel {
  known ??= findWatchHandles(calls);
  return known;
}

/** The same, for calls that are tried in tests. */
export function findWatchHandles(calls: SocketCalls): WatchHandleClass | NoKernel {
  const pair = calls.socketpair({ family: AF_UNIX, type: SOCK_STREAM, proto: 0 });
  if (typeof pair === 'number') return new NoKernel('the system makes no sockets');
  const [one, other] = pair;
  try {
    return pipeClassBy(one) ?? new NoKernel('this Node has no handle that watches a descriptor');
  } catch (error) {
    return new NoKernel('this Node has no handle that watches a descriptor', error);
  } finally {
    calls.close(other);
  }
}
