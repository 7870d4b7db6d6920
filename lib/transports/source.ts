import type { WaiterList } from '../waiting/waiters.ts';
import type { Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** How bytes are to be taken. */
export interface TakeFlags {
  /** All that were asked for, or the end (MSG_WAITALL); datagrams take no notice of it. */
  readonly all: boolean;
  /** Without taking them away (MSG_PEEK). */
  readonly peek: boolean;
  /**
   * By a call without a time limit: only such a call sees the end that `shutdown(SHUT_RD)` makes of datagrams, on
   * Linux.
   */
  readonly unlimited: boolean;
}

/** Bytes, with their sender's address. */
export interface Received {
  readonly data: Buffer;
  /** `undefined` on a connection, where it is known. */
  readonly from: Endpoint | undefined;
  /** Whether the datagram was longer, and the rest is lost (MSG_TRUNC). */
  readonly truncated: boolean;
}

/**
 * What can be received from: each operation gives its result, or a failure, or `undefined` where it has to wait among
 * the readers.
 */
export interface Source {
  readonly readers: WaiterList;
  /** Up to `size` bytes; none at the end of a stream. */
  read(size: number, flags: TakeFlags): Buffer | Failure | undefined;
  /** As many bytes as `target` has room for, into it; 0 at the end of a stream. */
  readInto(target: Uint8Array, flags: TakeFlags): number | Failure | undefined;
  /** Up to `size` bytes, and whose they are. */
  receive(size: number, flags: TakeFlags): Received | Failure | undefined;
}
