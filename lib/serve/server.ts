import type { Address } from '../common/addresses.ts';
import { awaited } from '../waiting/gate.ts';
import type { Work } from './work.ts';

/** What a server shows of its work, whatever is served. */
type AnyWork = Pick<Work<unknown>, 'abort' | 'active' | 'counts' | 'stop' | 'waiting'>;

/**
 * A server, as {@link serve} and {@link serveDatagrams} give it. `await using` closes it at the end of the block, as
 * {@link Server.close} does.
 */
export class Server<A extends Address = Address> implements AsyncDisposable {
  readonly #address: A;
  readonly #work: AnyWork;

  /** @internal */
  constructor(address: A, work: AnyWork) {
    this.#address = address;
    this.#work = work;
  }

  /** The address that is served. It stays after the server's end. */
  get address(): A {
    return this.#address;
  }

  /** How many connections, or datagrams, the server has taken. */
  get accepted(): number {
    return this.#work.counts.accepted;
  }

  /** How many are being served now. Even a handler that was told to end counts until it has ended. */
  get active(): number {
    return this.#work.active;
  }

  /** How many clients are connected and wait until a handler can begin. */
  get waiting(): number {
    return this.#work.waiting;
  }

  /**
   * How many ended before their handler was called: their PROXY header was wrong, their handshake failed, or the server
   * was aborted while they waited.
   */
  get refused(): number {
    return this.#work.counts.refused;
  }

  /** How many handlers failed: they raised an error, took too long, or were aborted. */
  get failed(): number {
    return this.#work.counts.failed;
  }

  /**
   * Takes no new clients, and lets the handlers finish; clients that have connected by now are served, too. The port is
   * free within a turn of the event loop.
   *
   * @returns a promise that is resolved once the last handler has ended.
   */
  close(): Promise<void> {
    return awaited(() => this.#work.stop());
  }

  /**
   * Ends the server at once: the handlers' signals are aborted, their connections are reset, and so are those of
   * clients that wait.
   *
   * @param reason - the reason of the signals; an AbortError where it is left out.
   * @returns a promise that is resolved once the last handler has ended.
   */
  abort(reason: unknown = new DOMException('the server was aborted', 'AbortError')): Promise<void> {
    return awaited(() => this.#work.abort(reason));
  }

  /** Closes the server at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
