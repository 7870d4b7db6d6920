// Types alone: the classes are global, and to load this module at the start would take a millisecond.
import type {
  ReadableByteStreamController,
  ReadableStream as NodeReadable,
  UnderlyingByteSource,
  WritableStream as NodeWritable,
} from 'node:stream/web';
import type { Data } from '../common/arguments.ts';
import { SHUT_WR } from '../common/constants.ts';
import { recv, recvInto, sendall, shutdown } from '../core/calls.ts';
import type { Core } from '../core/core.ts';
import { watchUnclosed } from '../core/dropped.ts';
import { takeConnection } from '../core/take-over.ts';

/** How many bytes are received at a time, where the reader brings no memory of its own. */
const READ_SIZE = 64 * 1024;

/** The two directions of a connection, as streams of the web. */
export interface WebStreams {
  /** Gives what the peer sends. It is a stream of bytes: a reader may bring its own memory (`mode: 'byob'`). */
  readonly readable: NodeReadable<Uint8Array>;
  /** Sends what is written; its `close()` ends the output. */
  readonly writable: NodeWritable<Data>;
}

/** A connection whose directions end one by one. Both streams hold it; the connection is closed where both are lost. */
class Connection {
  readonly core: Core;
  readonly #cancelled = new AbortController();
  #readEnds = false;
  #writeEnds = false;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(core: Core) {
    this.core = core;
    watchUnclosed(this, core);
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const { byobRequest } = controller;
    const view = byobRequest?.view ?? undefined;
    const options = { signal: this.#cancelled.signal };
    try {
      if (view === undefined) this.give(controller, await recv(this.core, READ_SIZE, options));
      else this.#fill(controller, await recvInto(this.core, view, options, undefined, undefined));
    } catch (error) {
      // The reader wants nothing any more, and the stream is closed.
      if (this.#cancelled.signal.aborted) return;
      this.#endRead();
      throw this.#aborted === undefined ? error : this.#aborted.reason;
    }
  }

  cancel(): void {
    this.#cancelled.abort();
    this.#endRead();
  }

  async write(chunk: Data): Promise<void> {
    try {
      await sendall(this.core, chunk);
    } catch (error) {
      this.#endWrite();
      throw error;
    }
  }

  close(): void {
    try {
      shutdown(this.core, SHUT_WR);
    } finally {
      this.#endWrite();
    }
  }

  abort(reason: unknown): void {
    this.#aborted = { reason };
    this.core.discard(true);
  }

  give(controller: ReadableByteStreamController, bytes: Buffer): void {
    // A copy, because the stream takes the memory of its bytes away.
    if (bytes.length > 0) return controller.enqueue(new Uint8Array(bytes));
    controller.close();
    this.#endRead();
  }

  #fill(controller: ReadableByteStreamController, count: number): void {
    if (count === 0) controller.close();
    controller.byobRequest?.respond(count);
    if (count === 0) this.#endRead();
  }

  #endRead(): void {
    this.#readEnds = true;
    if (this.#writeEnds) this.core.close();
  }

  #endWrite(): void {
    this.#writeEnds = true;
    if (this.#readEnds) this.core.close();
  }
}

/**
 * Turns a socket into streams of the web.
 *
 * @param socket - the socket, which is closed by that.
 */
export function toWeb(socket: unknown): WebStreams {
  const { core, readAhead } = takeConnection(socket, 'toWeb');
  const connection = new Connection(core);
  const source: UnderlyingByteSource = {
    type: 'bytes',
    start: (controller) => {
      if (readAhead.length > 0) connection.give(controller, readAhead);
    },
    pull: (controller) => connection.pull(controller),
    cancel: () => connection.cancel(),
  };
  return {
    readable: new ReadableStream(source),
    writable: new WritableStream<Data>({
      write: (chunk) => connection.write(chunk),
      close: () => connection.close(),
      abort: (reason) => connection.abort(reason),
    }),
  };
}
