import type { DatagramCalls } from './datagram-calls.ts';
import { CONTROL, HEADER_WORDS, NAME, NAME_WORDS, VECTOR, VECTOR_COUNT, VECTOR_WORDS } from './message-fields.ts';

/**
 * The headers of many messages, as recvmmsg(2) and sendmmsg(2) take them, and the memory that they refer to: a vector of one
 * piece, a name and ancillary data for each. Its owner fills in the rest.
 */
export class MessageTable {
  readonly headers: Int32Array;
  /** The headers as the calls take them. */
  readonly memory: Buffer;
  readonly vectors: Int32Array;
  readonly names: Int32Array;
  readonly controls: Int32Array;

  /**
   * @param count - how many messages there is room for.
   * @param controlWords - the room for the ancillary data of each, in 32-bit words.
   */
  constructor(calls: DatagramCalls, count: number, controlWords: number) {
    this.headers = new Int32Array(count * HEADER_WORDS);
    this.memory = Buffer.from(this.headers.buffer);
    this.vectors = new Int32Array(count * VECTOR_WORDS);
    this.names = new Int32Array(count * NAME_WORDS);
    this.controls = new Int32Array(count * controlWords);
    const lend = (field: number, part: Int32Array, words: number): void => {
      const start = calls.address(Buffer.from(part.buffer));
      for (let index = 0; index < count; index += 1) {
        this.memory.writeBigUInt64LE(start + BigInt(index * words * 4), (index * HEADER_WORDS + field) * 4);
      }
    };
    lend(VECTOR, this.vectors, VECTOR_WORDS);
    lend(NAME, this.names, NAME_WORDS);
    lend(CONTROL, this.controls, controlWords);
    for (let index = 0; index < count; index += 1) this.headers[index * HEADER_WORDS + VECTOR_COUNT] = 1;
  }
}
