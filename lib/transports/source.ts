import type { Searched } from '../queues/search.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import type { Endpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** How to take bytes. */
export interface TakeFlags {
  /** Waits for all bytes that were asked for, or the end (MSG_WAITALL); for datagrams it has no effect. */
  readonly all: boolean;
  /** Leaves the bytes in the queue (MSG_PEEK). */
  readonly peek: boolean;
  /**
   * The call has no time limit: on Linux only such a call sees the end that `shutdown(SHUT_RD)` makes for datagrams.
   */
  readonly unlimited: boolean;
}

/** Bytes, with their sender's address. */
export interface Received {
  readonly data: Buffer;
  /** `undefined` on a connection, whose peer is the sender. */
  readonly from: Endpoint | undefined;
  /** Whether the datagram was longer, and the rest was dropped (MSG_TRUNC). */
  readonly truncated: boolean;
}

/**
 * What calls receive from. Each operation returns its result, or a failure, or `undefined` where the call has to wait
 * among the readers.
 */
export interface Source {
  readonly readers: WaiterList;
  /** Up to `size` bytes; none at the end of a stream. */
  read(size: number, flags: TakeFlags): Buffer | Failure | undefined;
  /** As many bytes as `target` has room for, into it; 0 at the end of a stream. */
  readInto(target: Uint8Array, flags: TakeFlags): number | Failure | undefined;
  /** Up to `size` bytes, and their sender. */
  receive(size: number, flags: TakeFlags): Received | Failure | undefined;
}

/** What answers the calls that waited for a transport when its descriptor was handed over. */
export interface Successor extends Source, ByteSource {
  /** True once the connection is made that was under way. */
  connected(): true | Failure | undefined;
  /** Sends bytes, to an address or to the peer; of a stream's as many as there is room for. */
  write(bytes: Buffer, to?: Endpoint): number | Failure | undefined;
}

/** What calls receive from that want all of their bytes or none, such as a line. */
export interface ByteSource {
  readonly readers: WaiterList;
  /** The bytes that have come and no call has received. */
  readonly unread: Searched;
  /** Whether another socket may take some of them between two attempts of a call. */
  readonly isShared: boolean;
  /** Prepares for a call that waits for `size` bytes, more than have come. */
  expect(size: number): void;
  /**
   * Gets more bytes: true where some have come within the call, `undefined` where the call has to wait, false where none
   * will come.
   */
  more(): boolean | Failure | undefined;
  /** Takes `size` bytes of those that have come. */
  takeOut(size: number): Buffer;
  /** Takes the bytes up to a byte and that byte, if they lie together and the limit allows it. */
  takeThrough(byte: number, limit: number): Buffer | undefined;
}

/** The directions that `shutdown()` has ended. */
export interface Shut {
  readonly input: boolean;
  readonly output: boolean;
}
