import type { Address } from '../common/addresses.ts';
import type { WaitOptions } from '../common/call-options.ts';
import { called } from '../common/stack.ts';
import { accept, ADMIT, checkListening, retire, waitingConnections } from '../core/accept.ts';
import { close, discard } from '../core/close.ts';
import { getsockname } from '../core/names.ts';
import { settimeout } from '../core/settings.ts';
import { Socket } from '../socket.ts';
import { checkFunction, checkLimit, checkServerOptions, checkSocket, type CommonOptions } from './options.ts';
import { Server } from './server.ts';
import type { Service } from './service.ts';
import type { Visit } from './visit.ts';
import { Work } from './work.ts';

/** A socket that listens: a `Socket`, or an `SSLSocket`, whose connections have TLS. */
export interface Listener<Conn extends Socket> {
  /** As {@link Socket.accept}. */
  accept(options?: WaitOptions): Promise<[conn: Conn, address: Address]>;
  /** @internal */
  [ADMIT]?(accepted: Socket, signal: AbortSignal): Promise<Conn>;
}

/** What a handler gets besides the connection and the client's address. */
export interface HandlerContext {
  /** Aborted when the handler has had its time (with a `TimeoutError`), and when the server is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Serves one connection. It is closed when the handler returns, or when its promise is resolved, and reset when it
 * throws or is rejected.
 */
export type Handler<Conn extends Socket> = (conn: Conn, address: Address, context: HandlerContext) => unknown;

/** How {@link serve} serves. */
export interface ServeOptions extends CommonOptions {
  /**
   * How long it may take until the handler can begin, in seconds: the PROXY header and the handshake of TLS have to be
   * done by then. 10 where it is left out; `null` for as long as it takes.
   */
  readonly setupTimeout?: number | null | undefined;
}

/** A connection that was accepted. */
interface Arrival<Conn> {
  readonly raw: Socket;
  readonly address: Address;
  /** Makes the connection of the handler out of it. */
  readonly admit: (signal: AbortSignal) => Conn | Promise<Conn>;
}

/** The time limits of a server, in seconds. */
interface Limits {
  readonly setupTimeout: number | null;
  readonly handlerTimeout: number | null;
}

/** The connections of a listener. */
class Connections<Conn extends Socket> implements Service<Arrival<Conn>> {
  readonly #listener: Listener<Conn>;
  readonly #handler: Handler<Conn>;
  readonly #limits: Limits;

  constructor(listener: Listener<Conn>, handler: Handler<Conn>, limits: Limits) {
    this.#listener = listener;
    this.#handler = handler;
    this.#limits = limits;
  }

  get isOpen(): boolean {
    return waitingConnections(this.#listener) !== undefined;
  }

  get waiting(): number {
    return waitingConnections(this.#listener) ?? 0;
  }

  async take(signal?: AbortSignal): Promise<Arrival<Conn>> {
    const admit = this.#listener[ADMIT]?.bind(this.#listener);
    if (admit === undefined) {
      const [conn, address] = await this.#listener.accept({ signal });
      return { raw: conn, address, admit: () => conn };
    }
    const [raw, address] = await accept(this.#listener, (core) => new Socket(core), { signal });
    return { raw, address, admit: (admission) => admit(raw, admission) };
  }

  addressOf({ address }: Arrival<Conn>): Address {
    return address;
  }

  async serve(visit: Visit<Arrival<Conn>>): Promise<void> {
    const { item, signal } = visit;
    visit.limit(this.#limits.setupTimeout, 'the start of the connection');
    const conn = await item.admit(signal);
    signal.throwIfAborted();
    visit.begin(this.#limits.handlerTimeout);
    await this.#handler(conn, item.address, { signal });
  }

  end({ raw }: Arrival<Conn>, byForce: boolean): void {
    discard(raw, byForce);
  }

  retire(): void {
    retire(this.#listener);
  }

  close(): void {
    close(this.#listener);
  }
}

/** How long the start of a connection may take, in seconds. */
const SETUP_TIMEOUT = 10;

/**
 * Serves the connections of a listener: each has its handler, and a limited number of handlers run at once.
 *
 * While all places are taken, no connection is taken from the listener, whose queue is bounded. An error of a handler
 * ends its connection, is reported, and ends nothing else.
 *
 * @param listener - a socket that listens. It is the server's from now on: it is closed with the server, and its time
 * limit does not count.
 * @param handler - see {@link Handler}.
 * @param options - see {@link ServeOptions}.
 * @returns the server.
 * @throws TypeError or RangeError for the arguments; OSError: EINVAL if the socket does not listen, EBADF if it is
 * closed; the signal's reason if it is aborted already.
 * @see https://docs.python.org/3/library/socketserver.html
 *
 * @remarks Python has no such call: its `socketserver` runs a thread for each connection, without a limit.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 * import { serve } from 'await-socket/serve';
 *
 * const listener = socket.createServer(['127.0.0.1', 0]);
 * const server = serve(listener, async (conn) => {
 *   await conn.sendall(await conn.recv(1024));
 * });
 *
 * const sock = await socket.createConnection(server.address as socket.Inet4Address);
 * await sock.sendall('hello');
 * console.log(String(await sock.recv(1024))); // hello
 * sock.close();
 * await server.close();
 * console.log(server.accepted, server.failed); // 1 0
 * ```
 */
export function serve<Conn extends Socket>(
  listener: Listener<Conn>,
  handler: Handler<Conn>,
  options?: ServeOptions,
): Server {
  return called(serve, () => {
    checkSocket(listener, 'serve(): listener');
    checkFunction(handler, 'serve(): handler');
    const checked = checkServerOptions(options, ['setupTimeout'], 'serve');
    const { setupTimeout = SETUP_TIMEOUT } = options ?? {};
    const limits = {
      setupTimeout: checkLimit(setupTimeout, 'serve(): setupTimeout'),
      handlerTimeout: checked.handlerTimeout,
    };
    checked.signal?.throwIfAborted();
    checkListening(listener, 'serve');
    // A time limit is for a program that accepts by itself.
    settimeout(listener, null);
    return new Server(getsockname(listener), new Work(new Connections(listener, handler, limits), checked));
  });
}
