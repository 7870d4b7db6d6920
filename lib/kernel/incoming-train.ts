import { IPPROTO_UDP } from '../common/constants.ts';
import { copyPart, memoryFor } from '../queues/own-memory.ts';
import type { TakenDatagram } from '../transports/bulk-input.ts';
import { isUnix, type InetEndpoint } from '../transports/endpoint.ts';
import type { DatagramCalls } from './datagram-calls.ts';
import { endpointOf } from './kernel-source.ts';
import type { Outcome } from './koffi.ts';
import {
  CONTROL_LENGTH,
  HEADER_WORDS,
  ITEM_LENGTH,
  ITEM_LEVEL,
  ITEM_TYPE,
  ITEM_VALUE,
  LENGTH,
  NAME_LENGTH,
  NAME_WORDS,
  UDP_GRO,
  VECTOR_WORDS,
} from './message-fields.ts';
import { MessageTable } from './message-table.ts';

/** How many messages one call reads at most. */
export const TRAIN = 32;

/**
 * The room of a message: the longest, and a cache line more, so that the beginnings of all do not compete for the same
 * lines of the processor's cache. Pages that no message reaches take no memory.
 */
const ROOM = 65_536 + 64;

/** Room for ancillary data: options of the socket may bring some before the one that is wanted here (udp_recvmsg). */
const CONTROL_WORDS = 64;

/**
 * The memory of the messages that recvmmsg(2) reads with one call, of which datagrams are taken one by one. A message is
 * several datagrams of one sender where the kernel has put them together (UDP_GRO, udp(7)): then all but the last are as
 * long as the kernel says besides.
 */
export class IncomingTrain {
  readonly #calls: DatagramCalls;
  /** Kept as a whole: to some of its memory only addresses refer, which keep nothing. */
  readonly #table: MessageTable;
  readonly #headers: Int32Array;
  readonly #names: Int32Array;
  readonly #controls: Int32Array;
  readonly #data = Buffer.allocUnsafeSlow(TRAIN * ROOM);
  /** How many messages were read, and which of them has the next datagram. */
  #count = 0;
  #index = 0;
  /** Where the next datagram begins in that message, and how long it is. */
  #offset = 0;
  #length = 0;
  /** The sender that was looked up last, and the kernel's name for it: most datagrams come from where the last one came. */
  #sender: InetEndpoint | undefined;
  readonly #senderName = new Int32Array(NAME_WORDS);

  constructor(calls: DatagramCalls) {
    this.#calls = calls;
    this.#table = new MessageTable(calls, TRAIN, CONTROL_WORDS);
    const { headers, vectors, names, controls } = this.#table;
    this.#headers = headers;
    this.#names = names;
    this.#controls = controls;
    const data = calls.address(this.#data);
    const room = Buffer.from(vectors.buffer);
    for (let index = 0; index < TRAIN; index += 1) {
      this.#renew(index);
      room.writeBigUInt64LE(data + BigInt(index * ROOM), index * VECTOR_WORDS * 4);
      room.writeBigUInt64LE(BigInt(ROOM), index * VECTOR_WORDS * 4 + 8);
    }
  }

  /** Whether all datagrams were taken. */
  get isEmpty(): boolean {
    return this.#index === this.#count;
  }

  /** Reads what the kernel has, as far as there is room; only while it is empty. Gives how many messages that were. */
  read(descriptor: number): Outcome {
    for (let index = 0; index < this.#count; index += 1) this.#renew(index);
    const outcome = this.#calls.recvmmsg(descriptor, this.#table.memory, TRAIN);
    this.#count = Math.max(0, outcome);
    this.#begin(0);
    return outcome;
  }

  /** Who sent the next datagram. */
  get sender(): InetEndpoint {
    const start = this.#index * NAME_WORDS;
    const words = this.#field(NAME_LENGTH) >> 2;
    let isSame = this.#sender !== undefined;
    for (let word = 0; isSame && word < words; word += 1) isSame = this.#names[start + word] === this.#senderName[word];
    if (isSame && this.#sender !== undefined) return this.#sender;
    const name = this.#names.slice(start, start + words);
    const endpoint = endpointOf(Buffer.from(name.buffer));
    this.#senderName.set(name);
    this.#sender = endpoint === undefined || isUnix(endpoint) ? { host: '', port: 0 } : endpoint;
    return this.#sender;
  }

  /** The next datagram, of `size` bytes at most. */
  take(size: number, peek: boolean): TakenDatagram {
    const from = this.sender;
    const length = this.#length;
    return { data: this.takeBytes(size, peek), from, length, truncated: length > size };
  }

  /** Its bytes. */
  takeBytes(size: number, peek: boolean): Buffer {
    const bytes = memoryFor(Math.min(size, this.#length));
    this.takeInto(bytes, peek);
    return bytes;
  }

  /** Its bytes, as many as there is room for; gives how many that were. */
  takeInto(target: Uint8Array, peek: boolean): number {
    const count = Math.min(target.length, this.#length);
    copyPart(this.#data, this.#index * ROOM + this.#offset, count, target, 0);
    if (!peek) this.skip();
    return count;
  }

  /** Drops the next datagram. */
  skip(): void {
    this.#offset += this.#length;
    const rest = this.#field(LENGTH) - this.#offset;
    if (rest > 0) this.#length = Math.min(this.#length, rest);
    else this.#begin(this.#index + 1);
  }

  /** Goes to the first datagram of a message. */
  #begin(index: number): void {
    this.#index = index;
    this.#offset = 0;
    const length = this.#field(LENGTH);
    this.#length = Math.min(length, this.#pieceLength() ?? length);
  }

  /** How long the datagrams of a message are that is several. */
  #pieceLength(): number | undefined {
    const start = this.#index * CONTROL_WORDS;
    const end = start + this.#field(CONTROL_LENGTH) / 4;
    let item = start;
    while (item + ITEM_VALUE < end) {
      const isWanted =
        this.#controls[item + ITEM_LEVEL] === IPPROTO_UDP && this.#controls[item + ITEM_TYPE] === UDP_GRO;
      if (isWanted) return this.#controls[item + ITEM_VALUE];
      // Items begin at multiples of 8 bytes.
      item += Math.ceil(Math.max(ITEM_VALUE * 4, this.#controls[item + ITEM_LENGTH] ?? 0) / 8) * 2;
    }
    return undefined;
  }

  #field(field: number): number {
    return this.#headers[this.#index * HEADER_WORDS + field] ?? 0;
  }

  /** Sets the lengths that the kernel overwrites. */
  #renew(index: number): void {
    this.#headers[index * HEADER_WORDS + NAME_LENGTH] = NAME_WORDS * 4;
    this.#headers[index * HEADER_WORDS + CONTROL_LENGTH] = CONTROL_WORDS * 4;
  }
}
