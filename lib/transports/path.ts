import type net from 'node:net';
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

/** Who hands bytes over. */
export interface Sender {
  /** Is told that the kernel has them, or what failed. */
  sent(error?: Error | null): void;
}

/** The way that bytes take between Node's socket and a connection. */
export interface Path {
  /** Has what comes in given to `receiver`, from the socket's `resume()` on. */
  read(socket: net.Socket, receiver: Receiver): void;

  /**
   * Hands bytes over, the next ones not before `sent()` was called: within the call where the kernel takes all at
   * once. Behind a failure, what the peer has sent can still be read: Node alone would destroy the socket and lose it
   * (100 KB of 100 KB on Node 20 to 26, where Python reads them behind the error). The receiver of the failure is to
   * destroy it then.
   */
  write(socket: net.Socket, bytes: Buffer, sender: Sender): void;
}

/**
 * The way of this process: the fast one, if this Node has it and the environment does not say
 * `AWAIT_SOCKET_HOT_PATH=off`.
 */
export const path: Path = (mayUseHotPath ? hotPath : undefined) ?? plainPath;
