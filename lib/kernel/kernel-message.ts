import type { ByteQueue } from '../queues/byte-queue.ts';
import type { Stream } from '../transports/stream.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import type { MessageFacts } from './socket-calls.ts';

/** What is asked of recvmsg(2). */
export interface Wanted {
  /** How many bytes at most. */
  readonly size: number;
  /** Room for ancillary data, in bytes. */
  readonly controlSize: number;
  readonly flags: number;
}

/** A message that was received. */
export interface KernelMessage extends MessageFacts {
  readonly data: Buffer;
  readonly control: Buffer;
}

/** What was read of a descriptor and not received yet; the sockets of one description share it. */
export interface ReadAhead {
  readonly bytes: ByteQueue;
  readonly messages: KernelMessage[];
  /** The connections that Node had accepted before the kernel kept them. */
  readonly accepted: Stream[];
  /** The calls that wait for it, of each of these sockets. */
  readonly readers: Set<WaiterList>;
}

/** What is known of bytes that were read ahead. */
export const NO_FACTS = { flags: 0, controlLength: 0, from: Buffer.alloc(0), control: Buffer.alloc(0) } as const;

/** The end of the input. */
export function endOfInput(): KernelMessage {
  return { ...NO_FACTS, data: Buffer.alloc(0) };
}
