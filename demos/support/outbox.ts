import type * as socket from '../../lib/index.ts';

/**
 * Bytes to send to one client, in order. `put()` does not wait, so a slow client does not delay the others; and it
 * keeps a limited number of bytes, so a client that does not read cannot fill the memory.
 */
export class Outbox {
  readonly #sock: socket.Socket;
  readonly #limit: number;
  #waiting: Buffer[] = [];
  #size = 0;
  #isSending = false;
  #failure: Error | undefined;

  /** `limit` is the most bytes that wait for the client, without those that the kernel has taken. */
  constructor(sock: socket.Socket, limit: number) {
    this.#sock = sock;
    this.#limit = limit;
  }

  /** How many bytes wait. */
  get size(): number {
    return this.#size;
  }

  /** Why sending has ended; `undefined` as long as it goes on. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Adds bytes. The result is false if they would be too many; then they are not added. */
  put(bytes: Buffer): boolean {
    if (this.#size + bytes.length > this.#limit) return false;
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    if (!this.#isSending) void this.#send().catch((error: unknown) => (this.#failure = toError(error)));
    return true;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      const bytes = Buffer.concat(this.#waiting);
      this.#waiting = [];
      await this.#sock.sendall(bytes);
      this.#size -= bytes.length;
    }
    this.#isSending = false;
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
