import type net from 'node:net';
import type { KeepAlive } from './option-target.ts';
import type { Endpoint, InetEndpoint } from './endpoint.ts';

/** Who takes what comes in. */
export interface Receiver {
  /** Whether bytes are taken as they are, rather than copied into the caller's memory. */
  readonly keepsBytes: boolean;

  /** Takes bytes. If they are lent, they are there until this returns. False stops reading until `resume()`. */
  take(bytes: Buffer, isLent: boolean): boolean;
}

/** What a handle notifies: it takes what comes in, and learns what became of what went out, and of the handle. */
export interface StreamHandleListener extends Receiver {
  /** The kernel has what was written, or a write failed. */
  onWriteDone(error?: Error | null): void;

  /** The connection is there. */
  onConnect(): void;

  /** After all that came in, the input has ended. */
  onEnd(): void;

  /** The handle is about to go, for whatever reason: its own address can be asked for one last time. */
  onBeforeClose(): void;

  /** The handle goes because of an error. */
  onError(error: Error): void;

  /** The handle is gone; no call follows. */
  onClose(): void;
}

/**
 * What Node has under a connection: one end of it, without any waiting. It reads nothing before `resume()`, and does not
 * keep the process alive, but for what is on its way out (promise 12).
 */
export interface StreamHandle {
  /** The descriptor, or −1 where there is none or Node does not tell it. */
  readonly descriptor: number;
  /** Whether bytes may still go out. */
  readonly isWritable: boolean;
  /** Whether the output has ended, and the peer knows. */
  readonly isFinished: boolean;
  /** Whether the input has ended, and the listener knows. */
  readonly isAtEnd: boolean;
  /** Each end's address as the kernel has it now; `undefined` where it has none. Unix sockets have none. */
  readonly local: InetEndpoint | undefined;
  readonly remote: InetEndpoint | undefined;

  /** Names the listener, once, before anything else. */
  attach(listener: StreamHandleListener): void;

  /**
   * Begins to connect to a numeric address or a path.
   *
   * @param waitsForRoom - whether to wait while the queue of a Unix listener is full, as connect(2) does on a blocking
   * socket; else that is EAGAIN.
   */
  connect(remote: Endpoint, waitsForRoom: boolean): void;

  /** Reads, from now on or again. */
  resume(): void;

  /**
   * Hands bytes over, the next ones not before `onWriteDone()` was called: within the call where the kernel takes all at
   * once. After a failure, what the peer has sent can still be read: Node alone would destroy the socket and lose it
   * (100 KB of 100 KB on Node 20 to 26, where Python reads them after the error). The listener is to destroy it then.
   */
  write(bytes: Buffer): void;

  /** Ends the output. A handle whose input has ended too goes by itself. */
  end(): void;

  /**
   * Reads once more after the end of the input: libuv before Node 24 makes an end of a reset that comes right after
   * data, and a second read brings the reset out. To be called within `onEnd()`, where the output has ended too (else an
   * empty write does the same); the handle does not go before that read.
   */
  readOnceMore(): void;

  destroy(): void;

  /** The same, with a reset to the peer; for TCP only. */
  resetAndDestroy(): void;

  /** Whether Node holds bytes that it has read and not passed on. */
  hasUnread(): boolean;

  /**
   * Whether the handle stands and the kernel still knows the peer: a TCP connection that was reset, or that both ends have
   * ended, has none on Linux.
   */
  hasPeer(): boolean;

  setNoDelay(on: boolean): void;
  setKeepAlive(keepAlive: KeepAlive): void;
  setTypeOfService(value: number): void;
}

/** Makes stream handles of Node's. */
export interface StreamBackend {
  /** A handle that is to be connected. */
  make(remote: Endpoint): StreamHandle;

  /** The handle of a socket that has not begun to read; the socket is not to be used any more. */
  over(socket: net.Socket): StreamHandle;

  /** Gives a server's connections to `accept`, from the moment that it listens. They send at once (TCP_NODELAY). */
  serve(server: net.Server, accept: (handle: StreamHandle) => void): void;
}
