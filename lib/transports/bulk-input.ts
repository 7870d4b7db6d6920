import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** A datagram that was taken, cut off at the size that was asked for. */
export interface TakenDatagram {
  readonly data: Buffer;
  readonly from: InetEndpoint;
  /** How long it was before it was cut off. */
  readonly length: number;
  readonly truncated: boolean;
}

/** Reads the datagrams of a socket out of the kernel, many with one call, in place of Node's handle. */
export interface BulkInput {
  /** Whether a datagram can be taken, as far as is known. */
  readonly isReadable: boolean;
  /**
   * Finds the next datagram: true where one can be taken, `undefined` where the kernel has none, which is then watched.
   *
   * @param only - the only sender whose datagrams are taken; those of others are dropped.
   */
  find(only: InetEndpoint | undefined): true | Failure | undefined;
  /** The datagram that was found, of `size` bytes at most. */
  take(size: number, peek: boolean): TakenDatagram;
  /** Its bytes. */
  takeBytes(size: number, peek: boolean): Buffer;
  /** Its bytes, as many as there is room for; gives how many that were. */
  takeInto(target: Uint8Array, peek: boolean): number;
  /** Takes all datagrams that others could not read in the kernel as they were sent; from now on they can read the rest. */
  share(): TakenDatagram[];
  /** Closes its own descriptor; the socket's stays open. */
  close(): void;
}

/** What a bulk input tells its socket. */
export interface BulkListener {
  /** Whether a call waits for a datagram. */
  readonly isAwaited: boolean;
  /** A datagram has come. */
  onReadable(): void;
  onError(failure: Failure): void;
}

/**
 * Begins to read a descriptor in bulk; `undefined` where this system cannot.
 *
 * @param isShared - whether others may read the descriptor, too.
 */
export type BulkBackend = (descriptor: number, isShared: boolean, listener: BulkListener) => BulkInput | undefined;
