import type { WaitOptions } from '../common/call-options.ts';
import { BlockingIOError, textError, TimeoutError } from '../common/errors.ts';
import { warnOfLoss } from '../common/lost.ts';
import { whenAborted } from '../waiting/abort.ts';
import { settled } from '../waiting/gate.ts';
import { fromCaller, raised } from '../common/stack.ts';
import { shownToCaller } from './callers.ts';
import type { Lock } from './lock.ts';
import { unsupported } from './unsupported.ts';

/** A file, or a part of one, that takes more from the socket than the program has read. */
export interface ReadsAhead {
  /** Takes what the program has not read yet: it is for others now. RangeError where it cannot be given back as bytes. */
  takeReadAhead(): Buffer;
}

/**
 * The part of a socket that its files use. The outcomes of its awaited calls have come through the gate (promise 11),
 * and the memory of their results belongs to the file (promise 13).
 */
export interface FileSource {
  /** Whether `close()` was called on the socket, which stays open only for its files. */
  readonly isClosed: boolean;
  /** Receives 1 to `bufsize` bytes, none at the end of the stream. */
  recv(bufsize: number, flags: number, options: WaitOptions): Promise<Buffer>;
  /** Receives bytes that have arrived already, as recv() does; `undefined` where that would have to wait. */
  tryRecv(bufsize: number): Buffer | undefined;
  /** Receives the bytes that have arrived into memory; 0 at the end of the stream. */
  recvInto(buffer: Uint8Array, nbytes: number, flags: number, options: WaitOptions): Promise<number>;
  /** Sends bytes; returns how many. */
  send(data: Uint8Array, flags: number, options: WaitOptions): Promise<number>;
  /**
   * Sends bytes out of memory that does not change even if the wait ends early; returns how many, without a promise
   * where they are sent at once.
   */
  sendKept(bytes: Buffer, options: WaitOptions): number | Promise<number>;
  /** The socket's file descriptor. */
  fileno(): number;
  /** One more file uses the socket, which stays open for it. */
  retainFile(file: ReadsAhead): void;
  /** One file fewer uses the socket, which closes if `close()` was called and no file is left. */
  releaseFile(file: ReadsAhead): void;
}

/** Python's message for a closed file, where a class has no text of its own. */
export const CLOSED = 'I/O operation on closed file.';

/** The directions of a file. */
export type FileMode = 'rb' | 'wb' | 'rwb';

/** A buffer of bytes to send. */
export interface Unsent {
  /** How many bytes it holds. */
  readonly length: number;
  /** Sends them. */
  flush(signal: AbortSignal | undefined): Promise<void>;
}

/**
 * The inside of a file: its socket, whether it is closed, and how many calls wait. The files of one makefile() share
 * one core.
 *
 * After a time-out nothing more can be read, as in Python, because it is not known how much of a message has been read.
 */
export class FileCore implements ReadsAhead {
  readonly mode: FileMode;
  /** The buffer that has to be sent before the file is closed. */
  unsent: Unsent | undefined;
  /** What reads ahead for the file. */
  reader: ReadsAhead | undefined;
  readonly #source: FileSource;
  /** Ends the waits when the file is closed. */
  readonly #closing = new AbortController();
  #isClosed = false;
  #isTimedOut = false;
  /** How many calls were made to the socket, which the gate has counted. */
  #asked = 0;
  #calls = 0;
  /** Whether the program has lost the file: it is closed once no call waits. */
  #isDropped = false;

  constructor(source: FileSource, mode: FileMode) {
    this.#source = source;
    this.mode = mode;
    source.retainFile(this);
  }

  /** The socket. */
  get source(): FileSource {
    return this.#source;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Raises Python's error for a closed file; the text is the class's own. */
  checkOpen(text = CLOSED): void {
    if (this.#isClosed) throw raised(new RangeError(text));
  }

  takeReadAhead(): Buffer {
    return this.reader?.takeReadAhead() ?? Buffer.alloc(0);
  }

  fileno(): number {
    this.checkOpen();
    return this.#source.fileno();
  }

  /**
   * Does the work of a call that is not answered at once; a lost file stays open until the call ends. The outcome goes
   * through the gate, unless the work made a call to the socket, which the gate has counted already.
   *
   * @param method - the method that the program called.
   */
  async perform<T>(method: string, work: () => Promise<T>): Promise<T> {
    const asked = this.#asked;
    this.#calls += 1;
    try {
      return await work();
    } catch (error) {
      // After a wait this function is the library's outermost on the stack; before one the method is.
      // eslint-disable-next-line @typescript-eslint/unbound-method -- it is not called
      throw shownToCaller(fromCaller(error, FileCore.prototype.perform), method);
    } finally {
      this.#calls -= 1;
      if (this.#isDropped) this.drop();
      if (this.#asked === asked) await settled(undefined);
    }
  }

  /**
   * Does a call's work when its turn comes. If it fails after an abort, or after the file was closed, it raises that;
   * `closedText` is the class's message for a closed file.
   */
  inTurn<T>(lock: Lock, signal: AbortSignal | undefined, closedText: string, work: () => Promise<T>): Promise<T> {
    this.checkOpen(closedText);
    return lock.hold(signal, async () => {
      this.checkOpen(closedText);
      try {
        return await work();
      } catch (error) {
        signal?.throwIfAborted();
        this.checkOpen(closedText);
        throw error;
      }
    });
  }

  /** Receives 1 to `size` bytes, none at the end of the stream; `null` if the socket does not wait and has none. */
  recv(size: number, signal: AbortSignal | undefined): Promise<Buffer | null> {
    return this.#reading((ending) => this.#source.recv(size, 0, { signal: ending }), signal);
  }

  /**
   * Receives bytes that have arrived already, as {@link recv} does; `undefined` where that would have to wait, or would
   * fail without a call to the socket.
   */
  tryRecv(size: number): Buffer | undefined {
    if (this.#isClosed || this.#isTimedOut || this.mode === 'wb') return undefined;
    const bytes = this.#source.tryRecv(size);
    this.#asked += 1;
    return bytes;
  }

  /** Receives into memory, as {@link recv} does; returns how many bytes. */
  recvInto(memory: Buffer, signal: AbortSignal | undefined): Promise<number | null> {
    return this.#reading((ending) => this.#source.recvInto(memory, 0, 0, { signal: ending }), signal);
  }

  /** Sends bytes; returns how many, `null` if the socket does not wait and takes none. */
  send(bytes: Buffer, signal: AbortSignal | undefined): Promise<number | null> {
    this.#checkWritable();
    return this.#ask((ending) => this.#source.send(bytes, 0, { signal: ending }), signal);
  }

  /**
   * Sends bytes as {@link send} does, out of memory that does not change whatever the outcome. Returns how many without
   * a promise where they are sent at once; throws the error of the first attempt.
   */
  sendKept(bytes: Buffer): number | Promise<number | null> {
    this.#checkWritable();
    const sent = this.#source.sendKept(bytes, { signal: this.#closing.signal });
    this.#asked += 1;
    return typeof sent === 'number' ? sent : this.#ask(() => sent, undefined);
  }

  /** Closes the file: calls that wait end. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.abort();
    this.#source.releaseFile(this);
  }

  /** The program has lost the file: it is flushed and closed as soon as no call waits. */
  drop(): void {
    this.#isDropped = this.#calls > 0;
    if (this.#isDropped || this.#isClosed) return;
    if (this.#source.isClosed && this.#source.fileno() >= 0) this.#warn('unclosed file of a closed socket:');
    const count = this.unsent?.length ?? 0;
    if (this.unsent === undefined || count === 0) {
      this.close();
      return;
    }
    const lost = (error: unknown): void => this.#warn(`${count} bytes were not flushed (${String(error)}):`);
    void this.unsent
      .flush(undefined)
      .catch(lost)
      .finally(() => this.close());
  }

  #warn(text: string): void {
    warnOfLoss(`${text} <makefile mode='${this.mode}', fd=${this.#source.fileno()}>`, this);
  }

  #checkWritable(): void {
    this.checkOpen();
    if (this.mode === 'rb') throw unsupported('File or stream is not writable.');
  }

  async #reading<R>(call: (signal: AbortSignal) => Promise<R>, signal: AbortSignal | undefined): Promise<R | null> {
    this.checkOpen();
    if (this.mode === 'wb') throw unsupported('File or stream is not readable.');
    if (this.#isTimedOut) throw textError('cannot read from timed out object');
    try {
      return await this.#ask(call, signal);
    } catch (error) {
      if (error instanceof TimeoutError) this.#isTimedOut = true;
      throw error;
    }
  }

  /**
   * Makes a call to the socket that ends when the file is closed, and gives `null` where the socket would have to wait.
   */
  async #ask<R>(call: (signal: AbortSignal) => Promise<R>, signal: AbortSignal | undefined): Promise<R | null> {
    signal?.throwIfAborted();
    this.#asked += 1;
    const ending = signal === undefined ? undefined : new Ending([signal, this.#closing.signal]);
    try {
      return await call(ending?.signal ?? this.#closing.signal);
    } catch (error) {
      signal?.throwIfAborted();
      this.checkOpen();
      if (error instanceof BlockingIOError) return null;
      throw error;
    } finally {
      ending?.release();
    }
  }
}

/**
 * A signal that is aborted when one of several is. Not `AbortSignal.any()`: a signal that lives longer, such as that of
 * the file's close, keeps the signals that it makes (nodejs/node#55351).
 */
class Ending {
  readonly #controller = new AbortController();
  readonly #forget: readonly (() => void)[];

  constructor(signals: readonly AbortSignal[]) {
    const abort = (): void => this.#controller.abort();
    if (signals.some((signal) => signal.aborted)) abort();
    this.#forget = signals.filter((signal) => !signal.aborted).map((signal) => whenAborted(signal, abort));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    for (const forget of this.#forget) forget();
  }
}
