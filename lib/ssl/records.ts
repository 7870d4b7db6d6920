/**
 * TLS sends its bytes in records: a type, a version of two bytes and a length of two bytes, then as many bytes as the
 * length says (RFC 8446, section 5.1).
 */

export const RECORD_HEADER = 5;

/** The types of records (RFC 8446, appendix B.1). */
export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

/** The most bytes that a record of TLS 1.2 may have after its header (RFC 5246, section 6.2.3); TLS 1.3 allows fewer. */
const MAX_FRAGMENT = 16_384 + 2048;

/** How many bytes of memory the first bytes that are kept get; it doubles as more come. */
const SMALLEST_MEMORY = 512;

/** Memory for a record of any size. Larger parts of records are kept in it, and then completed without another copy. */
const RECORD_MEMORY = RECORD_HEADER + MAX_FRAGMENT;

/** So many bytes are worth such memory. */
const LARGE_PART = RECORD_MEMORY / 4;

/**
 * Such memory that is not in use: a receive of 64 KiB/s would otherwise allocate some for each read, and V8 collects
 * garbage by how much is allocated outside of its heap.
 */
const spare: Buffer[] = [];
const MOST_SPARE = 16;

/**
 * Splits what a peer sends into TLS records, which OpenSSL can then be fed one by one: text that follows the last record
 * in the same segment stays here.
 *
 * What is no TLS at all is given as it comes. OpenSSL says best what it is, and the length in its header means nothing:
 * `GET /` would be a record of 8 KiB that never becomes whole.
 *
 * Memory: at most four times what was pushed and not taken yet. One who takes all records before each push leaves less
 * than one record here.
 */
export class RecordSplitter {
  /** The bytes before those of the chunk, in memory of our own from `#start` to `#end`. */
  #kept: Buffer | undefined;
  /** Memory whose last bytes were taken. */
  #lent: Buffer | undefined;
  #start = 0;
  #end = 0;
  /** What was pushed last, of which the part from `#offset` on is still to be taken. It stays its owner's. */
  #chunk: Buffer | undefined;
  #offset = 0;
  #isTls = true;

  /** How many bytes have not been taken yet. */
  get length(): number {
    return this.#end - this.#start + this.#chunkLength;
  }

  /** Whether all that was seen so far can be TLS. */
  get isTls(): boolean {
    return this.#isTls;
  }

  /**
   * How many bytes are to be pushed at least before {@link next} can give a record: those that its header lacks, or the
   * rest of it. Infinite where the bytes are no TLS.
   */
  get missing(): number {
    const size = this.#isTls ? this.#recordSize() : 'not TLS';
    return size === 'not TLS' ? Infinity : (size ?? RECORD_HEADER) - this.length;
  }

  /** Puts bytes at the end. They stay their owner's, who may reuse the memory after a call of {@link keep}. */
  push(bytes: Buffer): void {
    this.keep();
    this.#chunk = bytes;
    this.#offset = 0;
  }

  /** Copies what has not been taken of the bytes that were pushed last. */
  keep(): void {
    this.#gather(this.#chunkLength);
    this.#chunk = undefined;
    this.#offset = 0;
  }

  /**
   * Takes the next whole record, header included; `undefined` while it is incomplete. Where the bytes are no TLS, all of
   * them are taken. The memory is lent: it is good until the next call.
   */
  next(): Buffer | undefined {
    this.#putBack();
    if (!this.#isTls) return this.#takeSome();
    const keptLength = this.#end - this.#start;
    if (keptLength > 0) this.#gather(Math.min(RECORD_HEADER - keptLength, this.#chunkLength));
    const size = this.#recordSize();
    if (size === undefined) return undefined;
    if (size === 'not TLS') {
      this.#isTls = false;
      return this.#takeSome();
    }
    if (this.#kept !== undefined) {
      this.#gather(Math.min(size - (this.#end - this.#start), this.#chunkLength));
      return this.#end - this.#start < size ? undefined : this.#takeKept(size);
    }
    return this.#chunkLength < size ? undefined : this.#takeChunk(size);
  }

  /** Takes all bytes, whatever they are, in memory of their own. */
  takeRest(): Buffer {
    const rest = Buffer.allocUnsafeSlow(this.length);
    const kept = this.#takeKept(this.#end - this.#start);
    rest.set(kept);
    rest.set(this.#takeChunk(this.#chunkLength), kept.length);
    return rest;
  }

  get #chunkLength(): number {
    return this.#chunk === undefined ? 0 : this.#chunk.length - this.#offset;
  }

  /** The size of the record that begins with the first byte; `undefined` where its header is incomplete. */
  #recordSize(): number | 'not TLS' | undefined {
    const [bytes, at, length] =
      this.#kept === undefined
        ? [this.#chunk, this.#offset, this.#chunkLength]
        : [this.#kept, this.#start, this.#end - this.#start];
    if (bytes === undefined || length === 0) return undefined;
    const type = bytes[at] ?? 0;
    if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT) return 'not TLS';
    if (length > 1 && bytes[at + 1] !== 3) return 'not TLS';
    if (length < RECORD_HEADER) return undefined;
    const fragment = bytes.readUInt16BE(at + 3);
    return fragment > MAX_FRAGMENT ? 'not TLS' : RECORD_HEADER + fragment;
  }

  /** Moves the first bytes of the chunk to those that are kept. */
  #gather(count: number): void {
    if (this.#chunk === undefined || count <= 0) return;
    const memory = this.#room(count);
    this.#chunk.copy(memory, this.#end, this.#offset, this.#offset + count);
    this.#end += count;
    this.#offset += count;
  }

  /** Memory for the kept bytes and `count` more after them. */
  #room(count: number): Buffer {
    const needed = this.#end - this.#start + count;
    if (this.#kept !== undefined && this.#end + count <= this.#kept.length) return this.#kept;
    const memory = memoryFor(needed, 2 * (this.#end - this.#start));
    this.#kept?.copy(memory, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#kept = memory;
    return memory;
  }

  #putBack(): void {
    const lent = this.#lent;
    this.#lent = undefined;
    if (lent?.length === RECORD_MEMORY && spare.length < MOST_SPARE) spare.push(lent);
  }

  #takeSome(): Buffer | undefined {
    if (this.#kept !== undefined) return this.#takeKept(this.#end - this.#start);
    return this.#chunkLength === 0 ? undefined : this.#takeChunk(this.#chunkLength);
  }

  #takeKept(count: number): Buffer {
    if (this.#kept === undefined) return Buffer.alloc(0);
    const taken = this.#kept.subarray(this.#start, this.#start + count);
    this.#start += count;
    if (this.#start === this.#end) {
      // An idle connection holds no memory.
      this.#lent = this.#kept;
      this.#kept = undefined;
      this.#start = 0;
      this.#end = 0;
    }
    return taken;
  }

  #takeChunk(count: number): Buffer {
    if (this.#chunk === undefined) return Buffer.alloc(0);
    const taken = this.#chunk.subarray(this.#offset, this.#offset + count);
    this.#offset += count;
    if (this.#offset === this.#chunk.length) {
      this.#chunk = undefined;
      this.#offset = 0;
    }
    return taken;
  }
}

/** Memory for `needed` bytes, and better for `wished` ones. */
function memoryFor(needed: number, wished: number): Buffer {
  if (needed < LARGE_PART || needed > RECORD_MEMORY) {
    return Buffer.allocUnsafeSlow(Math.max(SMALLEST_MEMORY, needed, wished));
  }
  return spare.pop() ?? Buffer.allocUnsafeSlow(RECORD_MEMORY);
}
