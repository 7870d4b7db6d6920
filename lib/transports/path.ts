import type net from 'node:net';
import type { KeepAlive } from '../option.ts';
import type { Endpoint, InetEndpoint } from './endpoint.ts';
import { hotPath } from './hot-path.ts';
import { plainPath } from './plain-path.ts';
import { mayUseHotPath } from './support.ts';

/** Who takes what comes in. */
export interface Receiver {
  /** Whether bytes are taken as they are, and not into memory of somebody else's. */
  readonly keepsBytes: boolean;

  /** Takes bytes. If they are lent, they are there until this returns. False stops reading until `resume()`. */
  take(bytes: Buffer, isLent: boolean): boolean;
}

/** Whose a wire is: who takes what comes in, and is told what becomes of what goes out, and of the wire. */
export interface WireOwner extends Receiver {
  /** Is told that the kernel has what was written, or what failed. */
  sent(error?: Error | null): void;

  /** The connection is there. */
  opened(): void;

  /** Behind all that came in, the input has ended. */
  ended(): void;

  /** The wire is about to go, for whatever reason: its own address can be asked for one last time. */
  leaving(): void;

  /** The wire goes because of an error. */
  broke(error: Error): void;

  /** The wire is gone; nothing is told behind that. */
  gone(): void;
}

/**
 * What Node has under a connection: one end of it, without any waiting. It reads nothing before `resume()`, and does not
 * keep the process alive, but for what is on its way out (promise 12).
 */
export interface Wire {
  /** The descriptor, or −1 where there is none or Node does not tell it. */
  readonly descriptor: number;
  /** Whether bytes may still go out. */
  readonly isWritable: boolean;
  /** Whether the output has ended, and the peer was told. */
  readonly isFinished: boolean;
  /** Whether the input has ended, and the owner was told. */
  readonly isAtEnd: boolean;
  /** Each end's address as the kernel has it now; `undefined` where it has none. Unix sockets have none. */
  readonly local: InetEndpoint | undefined;
  readonly remote: InetEndpoint | undefined;

  /** Tells whose the wire is, once, before anything else. */
  attach(owner: WireOwner): void;

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
   * Hands bytes over, the next ones not before `sent()` was called: within the call where the kernel takes all at
   * once. Behind a failure, what the peer has sent can still be read: Node alone would destroy the socket and lose it
   * (100 KB of 100 KB on Node 20 to 26, where Python reads them behind the error). The owner is to destroy it then.
   */
  write(bytes: Buffer): void;

  /** Ends the output. A wire whose input has ended too goes by itself. */
  end(): void;

  /**
   * Reads once more behind the end of the input: libuv before Node 24 makes an end of a reset that comes right behind
   * data, and a second read brings the reset out. To be called within `ended()`, where the output has ended too (else an
   * empty write does the same); the wire does not go before that read.
   */
  readOnceMore(): void;

  destroy(): void;

  /** The same, with a reset to the peer; for TCP only. */
  resetAndDestroy(): void;

  /** Whether Node holds bytes that it has read and not passed on. */
  hasUnread(): boolean;

  /**
   * Whether the wire stands and the kernel still knows the peer: a TCP connection that was reset, or that both ends have
   * ended, has none on Linux.
   */
  hasPeer(): boolean;

  setNoDelay(on: boolean): void;
  setKeepAlive(keepAlive: KeepAlive): void;
  setTypeOfService(value: number): void;
}

/** A way to have wires of Node. */
export interface Path {
  /** A wire that is to be connected. */
  make(remote: Endpoint): Wire;

  /** The wire of a socket that has not begun to read; the socket is not to be used any more. */
  over(socket: net.Socket): Wire;

  /** Gives a server's connections to `accept`, from the moment that it listens. They send at once (TCP_NODELAY). */
  serve(server: net.Server, accept: (wire: Wire) => void): void;
}

/**
 * The way of this process: the fast one, if this Node has it and the environment does not say
 * `AWAIT_SOCKET_HOT_PATH=off`.
 */
export const path: Path = (mayUseHotPath ? hotPath : undefined) ?? plainPath;
