import { errnoOf } from '../../lib/common/errno.ts';
import { OSError, TimeoutError } from '../../lib/common/errors.ts';
import type { FileSource } from '../../lib/files/makefile.ts';
import { WaitAborted, WaiterList } from '../../lib/waiting/waiters.ts';
import type { WaitOptions } from '../../lib/common/call-options.ts';

/** The outcome of a receive: bytes, or that it would have to wait, or that it timed out. */
export type Arrival = Buffer | 'block' | 'timeout';

const error = (kind: 'block' | 'timeout'): OSError =>
  kind === 'block' ? new OSError(errnoOf('EAGAIN')) : new TimeoutError(null, 'timed out', { code: 'ETIMEDOUT' });

/** A socket to test files with. A test gives it what it receives, in advance or by push(); it keeps what it sends. */
export class MemorySource implements FileSource {
  readonly isClosed = false;
  /** How many files have it open. */
  files = 0;
  /** What was sent: one Buffer for each call. */
  readonly sent: Buffer[] = [];
  /** How many bytes each receive asked for. */
  readonly requests: number[] = [];
  /** How many receives may wait. */
  waits = 0;
  /** How many bytes each of the next sends takes, or why it takes none; later sends take all. */
  readonly takes: (number | 'block' | 'timeout')[] = [];
  readonly #arrivals: Arrival[];
  readonly #answersAtOnce: boolean;
  readonly #readers = new WaiterList();
  readonly #writers = new WaiterList();
  #ended: boolean;
  #held = false;

  /** Without `answersAtOnce` every receive is one that waits. */
  constructor(arrivals: readonly Arrival[] = [], { ended = true, answersAtOnce = true } = {}) {
    this.#answersAtOnce = answersAtOnce;
    this.#arrivals = [...arrivals];
    this.#ended = ended;
  }

  /** Bytes come in. */
  push(...arrivals: readonly Arrival[]): void {
    this.#arrivals.push(...arrivals);
    this.#readers.serve();
  }

  /** Ends the stream after the bytes that it has. */
  end(): void {
    this.#ended = true;
    this.#readers.serve();
  }

  /** Lets sends wait until they are {@link release}d. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#writers.serve();
  }

  async recv(bufsize: number, _flags: number, options: WaitOptions): Promise<Buffer> {
    const signal = options.signal ?? undefined;
    this.requests.push(bufsize);
    this.waits += 1;
    const bytes = await this.#readers.wait(() => this.#take(bufsize), {
      deadline: null,
      signal: this.#started(signal),
    });
    if (bytes instanceof WaitAborted) throw signal?.reason;
    if (bytes === 'block' || bytes === 'timeout') throw error(bytes);
    return bytes;
  }

  tryRecv(bufsize: number): Buffer | undefined {
    if (!this.#answersAtOnce || typeof this.#arrivals[0] === 'string') return undefined;
    const bytes = this.#take(bufsize);
    if (!(bytes instanceof Buffer)) return undefined;
    this.requests.push(bufsize);
    return bytes;
  }

  async recvInto(buffer: Uint8Array, _nbytes: number, flags: number, options: WaitOptions): Promise<number> {
    const bytes = await this.recv(buffer.length, flags, options);
    buffer.set(bytes);
    return bytes.length;
  }

  async send(data: Uint8Array, _flags: number, options: WaitOptions): Promise<number> {
    const signal = options.signal ?? undefined;
    signal?.throwIfAborted();
    if (this.#held) {
      const outcome = await this.#writers.wait(() => !this.#held || undefined, { deadline: null, signal });
      if (outcome instanceof WaitAborted) throw signal?.reason;
    }
    const take = this.takes.shift() ?? data.length;
    if (typeof take === 'string') throw error(take);
    this.sent.push(Buffer.from(data.subarray(0, take)));
    return Math.min(take, data.length);
  }

  sendKept(bytes: Buffer, options: WaitOptions): Promise<number> {
    return this.send(bytes, 0, options);
  }

  fileno(): number {
    return 7;
  }

  retainFile(): void {
    this.files += 1;
  }

  releaseFile(): void {
    this.files -= 1;
  }

  /** A call that waits makes its attempts only in serve(). */
  #started(signal: AbortSignal | undefined): AbortSignal | undefined {
    queueMicrotask(() => this.#readers.serve());
    return signal;
  }

  #take(size: number): Arrival | undefined {
    const [first] = this.#arrivals;
    if (size === 0) return Buffer.alloc(0);
    if (first === undefined) return this.#ended ? Buffer.alloc(0) : undefined;
    if (typeof first === 'string') return this.#arrivals.shift();
    if (first.length <= size) this.#arrivals.shift();
    else this.#arrivals[0] = first.subarray(size);
    // In memory of its own, as from a real socket.
    return Buffer.from(Uint8Array.from(first.subarray(0, size)).buffer);
  }
}

/** The state of a promise now. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  const settled = promise.then(
    () => 'fulfilled' as const,
    () => 'rejected' as const,
  );
  // Nothing here waits for the event loop, so one turn of it is enough.
  const turn = new Promise<'pending'>((resolve) => setImmediate(() => resolve('pending')));
  return await Promise.race([settled, turn]);
}
