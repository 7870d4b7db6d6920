import type { Address } from '../common/addresses.ts';
import { checkOptions, type WaitOptions } from '../common/call-options.ts';
import { ConnectionError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { ADMIT, checkListening, retire, waitingConnections } from '../core/accept.ts';
import { accept } from '../core/calls.ts';
import { close, discard } from '../core/close.ts';
import { getsockname } from '../core/names.ts';
import { settimeout } from '../core/settings.ts';
import type { ProxyHeader } from '../proxy-protocol/header.ts';
import { readProxyHeader } from '../proxy-protocol/read.ts';
import { trustOf, type TrustedPeers } from '../proxy-protocol/trusted.ts';
import { Socket } from '../socket.ts';
import { checkFunction, checkLimit, checkServerOptions, checkSocket, type CommonOptions } from './options.ts';
import { Server } from './server.ts';
import type { Service } from './service.ts';
import type { Visit } from './visit.ts';
import { Work } from './work.ts';

/** A socket that listens: a `Socket`, or an `SSLSocket`, whose connections have TLS. */
export interface Acceptor<Conn extends Socket, A extends Address> {
  /** As {@link Socket.accept}. */
  accept(options?: WaitOptions): Promise<[conn: Conn, address: A]>;
  /** @internal */
  [ADMIT]?(accepted: Socket, signal: AbortSignal): Promise<Conn>;
}

/** What a handler gets besides the connection and the client's address. */
export interface HandlerContext {
  /** Aborted when the handler has had its time (with a `TimeoutError`), and when the server is aborted. */
  readonly signal: AbortSignal;
  /** What the PROXY header has said; `null` where none was read. */
  readonly proxyHeader: ProxyHeader | null;
}

/**
 * Serves one connection. It is closed when the handler returns, or when its promise is resolved, and reset when it
 * throws or is rejected.
 */
export type Handler<Conn extends Socket, A extends Address = Address> = (
  conn: Conn,
  address: A,
  context: HandlerContext,
) => unknown;

/** How {@link serve} serves. */
export interface ServeOptions extends CommonOptions {
  /**
   * How long it may take until the handler can begin, in seconds: the PROXY header and the handshake of TLS have to be
   * done by then. 10 where it is left out; `null` for as long as it takes.
   */
  readonly setupTimeout?: number | null | undefined;
}

/** How {@link serve} serves after a proxy. */
export interface ProxiedServeOptions extends ServeOptions {
  /**
   * Whose connections begin with a PROXY header. The handler gets the client's address, which the header gives; other
   * clients are served under their own address, and what they send is not read as a header.
   */
  readonly proxyProtocol: { readonly trusted: TrustedPeers };
}

/** A connection that was accepted. */
interface Arrival<Conn> {
  readonly raw: Socket;
  /** The peer's address; that of its client once a PROXY header has given it. */
  address: Address;
  /** Makes the connection of the handler out of it. */
  readonly admit: (signal: AbortSignal) => Conn | Promise<Conn>;
}

/** How connections are served, checked; time limits are in seconds. */
interface Settings {
  readonly setupTimeout: number | null;
  readonly handlerTimeout: number | null;
  /** Finds the peers whose connections begin with a PROXY header. */
  readonly isTrusted: ((address: Address) => boolean) | undefined;
}

/** The connections of a listener. */
class Connections<Conn extends Socket> implements Service<Arrival<Conn>> {
  readonly #listener: Acceptor<Conn, Address>;
  readonly #handler: Handler<Conn>;
  readonly #settings: Settings;

  constructor(listener: Acceptor<Conn, Address>, handler: Handler<Conn>, settings: Settings) {
    this.#listener = listener;
    this.#handler = handler;
    this.#settings = settings;
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
    const { raw, address } = visit.item;
    const { isTrusted, setupTimeout } = this.#settings;
    // A client that reset its connection before it was accepted has no address: nothing says whether it is a proxy.
    if (isTrusted !== undefined && hasGone(address)) return;
    visit.limit(setupTimeout, 'the start of the connection');
    const header =
      isTrusted?.(address) === true ? await readProxyHeader(raw, { timeout: null, signal: visit.signal }) : null;
    visit.item.address = header?.source ?? address;
    try {
      await this.#handle(visit, header);
    } catch (error) {
      // A health check of HAProxy's sends no more than its header, and ends with a reset.
      if (header?.command !== 'LOCAL' || !(error instanceof ConnectionError)) throw error;
    }
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

  async #handle(visit: Visit<Arrival<Conn>>, proxyHeader: ProxyHeader | null): Promise<void> {
    const { item, signal } = visit;
    const conn = await item.admit(signal);
    signal.throwIfAborted();
    visit.begin(this.#settings.handlerTimeout);
    await this.#handler(conn, item.address, { signal, proxyHeader });
  }
}

/** Whether a peer has no address any more. */
function hasGone(address: Address): boolean {
  return Array.isArray(address) && address[1] === 0;
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
 * const sock = await socket.createConnection(server.address);
 * await sock.sendall('hello');
 * console.log(String(await sock.recv(1024))); // hello
 * sock.close();
 * await server.close();
 * console.log(server.accepted, server.failed); // 1 0
 * ```
 */
export function serve<Conn extends Socket, A extends Address>(
  listener: Acceptor<Conn, A>,
  handler: Handler<Conn, A>,
  options?: ServeOptions,
): Server<A>;
export function serve<Conn extends Socket, A extends Address>(
  listener: Acceptor<Conn, A>,
  handler: Handler<Conn>,
  options: ProxiedServeOptions,
): Server<A>;
export function serve<Conn extends Socket>(
  listener: Acceptor<Conn, Address>,
  handler: Handler<Conn>,
  options?: Partial<ProxiedServeOptions>,
): Server {
  return called(serve, () => {
    checkSocket(listener, 'serve(): listener');
    checkFunction(handler, 'serve(): handler');
    const checked = checkServerOptions(options, ['setupTimeout', 'proxyProtocol'], 'serve');
    const { setupTimeout = SETUP_TIMEOUT, proxyProtocol } = options ?? {};
    const settings = {
      setupTimeout: checkLimit(setupTimeout, 'serve(): setupTimeout'),
      handlerTimeout: checked.handlerTimeout,
      isTrusted: proxyProtocol === undefined ? undefined : trustIn(proxyProtocol),
    };
    checked.signal?.throwIfAborted();
    checkListening(listener, 'serve');
    // A time limit is for a program that accepts by itself.
    settimeout(listener, null);
    return new Server(getsockname(listener), new Work(new Connections(listener, handler, settings), checked));
  });
}

/** Checks the option `proxyProtocol`. */
function trustIn(option: unknown): (address: Address) => boolean {
  const { trusted } = checkOptions(option, ['trusted'], 'serve(): proxyProtocol');
  return trustOf(trusted, 'serve(): trusted');
}
