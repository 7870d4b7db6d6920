import { osError } from '../common/errors.ts';
import { incomplete, overrun } from '../common/read-errors.ts';
import { ByteQueue } from '../queues/byte-queue.ts';
import { isPooled } from '../queues/own-memory.ts';
import type { Search, Searched } from '../queues/search.ts';
import type { FileCore, ReadsAhead } from './file-core.ts';
import { Lock } from './lock.ts';
import { memoryError, ownCopy, ownPart } from './memory.ts';
import { Pieces } from './pieces.ts';

const NOTHING = Buffer.alloc(0);
const NEWLINE = 0x0a;

/** How many bytes a read up to the end asks for at a time. */
const PIECE = 65536;

/**
 * The buffer that a file is read through. Concurrent calls are served one after the other, in their order. The bytes of
 * a call that ends early go back into the buffer. Results share no memory with the buffer (promise 13).
 */
export class ReadBuffer implements ReadsAhead {
  readonly #core: FileCore;
  readonly #size: number;
  readonly #lock = new Lock();
  /** The bytes that were received last; those before `#position` are taken. */
  #chunk: Buffer = NOTHING;
  #position = 0;

  constructor(core: FileCore, size: number) {
    this.#core = core;
    this.#size = size;
    core.reader = this;
  }

  takeReadAhead(): Buffer {
    return this.#give(this.#available);
  }

  /** `size` bytes if they are in the buffer and no call waits; `undefined` otherwise, also for an invalid size. */
  tryRead(size: number): Buffer | undefined {
    if (!(size >= 0 && size <= this.#available) || !this.#isIdle || !Number.isInteger(size)) return undefined;
    return this.#give(size);
  }

  /** Bytes up to a separator if they are in the buffer and no call waits. */
  tryUntil(search: Search): Buffer | undefined {
    return this.#isIdle ? this.#findInChunk(search) : undefined;
  }

  /** A line if it has arrived already and no call waits. */
  tryLine(): Buffer | undefined {
    return this.#isIdle ? this.#lineThatIsThere() : undefined;
  }

  /** The result of {@link read1}, if it has arrived already and no call waits. */
  tryRead1(size: number): Buffer | undefined {
    if (!this.#isIdle) return undefined;
    return this.#available > 0 ? this.#give(Math.min(size, this.#available)) : this.#core.tryRecv(size);
  }

  /** Reads `wanted` bytes; fewer only at the end of the stream. `null` if the socket does not wait and has none. */
  read(wanted: number, signal: AbortSignal | undefined): Promise<Buffer | null> {
    return this.#core.inTurn(this.#lock, signal, 'read of closed file', async () => {
      const pieces = new Pieces();
      try {
        return (await this.#gather(pieces, wanted, signal)) ? pieces.joined() : null;
      } catch (error) {
        this.#giveBack([pieces.joined()]);
        throw error;
      }
    });
  }

  /** Reads exactly `count` bytes. */
  readExactly(count: number, signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#core.inTurn(this.#lock, signal, 'read of closed file', async () => {
      const pieces = new Pieces();
      try {
        while (pieces.length < count) {
          const rest = count - pieces.length;
          if (this.#available === 0 && !(await this.#more(this.#request(rest), signal))) break;
          this.#move(pieces, Math.min(rest, this.#available));
        }
      } catch (error) {
        this.#giveBack([pieces.joined()]);
        throw error;
      }
      if (pieces.length < count) throw incomplete(pieces.joined(), count);
      return pieces.joined();
    });
  }

  /** Reads up to a separator. */
  readUntil(search: Search, signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#core.inTurn(this.#lock, signal, 'read of closed file', async () => {
      const queue = new ByteQueue();
      try {
        return this.#findInChunk(search) ?? (await this.#findInQueue(queue, search, signal));
      } finally {
        this.#giveBack([queue.take(queue.length)]);
      }
    });
  }

  /** Reads the bytes that have arrived, `size` at most; `null` if the socket does not wait and has none. */
  read1(size: number, signal: AbortSignal | undefined): Promise<Buffer | null> {
    const wanted = size < 0 ? this.#size : size;
    return this.#core.inTurn(this.#lock, signal, 'read of closed file', async () => {
      if (this.#available > 0 || wanted === 0) return this.#give(Math.min(wanted, this.#available));
      return await this.#core.recv(wanted, signal);
    });
  }

  /** The bytes in the buffer, which is first filled with one call to the socket if it is empty; they stay. */
  peek(signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#core.inTurn(this.#lock, signal, 'peek of closed file', async () => {
      if (this.#available === 0 && !this.#tryFill(this.#size)) await this.#fill(this.#size, signal);
      return ownCopy(this.#chunk.subarray(this.#position));
    });
  }

  /**
   * Reads until the memory is full, or with one call. The bytes are gathered first, because memory that is detached or
   * shrunk meanwhile must not lose them.
   */
  readInto(memory: Buffer, once: boolean, signal: AbortSignal | undefined): Promise<number | null> {
    const { length } = memory;
    return this.#core.inTurn(this.#lock, signal, 'readinto of closed file', async () => {
      const pieces = new Pieces();
      try {
        const isThere = await this.#gather(pieces, length, signal, once ? 'once' : 'exactly');
        if (memory.length !== length) throw memoryError(once ? 'readinto1' : 'readinto');
        if (!isThere) return null;
      } catch (error) {
        this.#giveBack([pieces.joined()]);
        throw error;
      }
      return pieces.moveInto(memory);
    });
  }

  /** Reads a line, at most `limit` bytes of it. */
  readLine(limit: number, signal: AbortSignal | undefined): Promise<Buffer> {
    return this.#core.inTurn(this.#lock, signal, 'readline of closed file', () => this.#readLine(limit, signal));
  }

  /** Reads lines, until they have more than `enough` bytes. */
  readLines(enough: number, signal: AbortSignal | undefined): Promise<Buffer[]> {
    return this.#core.inTurn(this.#lock, signal, 'readline of closed file', async () => {
      const lines: Buffer[] = [];
      try {
        for (let length = 0; length <= enough;) {
          const line = this.#lineThatIsThere() ?? (await this.#readLine(Infinity, signal));
          if (line.length === 0) break;
          lines.push(line);
          length += line.length;
        }
      } catch (error) {
        this.#giveBack(lines);
        throw error;
      }
      return lines;
    });
  }

  /** Whether a call may be served at once: the file is open, and no call came before. */
  get #isIdle(): boolean {
    return this.#lock.free && !this.#core.isClosed;
  }

  get #available(): number {
    return this.#chunk.length - this.#position;
  }

  /** Takes bytes, which still share the buffer's memory unless they are all of it. */
  #cut(length: number): Buffer {
    const start = this.#position;
    const chunk = this.#chunk;
    this.#position = start + length;
    if (this.#position < chunk.length) return chunk.subarray(start, this.#position);
    this.#hold(NOTHING);
    return start === 0 ? chunk : chunk.subarray(start);
  }

  /** Takes bytes for the caller to keep. */
  #give(length: number): Buffer {
    if (this.#isWhole(length)) return this.#cut(length);
    const bytes = ownPart(this.#chunk, this.#position, length);
    this.#position += length;
    if (this.#position === this.#chunk.length) this.#hold(NOTHING);
    return bytes;
  }

  /** Whether the next `length` bytes are all of the memory that they were received in, which nothing else uses then. */
  #isWhole(length: number): boolean {
    return this.#position === 0 && length === this.#chunk.length && length > 0;
  }

  /** The line in the buffer, or together with bytes that the socket has; without a whole line, nothing is taken. */
  #lineThatIsThere(): Buffer | undefined {
    const end = this.#chunk.indexOf(NEWLINE, this.#position);
    if (end !== -1) return this.#give(end + 1 - this.#position);
    const line = new Pieces();
    try {
      if (this.#gatherLine(line, Infinity)) return line.joined();
    } catch (error) {
      this.#giveBack([line.joined()]);
      throw error;
    }
    this.#giveBack([line.joined()]);
    return undefined;
  }

  #findInChunk(search: Search): Buffer | undefined {
    const rest = this.#chunk.subarray(this.#position);
    const end = foundIn(search, {
      length: rest.length,
      indexOf: (separator, from, stop) => rest.subarray(0, stop).indexOf(separator, from),
    });
    return end === undefined ? undefined : this.#give(end);
  }

  async #findInQueue(queue: ByteQueue, search: Search, signal: AbortSignal | undefined): Promise<Buffer> {
    for (;;) {
      if (this.#available > 0) queue.push(this.#cut(this.#available));
      const end = foundIn(search, queue);
      if (end !== undefined) return queue.take(end);
      if (!(await this.#more(this.#size, signal))) throw incomplete(queue.take(queue.length), null);
    }
  }

  /** Fills the empty buffer; false at the end of the stream. */
  async #more(size: number, signal: AbortSignal | undefined): Promise<boolean> {
    const filled = this.#tryFill(size) || (await this.#fill(size, signal));
    if (filled === null) throw osError('EAGAIN', { syscall: 'recv' });
    return filled;
  }

  /** One call to the socket, for an empty buffer; false at the end of the stream, `null` if it would have to wait. */
  async #fill(size: number, signal: AbortSignal | undefined): Promise<boolean | null> {
    const chunk = await this.#core.recv(size, signal);
    return chunk === null ? null : this.#hold(chunk);
  }

  /** As {@link #fill}, with bytes that the socket has already, and without a promise, which would be slow. */
  #tryFill(size: number): boolean {
    const chunk = this.#core.tryRecv(size);
    return chunk !== undefined && this.#hold(chunk);
  }

  #hold(chunk: Buffer): boolean {
    // A caller that detaches the memory of a result must not detach bytes that are still to be read.
    this.#chunk = isPooled(chunk.length) ? ownCopy(chunk) : chunk;
    this.#position = 0;
    return chunk.length > 0;
  }

  /** Takes `wanted` bytes, or those of one call; false if the socket does not wait and has none. */
  async #gather(
    pieces: Pieces,
    wanted: number,
    signal: AbortSignal | undefined,
    how: 'exactly' | 'ahead' | 'once' = 'ahead',
  ): Promise<boolean> {
    while (pieces.length < wanted) {
      const rest = wanted - pieces.length;
      const request = how === 'ahead' ? this.#request(rest) : Math.max(rest, this.#size);
      if (this.#available === 0 && !this.#tryFill(request)) {
        const filled = await this.#fill(request, signal);
        if (filled === null && pieces.length === 0) return false;
        if (filled !== true) break;
      }
      this.#move(pieces, Math.min(rest, this.#available));
      if (how === 'once') break;
    }
    return true;
  }

  /** Whole buffers are read directly; for the rest, the buffer is filled, and more bytes may come than are wanted. */
  #request(wanted: number): number {
    if (wanted === Infinity) return PIECE;
    return wanted < this.#size ? this.#size : wanted - (wanted % this.#size);
  }

  async #readLine(limit: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const line = new Pieces();
    try {
      while (!this.#gatherLine(line, limit) && (await this.#fill(this.#size, signal)) === true);
    } catch (error) {
      this.#giveBack([line.joined()]);
      throw error;
    }
    return line.joined();
  }

  /** Takes pieces of a line as far as they have arrived; returns whether it is whole, or as long as the limit. */
  #gatherLine(line: Pieces, limit: number): boolean {
    while (line.length < limit) {
      if (this.#available === 0 && !this.#tryFill(this.#size)) return false;
      const room = Math.min(limit - line.length, this.#available);
      const within = this.#chunk.subarray(this.#position, this.#position + room);
      const end = within.indexOf(NEWLINE);
      this.#move(line, end === -1 ? room : end + 1);
      if (end !== -1) return true;
    }
    return true;
  }

  #move(pieces: Pieces, length: number): void {
    const isWhole = this.#isWhole(length);
    pieces.push(this.#cut(length), isWhole);
  }

  /** Puts the bytes that a failed call has taken back in front. */
  #giveBack(pieces: readonly Buffer[]): void {
    const [first] = pieces;
    if (first === undefined || (pieces.length === 1 && first.length === 0)) return;
    const isOne = pieces.length === 1 && this.#available === 0;
    this.#hold(isOne ? first : Buffer.concat([...pieces, this.#chunk.subarray(this.#position)]));
  }
}

/** Where the separator ends that a search has found, if it has found one. */
function foundIn(search: Search, bytes: Searched): number | undefined {
  const end = search.in(bytes);
  if (typeof end === 'object') throw overrun(end.isFound, end.consumed);
  return end;
}
