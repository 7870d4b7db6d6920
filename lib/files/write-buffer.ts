import { bytesOf, type Data } from '../common/arguments.ts';
import { errnoOf } from '../common/errno.ts';
import { BlockingIOError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import type { FileCore, Unsent } from './file-core.ts';
import { Lock } from './lock.ts';
import { memoryError } from './memory.ts';

/**
 * The buffer that a file is written through. Concurrent calls are served one after the other, in their order. A signal
 * ends only the wait for a call's turn: once it has begun it goes on, because it cannot be known how many of its bytes
 * the kernel has already.
 */
export class WriteBuffer implements Unsent {
  readonly #core: FileCore;
  readonly #size: number;
  readonly #lock = new Lock();
  #buffer: Buffer | undefined;
  #filled = 0;

  constructor(core: FileCore, size: number) {
    this.#core = core;
    this.#size = size;
    core.unsent = this;
  }

  get length(): number {
    return this.#filled;
  }

  /** Puts bytes into the buffer if they fit, the file is open, and no call waits; returns whether it did. */
  keep(bytes: Uint8Array): boolean {
    return this.#lock.free && !this.#core.isClosed && this.#put(bytes);
  }

  /** Writes all of the bytes; returns how many. They may be in memory that the caller still uses. */
  write(bytes: Buffer, signal: AbortSignal | undefined): Promise<number> {
    const { length } = bytes;
    return this.#core.inTurn(this.#lock, signal, 'write to closed file', () => this.#write(bytes, length));
  }

  /** Writes each of several pieces. */
  writeLines(lines: Iterable<Data>, signal: AbortSignal | undefined): Promise<void> {
    return this.#core.inTurn(this.#lock, signal, 'write to closed file', async () => {
      for (const line of lines) {
        const bytes = bytesOf(line);
        await this.#write(bytes, bytes.length);
      }
    });
  }

  /** Sends the bytes in the buffer. */
  flush(signal: AbortSignal | undefined): Promise<void> {
    return this.#core.inTurn(this.#lock, signal, 'flush of closed file', () => this.#flush());
  }

  /** Sends the bytes in the buffer, and closes the file even if that fails. */
  async close(signal: AbortSignal | undefined): Promise<void> {
    await this.#lock.hold(signal, async () => {
      try {
        if (!this.#core.isClosed) await this.#flush();
      } finally {
        this.#core.close();
      }
    });
  }

  #put(bytes: Uint8Array): boolean {
    if (bytes.length > this.#size - this.#filled) return false;
    // Not from Node's pool: bytes that are being sent must not share memory with anything else.
    this.#buffer ??= Buffer.allocUnsafeSlow(this.#size);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    return true;
  }

  async #write(bytes: Buffer, length: number): Promise<number> {
    checkMemory(bytes, length);
    if (this.#put(bytes)) return length;
    try {
      await this.#flush();
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      checkMemory(bytes, length);
      // Some bytes may have been sent, and made room.
      if (this.#put(bytes)) return length;
      throw this.#incomplete(bytes, 0);
    }
    checkMemory(bytes, length);
    let written = 0;
    while (length - written > this.#size) {
      const sent = await this.#core.send(bytes.subarray(written), undefined);
      checkMemory(bytes, length);
      if (sent === null) throw this.#incomplete(bytes, written);
      written += sent;
    }
    this.#put(bytes.subarray(written));
    return length;
  }

  /** Keeps as many bytes as fit. */
  #incomplete(bytes: Buffer, written: number): BlockingIOError {
    const room = this.#size - this.#filled;
    this.#put(bytes.subarray(written, written + room));
    return incompleteWrite(written + room);
  }

  async #flush(): Promise<void> {
    if (this.#buffer === undefined) return;
    let sent = 0;
    try {
      while (sent < this.#filled) {
        const written = this.#core.sendKept(this.#buffer.subarray(sent, this.#filled));
        const count = typeof written === 'number' ? written : await written;
        if (count === null) throw incompleteWrite(0);
        sent += count;
      }
    } finally {
      if (sent < this.#filled) {
        // After an error the system may still use the old memory.
        const rest = Buffer.allocUnsafeSlow(this.#size);
        this.#buffer.copy(rest, 0, sent, this.#filled);
        this.#buffer = rest;
      }
      this.#filled -= sent;
    }
  }
}

/** Raises EFAULT for the caller's memory if it was detached or resized since the call began. */
function checkMemory(bytes: Buffer, length: number): void {
  if (bytes.length !== length) throw memoryError('write');
}

/** The socket does not wait and takes no more, and the buffer is full. */
function incompleteWrite(charactersWritten: number): BlockingIOError {
  return raised(
    new BlockingIOError(errnoOf('EAGAIN'), 'write could not complete without blocking', { charactersWritten }),
  );
}
