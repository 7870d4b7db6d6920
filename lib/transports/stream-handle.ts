import type net from 'node:net';
import type { KeepAlive } from './option-target.ts';
import type { Endpoint, InetEndpoint } from './endpoint.ts';

/** Takes the bytes that arrive. */
export interface Receiver {
  /** Whether bytes are taken as they are, rather than copied into the caller's memory. */
  readonly keepsBytes: boolean;

  /** Takes bytes. Lent ones are valid only until this returns. Returning false stops reading until `resume()`. */
  take(bytes: Buffer, isLent: boolean): boolean;

  /** Gives back memory that it has taken, if it has copied all bytes and no call has the memory itself; else false. */
  giveBack?(memory: Buffer): boolean;
}

/** What a stream handle notifies: of bytes that arrive, of finished writes, and of the handle's own end. */
export interface StreamHandleListener extends Receiver {
  /** The kernel has what was written, or a write failed. */
  onWriteDone(error?: Error | null): void;

  /** The connection is open. */
  onConnect(): void;

  /** The input has ended; all of its bytes were passed on before. */
  onEnd(): void;

  /** The handle is about to close, for whatever reason: its own address can be read one last time. */
  onBeforeClose(): void;

  /** The handle closes because of an error. */
  onError(error: Error): void;

  /** The handle is closed; no call follows. */
  onClose(): void;
}

/**
 * One end of a connection, as Node has it; nothing here waits. It reads nothing before `resume()`, and keeps the
 * process alive only while bytes are being sent (promise 12).
 */
export interface StreamHandle {
  /** The descriptor, or −1 where there is none or Node does not give it. */
  readonly descriptor: number;
  /** Whether bytes may still be sent. */
  readonly isWritable: boolean;
  /** Whether a call for more than bytes, which was told to be made again, now has an outcome. */
  readonly hasOutcome?: boolean;
  /** Whether the output has ended, and the kernel was asked to shut it down. */
  readonly isFinished: boolean;
  /** Whether the input has ended, and the listener was notified. */
  readonly isAtEnd: boolean;
  /** Each end's address as the kernel has it now; `undefined` where it has none. Unix sockets have none. */
  readonly local: InetEndpoint | undefined;
  readonly remote: InetEndpoint | undefined;

  /** Names the listener, before anything else; a later one takes over from it. */
  attach(listener: StreamHandleListener): void;

  /**
   * Begins to connect to a numeric address or a path.
   *
   * @param waitsForRoom - whether to wait while the queue of a Unix listener is full, as connect(2) does on a blocking
   * socket; else that is EAGAIN.
   */
  connect(remote: Endpoint, waitsForRoom: boolean): void;

  /** Starts to read, or resumes. */
  resume(): void;

  /**
   * Hands bytes over. After a failure, bytes that the peer has sent can still be read, as in Python: Node alone would
   * destroy the socket and lose them. It is then for the listener to destroy the handle.
   *
   * @returns true where the kernel has taken all of the bytes; otherwise the next write has to wait for `onWriteDone()`,
   * which may be called within this call.
   */
  write(bytes: Buffer): boolean;

  /** Ends the output. A handle whose input has ended too closes by itself. */
  end(): void;

  /**
   * Reads once more after the end of the input: before Node 24, libuv reports a reset that comes right after data as an
   * end, and a second read brings the reset out. To be called within `onEnd()`, where the output has ended too
   * (otherwise an empty write does the same); the handle does not close before that read.
   */
  readOnceMore(): void;

  destroy(): void;

  /** Destroys the handle and resets the connection; for TCP only. */
  resetAndDestroy(): void;

  /** Whether Node holds bytes that it has read and not passed on. */
  hasUnread(): boolean;

  /**
   * Passes on the bytes that Node has read, and closes the descriptor within the call, which goes on under another number.
   * For handles that have one.
   */
  handOver?(): void;

  /**
   * Whether the handle is open and the kernel still knows the peer: on Linux, a TCP connection that was reset, or that
   * both ends have shut down, has none.
   */
  hasPeer(): boolean;

  setNoDelay(on: boolean): void;
  setKeepAlive(keepAlive: KeepAlive): void;
  setTypeOfService(value: number): void;
}

/** Makes stream handles; each backend uses other handles of Node's. */
export interface StreamBackend {
  /** A handle that is to be connected. */
  make(remote: Endpoint): StreamHandle;

  /** Takes over a socket that has not begun to read; the socket is not to be used any more. */
  over(socket: net.Socket): StreamHandle;

  /** Gives a server's connections to `accept`, from the moment it listens. They send at once (TCP_NODELAY). */
  serve(server: net.Server, accept: (handle: StreamHandle) => void): void;
}
