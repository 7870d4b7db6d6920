/**
 * The memory of `struct msghdr` and of its one `struct iovec`, by which sendmsg(2) and recvmsg(2) are told where a
 * message lies. The layout is that of 64-bit Linux, whose lowest byte comes first; padding is zero.
 */

/** Where the fields are: pointer and length of the name, of the iovec, of the ancillary data, and the flags. */
const NAME = 0;
const NAME_LENGTH = 8;
const VECTOR = 16;
const VECTOR_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const FLAGS = 48;
const HEADER_SIZE = 56;
const VECTOR_SIZE = 16;

/** One header for all calls of a thread, as none of them waits. */
export class MessageHeader {
  readonly #addressOf: (memory: Buffer) => bigint;
  readonly #header = Buffer.alloc(HEADER_SIZE);
  readonly #vector = Buffer.alloc(VECTOR_SIZE);
  /** Keeps lent memory from being collected: an address inside a structure does not. */
  readonly #lent = new Set<Buffer | undefined>();

  constructor(addressOf: (memory: Buffer) => bigint) {
    this.#addressOf = addressOf;
    this.#header.writeBigUInt64LE(addressOf(this.#vector), VECTOR);
    this.#header.writeBigUInt64LE(1n, VECTOR_COUNT);
  }

  /** Lends memory to the kernel for as long as `call` runs, and returns what it returns. */
  lend(name: Buffer | undefined, data: Buffer, control: Buffer | undefined, call: (header: Buffer) => number): number {
    const header = this.#header;
    this.#lent.add(name).add(data).add(control);
    header.writeBigUInt64LE(this.#address(name), NAME);
    header.writeUInt32LE(name?.length ?? 0, NAME_LENGTH);
    this.#vector.writeBigUInt64LE(this.#address(data), 0);
    this.#vector.writeBigUInt64LE(BigInt(data.length), 8);
    header.writeBigUInt64LE(this.#address(control), CONTROL);
    header.writeBigUInt64LE(BigInt(control?.length ?? 0), CONTROL_LENGTH);
    header.writeInt32LE(0, FLAGS);
    try {
      return call(header);
    } finally {
      this.#lent.clear();
    }
  }

  /** The length of the name that the kernel has written. */
  get nameLength(): number {
    return this.#header.readUInt32LE(NAME_LENGTH);
  }

  /** The length of the ancillary data that the kernel has written. */
  get controlLength(): number {
    return Number(this.#header.readBigUInt64LE(CONTROL_LENGTH));
  }

  /** The flags that the kernel has written. */
  get flags(): number {
    return this.#header.readInt32LE(FLAGS);
  }

  #address(memory: Buffer | undefined): bigint {
    return memory === undefined || memory.length === 0 ? 0n : this.#addressOf(memory);
  }
}
