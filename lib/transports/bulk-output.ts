import type { BulkBackend } from './bulk-input.ts';
import type { Sent } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** A datagram on its way. */
export interface Outgoing {
  /** Where it goes; to the peer where that is left out. */
  readonly to: InetEndpoint | undefined;
  /** Called once: the kernel has it, or refuses it. */
  settle(failure: Failure | undefined): void;
}

/** Hands the datagrams of one socket to the kernel, many with one call. */
export interface BulkOutput {
  /** Whether datagrams are in the queue. */
  readonly hasQueued: boolean;
  /** Puts a datagram into the queue, and copies it. Where the queue is full, the kernel gets what is in it first. */
  push(bytes: Uint8Array, outgoing: Outgoing): void;
  /** Gives the kernel what is in the queue, within the call; gives how many that were. */
  flush(): number;
}

/** Sends a datagram by itself; gives `undefined` where `sent` is called later with the outcome. */
export interface SingleSender {
  send(bytes: Buffer, to: InetEndpoint | undefined, sent: Sent): true | Failure | undefined;
}

/**
 * Makes the output of a socket; `undefined` where this system cannot.
 *
 * @param single - sends what the kernel does not take at once, or not together.
 */
export type BulkOutputBackend = (family: 4 | 6, descriptor: number, single: SingleSender) => BulkOutput | undefined;

/** The longest datagram that goes through a queue: to copy a longer one would take as long as the call that it saves. */
export const LONGEST_QUEUED = 8192;

/** How datagrams come and go where they are many. */
export interface BulkBackends {
  readonly input?: BulkBackend;
  readonly output?: BulkOutputBackend;
}
