import { AF_INET, AF_INET6, IPPROTO_UDP } from '../common/constants.ts';
import { isSameInet, type InetEndpoint } from '../transports/endpoint.ts';
import type { DatagramCalls } from './datagram-calls.ts';
import type { Outcome } from './koffi.ts';
import {
  CONTROL_LENGTH,
  HEADER_WORDS,
  ITEM_LENGTH,
  ITEM_LEVEL,
  ITEM_TYPE,
  ITEM_VALUE,
  NAME_LENGTH,
  NAME_WORDS,
  VECTOR_WORDS,
} from './message-fields.ts';
import { MessageTable } from './message-table.ts';
import { inetName } from './socket-name.ts';

/** How many messages there is room for, and how many bytes they have together. */
const MESSAGES = 64;
const ROOM = 65_536;

/** How many datagrams the kernel makes of one message at most (UDP_MAX_SEGMENTS of older kernels). */
const TOGETHER = 64;

/** The bytes of such a message, which with its headers is no longer than an IP packet. */
const LONGEST_TOGETHER = 65_000;

/**
 * The longest datagram that goes together with others. The kernel takes none that needs several packets; every path takes
 * the 1,280 bytes that IPv6 demands (RFC 8200, section 5), of which 48 are headers.
 */
const LONGEST_PIECE = 1232;

/** The ancillary item that says how long the datagrams of a message are, a C `uint16_t` (linux/udp.h, udp(7)). */
const UDP_SEGMENT = 103;
const CONTROL_WORDS = 6;
const CONTROL_USED = ITEM_VALUE * 4 + 2;

/** Datagrams that go as one message: all but the last have the same length, and one destination. */
export interface OutgoingMessage {
  readonly to: InetEndpoint | undefined;
  /** The number of the first datagram, and how many they are. */
  first: number;
  count: number;
  /** Where the bytes begin, and how many they are. */
  start: number;
  bytes: number;
  /** The length of each datagram; the last may be shorter. */
  readonly piece: number;
}

/** The memory of the messages that sendmmsg(2) sends with one call. */
export class OutgoingTrain {
  /** Whether several datagrams may be one message. */
  mayJoin = true;
  readonly #calls: DatagramCalls;
  readonly #family: number;
  /** Kept as a whole: to some of its memory only addresses refer, which keep nothing. */
  readonly #table: MessageTable;
  readonly #headers: Int32Array;
  readonly #vectors: Int32Array;
  readonly #names: Int32Array;
  readonly #controls: Int32Array;
  readonly #data = Buffer.allocUnsafeSlow(ROOM);
  readonly #start: number;
  readonly #messages: OutgoingMessage[] = [];
  #bytes = 0;
  #datagrams = 0;

  constructor(calls: DatagramCalls, family: 4 | 6) {
    this.#calls = calls;
    this.#family = family === 4 ? AF_INET : AF_INET6;
    this.#start = Number(calls.address(this.#data));
    this.#table = new MessageTable(calls, MESSAGES, CONTROL_WORDS);
    const { headers, vectors, names, controls } = this.#table;
    this.#headers = headers;
    this.#vectors = vectors;
    this.#names = names;
    this.#controls = controls;
    for (let index = 0; index < MESSAGES; index += 1) {
      this.#controls[index * CONTROL_WORDS + ITEM_LENGTH] = CONTROL_USED;
      this.#controls[index * CONTROL_WORDS + ITEM_LEVEL] = IPPROTO_UDP;
      this.#controls[index * CONTROL_WORDS + ITEM_TYPE] = UDP_SEGMENT;
    }
  }

  /** The messages that wait, the oldest first. */
  get messages(): readonly OutgoingMessage[] {
    return this.#messages;
  }

  /** Appends a copy of a datagram; false where there is no room. */
  push(bytes: Uint8Array, to: InetEndpoint | undefined): boolean {
    const { length } = bytes;
    if (this.#bytes + length > ROOM) return false;
    const last = this.#messages.at(-1);
    const joins = last !== undefined && this.#joins(last, length, to);
    if (!joins && this.#messages.length === MESSAGES) return false;
    this.#data.set(bytes, this.#bytes);
    if (joins) {
      last.count += 1;
      last.bytes += length;
    } else {
      this.#messages.push({ to, first: this.#datagrams, count: 1, start: this.#bytes, bytes: length, piece: length });
    }
    this.#bytes += length;
    this.#datagrams += 1;
    return true;
  }

  /** Sends the messages from one on, `count` of them at most; gives how many the kernel has taken. */
  send(descriptor: number, from: number, count: number): Outcome {
    const end = Math.min(from + count, this.#messages.length);
    let named: OutgoingMessage | undefined;
    let name: Buffer | undefined;
    for (let index = from; index < end; index += 1) {
      const message = this.#messages[index];
      if (message === undefined) break;
      if (message.to !== undefined && !isSame(message.to, named?.to)) {
        named = message;
        name = inetName(this.#family, message.to);
      }
      this.#fill(index - from, message, message.to === undefined ? undefined : name);
    }
    return this.#calls.sendmmsg(descriptor, this.#table.memory, end - from);
  }

  /** The bytes of a message's first datagram; they change when the next one is appended. */
  bytesOf({ start, bytes, piece }: OutgoingMessage): Buffer {
    return this.#data.subarray(start, start + Math.min(piece, bytes));
  }

  /** Takes the first datagram out of a message. */
  dropFirst(message: OutgoingMessage): void {
    const length = Math.min(message.piece, message.bytes);
    message.first += 1;
    message.count -= 1;
    message.start += length;
    message.bytes -= length;
  }

  /** Forgets all messages. */
  clear(): void {
    this.#messages.length = 0;
    this.#bytes = 0;
    this.#datagrams = 0;
  }

  #joins({ to, count, bytes, piece }: OutgoingMessage, length: number, next: InetEndpoint | undefined): boolean {
    if (!this.mayJoin || count === TOGETHER || length === 0 || length > piece || piece > LONGEST_PIECE) return false;
    // Only the last datagram may be shorter.
    return bytes === count * piece && bytes + length <= LONGEST_TOGETHER && isSame(to, next);
  }

  #fill(index: number, { start, bytes, count, piece }: OutgoingMessage, name: Buffer | undefined): void {
    const header = index * HEADER_WORDS;
    if (name !== undefined) name.copy(Buffer.from(this.#names.buffer), index * NAME_WORDS * 4);
    this.#headers[header + NAME_LENGTH] = name?.length ?? 0;
    this.#headers[header + CONTROL_LENGTH] = count > 1 ? CONTROL_WORDS * 4 : 0;
    this.#controls[index * CONTROL_WORDS + ITEM_VALUE] = piece;
    // An address of a program is below 2^53 on all these processors, so a number holds it.
    const address = this.#start + start;
    const vector = index * VECTOR_WORDS;
    this.#vectors[vector] = address;
    this.#vectors[vector + 1] = Math.floor(address / 2 ** 32);
    this.#vectors[vector + 2] = bytes;
  }
}

function isSame(one: InetEndpoint | undefined, other: InetEndpoint | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && isSameInet(one, other));
}
