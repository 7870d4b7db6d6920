import type { Address } from '../common/addresses.ts';
import { osError } from '../common/errors.ts';
import { called } from '../common/stack.ts';
import { checkReceiving, isReceiving } from '../core/bind.ts';
import { close } from '../core/close.ts';
import { settimeout } from '../core/settings.ts';
import type { Socket } from '../socket.ts';
import { checkCount, checkFunction, checkServerOptions, checkSocket, type CommonOptions } from './options.ts';
import { Server } from './server.ts';
import type { Service } from './service.ts';
import type { Visit } from './visit.ts';
import { Work } from './work.ts';

/**
 * Serves one datagram. What it answers, it sends by the socket that is served.
 *
 * @param data - the datagram.
 * @param address - the sender's address.
 */
export type DatagramHandler<A extends Address = Address> = (
  data: Buffer,
  address: A,
  context: DatagramContext,
) => unknown;

/** What a handler gets besides the datagram and the sender's address. */
export interface DatagramContext {
  /** Aborted when the handler has had its time (with a `TimeoutError`), and when the server is aborted. */
  readonly signal: AbortSignal;
}

/** How {@link serveDatagrams} serves. */
export interface ServeDatagramsOptions extends CommonOptions {
  /** The most bytes of a datagram that are received; the rest of a longer one is lost. 65535 where it is left out. */
  readonly bufsize?: number | undefined;
}

/** A datagram that was received. */
interface Received<A> {
  readonly data: Buffer;
  readonly address: A;
}

/** The datagrams of a socket. */
class Datagrams<A extends Address> implements Service<Received<A>> {
  /** How many datagrams wait in the socket's queue is not known; the kernel drops those that it has no room for. */
  readonly waiting = 0;
  readonly #sock: Socket<A>;
  readonly #handler: DatagramHandler<A>;
  readonly #bufsize: number;
  readonly #handlerTimeout: number | null;
  #hasEnded = false;

  constructor(sock: Socket<A>, handler: DatagramHandler<A>, bufsize: number, handlerTimeout: number | null) {
    this.#sock = sock;
    this.#handler = handler;
    this.#bufsize = bufsize;
    this.#handlerTimeout = handlerTimeout;
  }

  get isOpen(): boolean {
    return !this.#hasEnded && isReceiving(this.#sock);
  }

  async take(signal?: AbortSignal): Promise<Received<A>> {
    const [data, address] = await this.#sock.recvfrom(this.#bufsize, { signal });
    if (address !== null) return { data, address };
    // The end of what is received: the program has shut the socket down.
    this.#hasEnded = true;
    throw osError('ESHUTDOWN', { syscall: 'recvfrom' });
  }

  addressOf({ address }: Received<A>): Address {
    return address;
  }

  async serve(visit: Visit<Received<A>>): Promise<void> {
    const { item, signal } = visit;
    visit.begin(this.#handlerTimeout);
    await this.#handler(item.data, item.address, { signal });
  }

  end(): void {
    // A datagram leaves nothing behind.
  }

  retire(): void {
    // Handlers still send by the socket; what it receives from now on is dropped with it.
  }

  close(): void {
    close(this.#sock);
  }
}

/** The most bytes of a datagram over IPv4, and of most over IPv6. */
const BUFSIZE = 65_535;

/**
 * Serves the datagrams of a socket: each has its handler, and a limited number of handlers run at once.
 *
 * While all places are taken, nothing is received: the socket's queue fills, and later datagrams are dropped.
 *
 * @param sock - a datagram socket that is bound. It is the server's from now on: it is closed once the server has ended
 * and the last handler, too; its time limit does not count.
 * @param handler - see {@link DatagramHandler}.
 * @param options - see {@link ServeDatagramsOptions}.
 * @returns the server.
 * @throws TypeError or RangeError for the arguments; OSError: EINVAL if the socket is not bound, ENOTSUP if it is not
 * for datagrams, EBADF if it is closed; the signal's reason if it is aborted already.
 * @see https://docs.python.org/3/library/socketserver.html#socketserver.UDPServer
 *
 * @remarks Python has no such call.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 * import { serveDatagrams } from 'await-socket/serve';
 *
 * const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
 * sock.bind(['127.0.0.1', 0]);
 * const server = serveDatagrams(sock, async (data, address) => {
 *   await sock.sendto(data, address);
 * });
 *
 * using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
 * await client.sendto('ping', server.address);
 * console.log(String(await client.recv(1024))); // ping
 * await server.close();
 * ```
 */
export function serveDatagrams<A extends Address>(
  sock: Socket<A>,
  handler: DatagramHandler<A>,
  options?: ServeDatagramsOptions,
): Server<A> {
  return called(serveDatagrams, () => {
    checkSocket(sock, 'serveDatagrams(): sock');
    checkFunction(handler, 'serveDatagrams(): handler');
    const checked = checkServerOptions(options, ['bufsize'], 'serveDatagrams');
    const bufsize = checkCount(options?.bufsize ?? BUFSIZE, 'serveDatagrams(): bufsize');
    checked.signal?.throwIfAborted();
    checkReceiving(sock, 'serveDatagrams');
    // A time limit is for a program that receives by itself.
    settimeout(sock, null);
    const datagrams = new Datagrams(sock, handler, bufsize, checked.handlerTimeout);
    return new Server(sock.getsockname(), new Work(datagrams, checked));
  });
}
