import type { AddressLike } from './addresses.ts';
import { int, received, shown } from './arguments.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from './constants.ts';
import { errnoOf } from './errno.ts';
import { OSError } from './errors.ts';
import { getaddrinfo, type AddressInfo } from './names/resolver.ts';
import { Socket } from './socket.ts';
import type { WaitOptions } from './waiting-socket.ts';

/** How {@link createConnection} connects. */
export interface ConnectionOptions extends WaitOptions {
  /**
   * The time limit in seconds, for each address; it stays with the socket. The default time limit where it is left out.
   */
  readonly timeout?: number | null | undefined;
  /** The address to connect from, as for `bind()`. */
  readonly sourceAddress?: AddressLike | null | undefined;
  /** Whether the error tells of all addresses that were tried, as an `AggregateError`. */
  readonly allErrors?: boolean | undefined;
  /**
   * Seconds after which the next address is tried although the one before has not failed yet; the first connection wins
   * (RFC 8305 recommends 0.25). Without it one address is tried after the other has failed. There is no such option in
   * Python.
   */
  readonly happyEyeballsDelay?: number | undefined;
}

/**
 * Connects to an address, trying all that its host name has.
 *
 * @param address - `[host, port]`; the port may be the name of a service.
 * @param options - see {@link ConnectionOptions}.
 * @returns the connected socket.
 * @throws gaierror if the name cannot be resolved; else what `connect()` raised for the last address, or with
 * `allErrors` an `AggregateError` of all; RangeError for a time limit that there cannot be.
 * @see https://docs.python.org/3/library/socket.html#socket.create_connection
 *
 * Differs from Python in `signal` and `happyEyeballsDelay`, and in the class of the error that holds all others.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using server = socket.createServer(['127.0.0.1', 0]);
 * const [host, port] = server.getsockname() as socket.Inet4Address;
 * using sock = await socket.createConnection([host, port], { timeout: 10 });
 * console.log(sock.gettimeout()); // 10
 * ```
 */
export async function createConnection(
  address: readonly [host: string | null, port: number | string],
  options: ConnectionOptions = {},
): Promise<Socket> {
  checkPair(address);
  const [host, port] = address;
  const delay = options.happyEyeballsDelay;
  if (delay !== undefined && !(delay >= 0)) {
    throw new RangeError(`happyEyeballsDelay must be seconds, 0 or more ${received(delay)}`);
  }
  const rows = await getaddrinfo(host, port, 0, SOCK_STREAM, 0, 0, options);
  const errors: OSError[] = [];
  const connection =
    delay === undefined
      ? await connectInTurn(rows, options, errors)
      : await connectInRace(rows, options, errors, delay);
  if (connection !== undefined) return connection;
  if (options.allErrors === true && errors.length > 0) throw new AggregateError(errors, 'createConnection failed');
  throw errors.at(-1) ?? new OSError(null, 'getaddrinfo returns an empty list');
}

/** How {@link createServer} listens. */
export interface ServerOptions {
  /** `AF_INET`, which it is where this is left out, or `AF_INET6`. */
  readonly family?: number | undefined;
  /** As for `listen()`. */
  readonly backlog?: number | null | undefined;
  /** Whether others may listen on the port too (SO_REUSEPORT). */
  readonly reusePort?: boolean | undefined;
  /** Whether an `AF_INET6` socket takes IPv4 connections as well. */
  readonly dualstackIpv6?: boolean | undefined;
}

/**
 * Makes a socket that listens on an address.
 *
 * @param address - as for `bind()`.
 * @param options - see {@link ServerOptions}.
 * @returns the listening socket.
 * @throws RangeError for `dualstackIpv6` without `AF_INET6`, and for `reusePort` where Node cannot (before 22.12);
 * OSError as `bind()` and `listen()`, with the address in the text.
 * @see https://docs.python.org/3/library/socket.html#socket.create_server
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using server = socket.createServer(['127.0.0.1', 0], { backlog: 10 });
 * using client = socket.socket();
 * await client.connect(server.getsockname());
 * const [conn] = await server.accept();
 * conn.close();
 * ```
 */
export function createServer(address: AddressLike, options: ServerOptions = {}): Socket {
  const { family = AF_INET, backlog, reusePort = false, dualstackIpv6 = false } = options;
  if (dualstackIpv6 && family !== AF_INET6) {
    throw new RangeError(`dualstack_ipv6 requires AF_INET6 family ${received(family)}`);
  }
  const server = new Socket(family, SOCK_STREAM);
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) sharePort(server);
    if (family === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstackIpv6 ? 0 : 1);
    bindTo(server, address);
    if (backlog === undefined || backlog === null) server.listen();
    else server.listen(backlog);
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

/**
 * Whether one socket can take both IPv4 and IPv6 connections.
 *
 * @returns true: Node can wherever there is IPv6.
 * @see https://docs.python.org/3/library/socket.html#socket.has_dualstack_ipv6
 *
 * @example
 * ```ts no-run
 * import * as socket from 'await-socket';
 *
 * const family = socket.hasDualstackIpv6() ? socket.AF_INET6 : socket.AF_INET;
 * using server = socket.createServer(['', 0], { family, dualstackIpv6: family === socket.AF_INET6 });
 * using client = socket.socket(socket.AF_INET);
 * await client.connect(['127.0.0.1', Number(server.getsockname()[1])]);
 * ```
 */
export function hasDualstackIpv6(): boolean {
  const socket = new Socket(AF_INET6, SOCK_STREAM);
  try {
    socket.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/**
 * Makes two sockets that are connected with each other.
 *
 * @param family - `AF_UNIX`.
 * @param type - `SOCK_STREAM`.
 * @param proto - 0.
 * @returns both ends, which have no names.
 * @throws OSError: ENOTSUP for `AF_INET` and `AF_INET6`, as on Linux; EPROTONOSUPPORT for datagrams, which Node does
 * not have here.
 * @see https://docs.python.org/3/library/socket.html#socket.socketpair
 *
 * Differs from Python in that it is awaited: Node has no such call, and the two meet over a path of their own.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [one, other] = await socket.socketpair();
 * await one.sendall('to the other end');
 * console.log(String(await other.recv(1024))); // to the other end
 * one.close();
 * other.close();
 * ```
 */
export async function socketpair(family = AF_UNIX, type = SOCK_STREAM, proto = 0): Promise<[Socket, Socket]> {
  return await Socket.pair(family, type, proto);
}

/**
 * Makes a socket of a descriptor that this process was given: by systemd's socket activation, by inetd, or by the
 * process that started it.
 *
 * @param fd - the descriptor's number. From now on it is the socket's, and closing the socket closes it.
 * @param family - `AF_INET`, `AF_INET6` or `AF_UNIX`, as the descriptor's, or −1 for whatever it is.
 * @param type - `SOCK_STREAM` or `SOCK_DGRAM`, as the descriptor's, or −1 for whatever it is.
 * @param proto - what the socket's `proto` is to be, or −1 for what the descriptor's is.
 * @returns the socket: listening, connected or bound, as the descriptor is.
 * @throws TypeError if an argument is no integer; OSError: EBADF if there is no such descriptor, ENOTSOCK if it is no
 * socket's, EAFNOSUPPORT or EPROTOTYPE if it has another family or type, EEXIST if it has a socket already, ENOTSUP if
 * it is neither bound nor connected, and for what Node cannot take over.
 * @see https://docs.python.org/3/library/socket.html#socket.fromfd
 *
 * Differs from Python in that it does not duplicate the descriptor, which Node cannot, and in that family and type have
 * to be the descriptor's. Options that were set before are in force, but `getsockopt()` does not tell of them.
 *
 * @example
 * A server that systemd starts with the first connection (its first descriptor is always 3), and that can be started by
 * hand as well:
 * ```ts no-run
 * import * as socket from 'await-socket';
 *
 * const isActivated = process.env['LISTEN_PID'] === String(process.pid) && process.env['LISTEN_FDS'] === '1';
 * const server = isActivated ? socket.fromfd(3, -1, socket.SOCK_STREAM) : socket.createServer(['', 4000]);
 * ```
 */
export function fromfd(fd: number, family: number, type: number, proto = 0): Socket {
  const descriptor = int(fd, 'fd');
  if (descriptor < 0)
    throw new OSError(errnoOf('EBADF'), undefined, { syscall: 'fromfd', address: String(descriptor) });
  return new Socket(family, type, proto, descriptor);
}

/** One address after the other, as Python does; the errors of those that failed are left in `errors`. */
async function connectInTurn(
  rows: readonly AddressInfo[],
  options: ConnectionOptions,
  errors: OSError[],
): Promise<Socket | undefined> {
  for (const row of rows) {
    try {
      return await connectTo(row, options, options.signal);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      errors.push(error);
    }
  }
  return undefined;
}

/**
 * All addresses, each a little later than the one before or as soon as that has failed, in the order of RFC 8305:
 * families in turn. The first connection wins, and the others are given up.
 */
async function connectInRace(
  rows: readonly AddressInfo[],
  options: ConnectionOptions,
  errors: OSError[],
  delay: number,
): Promise<Socket | undefined> {
  const race = new AbortController();
  const signal = options.signal === undefined ? race.signal : AbortSignal.any([options.signal, race.signal]);
  const running = new Set<Promise<Socket | OSError>>();
  let winner: Socket | undefined;
  const waiting = alternateFamilies(rows);
  try {
    while (winner === undefined && (waiting.length > 0 || running.size > 0)) {
      const row = waiting.shift();
      if (row !== undefined) running.add(attempt(row, options, signal));
      winner = await firstOutcome(running, errors, waiting.length > 0 ? delay : undefined);
    }
    return winner;
  } finally {
    race.abort();
    // Two may connect in the same turn: the second is closed.
    for (const late of await Promise.allSettled(running)) {
      if (late.status === 'fulfilled' && late.value instanceof Socket && late.value !== winner) late.value.close();
    }
  }
}

/** A connection or the error of the network's; other errors reject. */
async function attempt(row: AddressInfo, options: ConnectionOptions, signal: AbortSignal): Promise<Socket | OSError> {
  try {
    return await connectTo(row, options, signal);
  } catch (error) {
    if (error instanceof OSError) return error;
    throw error;
  }
}

/** Waits for the first of the attempts to end, or for the delay; takes what failed out and into `errors`. */
async function firstOutcome(
  running: Set<Promise<Socket | OSError>>,
  errors: OSError[],
  delay: number | undefined,
): Promise<Socket | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<undefined>((resolve) => {
    // The next address does not wait for this one to fail (RFC 8305, 5).
    if (delay !== undefined) timer = setTimeout(() => resolve(undefined), delay * 1000);
  });
  const marked = [...running].map(async (promise) => ({ promise, outcome: await promise }));
  const first = await Promise.race([pause, ...marked]);
  clearTimeout(timer);
  if (first === undefined) return undefined;
  if (first.outcome instanceof Socket) return first.outcome;
  running.delete(first.promise);
  errors.push(first.outcome);
  return undefined;
}

/** The rows with the families in turn, the first row's family first (RFC 8305, 4). */
function alternateFamilies(rows: readonly AddressInfo[]): AddressInfo[] {
  const first = rows.filter(([family]) => family === rows[0]?.[0]);
  const others = rows.filter(([family]) => family !== rows[0]?.[0]);
  const length = Math.max(first.length, others.length);
  return Array.from({ length }, (_, index) => [first[index], others[index]])
    .flat()
    .filter((row) => row !== undefined);
}

/** Checks that there are two values, with Python's error for unpacking what has more or fewer. */
function checkPair(address: unknown): void {
  if (!Array.isArray(address) && typeof address !== 'string') {
    throw new TypeError(`createConnection: address must be a pair [host, port] ${received(address)}`);
  }
  const { length } = address;
  if (length > 2) throw new RangeError(`too many values to unpack (expected 2) ${received(address)}`);
  if (length < 2) throw new RangeError(`not enough values to unpack (expected 2, got ${length}) ${received(address)}`);
}

async function connectTo(
  [family, type, proto, , address]: AddressInfo,
  { timeout, sourceAddress }: ConnectionOptions,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const socket = new Socket(family, type, proto);
  try {
    if (timeout !== undefined) socket.settimeout(timeout);
    if (sourceAddress !== undefined && sourceAddress !== null) socket.bind(sourceAddress);
    await socket.connect(address, { signal });
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

function sharePort(server: Socket): void {
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
  } catch (cause) {
    throw new RangeError('SO_REUSEPORT not supported on this platform', { cause });
  }
}

function bindTo(server: Socket, address: AddressLike): void {
  try {
    server.bind(address);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    const text = `${error.strerror} (while attempting to bind on address ${shown(address)})`;
    throw new OSError(error.errno, text, { syscall: 'bind', cause: error });
  }
}
