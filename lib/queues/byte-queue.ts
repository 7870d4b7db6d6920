import { copyPart, memoryFor } from './own-memory.ts';
import { Ring } from './ring.ts';

/**
 * A chunk shorter than this is appended to the one before it. Node makes a Buffer for every read, which takes far more
 * memory than a few bytes: a peer that sends single bytes could otherwise fill memory.
 */
const SMALL = 512;

const NOTHING = Buffer.alloc(0);

/** The size of the blocks that small chunks are gathered in; no other chunk's memory is this long. */
const BLOCK = 4096;

/** From this length on, it pays to use the memory of a chunk again. */
const LARGE = 16_384;

/** The large chunk of which the last bytes were copied last: one for all queues, as it takes so much memory. */
let emptied: { readonly chunk: Buffer; readonly queue: ByteQueue } | undefined;

/**
 * Bytes that wait to be read: chunks go in whole, and any number of bytes comes out, in order. The bytes that come out
 * belong to the caller (promise 13): a chunk is given as it is where all of it is asked for at once. Anything else is a
 * copy, because a part of a chunk would share its memory with bytes that are still in the queue. Every operation takes
 * O(1) and O(bytes copied).
 */
export class ByteQueue {
  /** Most queues have one chunk at most: it needs no ring. */
  #first: Buffer | undefined;
  /** The chunks after the first. */
  #others: Ring<Buffer> | undefined;
  /** How many bytes of the first chunk have been taken. */
  #offset = 0;
  #length = 0;
  /** Where small chunks are gathered; the part from `#filled` on is free. Filled parts are never written again. */
  #block: Buffer | undefined;
  #filled = 0;
  /** Whether the block was made by {@link reserve}: then all bytes are gathered in it, until it is full. */
  #isReserved = false;
  /** Whether the first chunk is only lent: then it is the only one. */
  #isLent = false;

  /** How many bytes the queue has. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes the first chunk has left. */
  get firstLength(): number {
    return (this.#first?.length ?? 0) - this.#offset;
  }

  /** Whether bytes that come are copied into memory that {@link reserve} has made. */
  get isReserved(): boolean {
    return this.#isReserved;
  }

  /** Appends a chunk, which the queue owns and which shares its memory with nothing else. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#isReserved || (chunk.length < SMALL && this.#length > 0)) this.#copyIn(chunk);
    else this.#append(chunk);
    this.#length += chunk.length;
  }

  /**
   * Appends a chunk that stays its owner's: {@link keep} copies the bytes that have not been taken by then.
   */
  lend(chunk: Buffer): void {
    this.#isLent = this.#length === 0 && chunk.length > 0 && !this.#isReserved;
    if (this.#isLent) this.#first = chunk;
    else this.#copyIn(chunk);
    this.#length += chunk.length;
  }

  /** Copies the rest of a lent chunk. */
  keep(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    const lent = this.#first;
    this.#first = undefined;
    if (lent !== undefined) this.#copyIn(this.#offset === 0 ? lent : lent.subarray(this.#offset));
    this.#offset = 0;
  }

  /**
   * Gives back a chunk that this queue was given: true where all of its bytes were copied out of it, and no call has its
   * memory. That is known of the last such chunk alone.
   */
  giveBack(chunk: Buffer): boolean {
    if (emptied?.chunk !== chunk || emptied.queue !== this) return false;
    emptied = undefined;
    return true;
  }

  /**
   * Puts the first `size` bytes into one piece of memory, with room for those that are still to come: `take(size)` then
   * gives it as it is. To join the bytes only when all have come would need twice the memory.
   */
  reserve(size: number): void {
    const room = this.#isReserved ? (this.#block?.length ?? 0) - this.#offset : 0;
    if (size <= this.#length || size <= room) return;
    const block = Buffer.allocUnsafeSlow(size);
    const count = this.takeInto(block);
    this.#isLent = false;
    this.#block = block;
    this.#filled = count;
    this.#isReserved = true;
    if (count > 0) this.#append(block.subarray(0, count));
    this.#length = count;
  }

  /** Where `separator` first lies within the bytes from `from` to `end`; −1 where it does not. */
  indexOf(separator: Buffer, from = 0, end = this.#length): number {
    const stop = Math.min(end, this.#length);
    let { place, start } = this.#chunkAt(from);
    // The bytes before a chunk that a separator may begin with.
    let before: Buffer = NOTHING;
    for (let at = from; at < stop; place += 1) {
      const chunk = this.#at(place) ?? NOTHING;
      const taken = place === 0 ? this.#offset : 0;
      const part = chunk.subarray(taken + at - start, taken + stop - start);
      if (before.length > 0) {
        const found = Buffer.concat([before, part.subarray(0, separator.length - 1)]).indexOf(separator);
        if (found !== -1) return at - before.length + found;
      }
      const found = indexIn(part, separator);
      if (found !== -1) return at + found;
      before = lastBytes(before, part, separator.length - 1);
      at += part.length;
      start = at;
    }
    return -1;
  }

  /** Takes `size` bytes, or all if the queue has fewer. */
  take(size: number): Buffer {
    const first = this.#first;
    const wanted = Math.min(size, this.#length);
    if (first === undefined || wanted === 0) return Buffer.alloc(0);
    if (!this.#isLent && this.#offset === 0 && wanted === first.length && !this.#isShared(first)) {
      this.#drop(wanted, false);
      return first;
    }
    const copy = memoryFor(wanted);
    this.takeInto(copy);
    return copy;
  }

  /**
   * Takes the bytes up to a byte, and that byte, where the first chunk has it after `limit` bytes at most: the short way
   * for lines.
   */
  takeThrough(byte: number, limit: number): Buffer | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const found = first.indexOf(byte, this.#offset);
    return found === -1 || found - this.#offset > limit ? undefined : this.take(found + 1 - this.#offset);
  }

  /** Takes as many bytes as `target` has room for, into it; returns how many. */
  takeInto(target: Uint8Array): number {
    const size = target.length;
    let taken = 0;
    while (this.#first !== undefined && taken < size) {
      const count = Math.min(this.#first.length - this.#offset, size - taken);
      copyPart(this.#first, this.#offset, count, target, taken);
      this.#drop(count, true);
      taken += count;
    }
    return taken;
  }

  /** Copies the first bytes, as many as `target` has room for, into it; they stay. Returns how many. */
  peekInto(target: Uint8Array): number {
    let copied = 0;
    let offset = this.#offset;
    for (let place = 0; copied < target.length; place += 1) {
      const chunk = this.#at(place);
      if (chunk === undefined) break;
      const wanted = Math.min(chunk.length - offset, target.length - copied);
      copyPart(chunk, offset, wanted, target, copied);
      copied += wanted;
      offset = 0;
    }
    return copied;
  }

  /** A copy of the first `size` bytes, or of all if the queue has fewer; they stay. */
  peek(size: number): Buffer {
    const copy = memoryFor(Math.min(size, this.#length));
    this.peekInto(copy);
    return copy;
  }

  #append(chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else (this.#others ??= new Ring()).push(chunk);
  }

  /** A chunk by its place. */
  #at(place: number): Buffer | undefined {
    return place === 0 ? this.#first : this.#others?.at(place - 1);
  }

  /** Drops bytes of the first chunk, and the chunk with its last byte. */
  #drop(count: number, isCopied: boolean): void {
    this.#length -= count;
    this.#offset += count;
    const first = this.#first;
    if (this.#offset !== first?.length) return;
    if (isCopied && !this.#isLent && first.length >= LARGE) emptied = { chunk: first, queue: this };
    this.#first = this.#others?.shift();
    this.#offset = 0;
    if (this.#isReserved && this.#length === 0) this.#leaveBlock();
  }

  /** How many chunks the queue has. */
  get #count(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.length ?? 0);
  }

  /** Where the chunk is that has the byte at `position`: its place, and the position of its first byte. */
  #chunkAt(position: number): { place: number; start: number } {
    if (position < this.firstLength) return { place: 0, start: 0 };
    // From the end: a search goes on where an earlier one has stopped, and that is near the last bytes.
    let place = this.#count;
    let start = this.#length;
    while (place > 1 && start > position) {
      place -= 1;
      start -= this.#at(place)?.length ?? 0;
    }
    return { place, start };
  }

  /** Whether a chunk shares its memory with other bytes, or with room for them. */
  #isShared(chunk: Buffer): boolean {
    return (this.#isReserved && chunk.buffer === this.#block?.buffer) || isPartOfBlock(chunk);
  }

  #leaveBlock(): void {
    this.#block = undefined;
    this.#isReserved = false;
  }

  #copyIn(chunk: Buffer): void {
    if (this.#isReserved) return this.#fill(chunk);
    if (chunk.length < SMALL) return this.#gather(chunk);
    const copy = Buffer.allocUnsafeSlow(chunk.length);
    copy.set(chunk);
    this.#append(copy);
  }

  /** Copies bytes into the reserved memory as far as it has room, and keeps the others apart. */
  #fill(chunk: Buffer): void {
    const room = (this.#block?.length ?? 0) - this.#filled;
    this.#gather(chunk.subarray(0, room));
    if (chunk.length < room) return;
    this.#leaveBlock();
    if (chunk.length > room) this.#copyIn(chunk.subarray(room));
  }

  #gather(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#block === undefined || this.#filled + chunk.length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#filled = 0;
    }
    const start = this.#filled;
    const end = start + chunk.length;
    this.#block.set(chunk, start);
    this.#filled = end;
    const last = this.#others?.last ?? this.#first;
    if (last?.buffer !== this.#block.buffer || last.byteOffset + last.length !== start) {
      this.#append(this.#block.subarray(start, end));
    } else if (last === this.#first) {
      this.#first = this.#block.subarray(last.byteOffset, end);
    } else {
      this.#others?.replaceLast(this.#block.subarray(last.byteOffset, end));
    }
  }
}

function indexIn(bytes: Buffer, separator: Buffer): number {
  // Node finds a single byte faster by its value.
  return separator.length === 1 ? bytes.indexOf(separator[0] ?? 0) : bytes.indexOf(separator);
}

/** The last bytes of two pieces that follow each other, `count` at most. */
function lastBytes(one: Buffer, other: Buffer, count: number): Buffer {
  if (other.length >= count) return other.subarray(other.length - count);
  return Buffer.concat([one, other]).subarray(-count);
}

/** Whether a chunk shares the memory of a block with others. */
function isPartOfBlock(chunk: Buffer): boolean {
  return chunk.buffer.byteLength === BLOCK && chunk.length < BLOCK;
}
