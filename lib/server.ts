import type { Address, AddressLike, AddressOf, InetAddress, UnixAddress } from './common/addresses.ts';
import { int, rangeError, shown } from './common/arguments.ts';
import { checkOptions } from './common/call-options.ts';
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
} from './common/constants.ts';
import { makePair, makePairSync } from './core/make.ts';
import { checkQueue } from './core/bind.ts';
import { duplicatedCore } from './core/duplicate.ts';
import { OSError } from './common/errors.ts';
import { awaited } from './waiting/gate.ts';
import { Socket, type Connection, type Listener, type ListenOptions } from './socket.ts';
import { called, raised } from './common/stack.ts';

/** How {@link createServer} listens. */
export interface ServerOptions<Family extends number = number> {
  /** `AF_INET`, the default, or `AF_INET6`. */
  readonly family?: Family | undefined;
  /** As for `listen()`. */
  readonly backlog?: number | null | undefined;
  /** As for `listen()`. */
  readonly queue?: ListenOptions['queue'];
  /** Whether other sockets may listen on the port, too (SO_REUSEPORT). */
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
export function createServer<Family extends number = typeof AF_INET>(
  address: AddressLike,
  options?: ServerOptions<Family>,
): Listener<Extract<AddressOf<Family>, InetAddress>>;
export function createServer(address: AddressLike, options?: ServerOptions): Socket {
  return called(createServer, () => serverOn(address, checkServerOptions(options)));
}

function serverOn(address: AddressLike, { family, backlog, queue, reusePort, dualstackIpv6 }: CheckedOptions): Socket {
  if (dualstackIpv6 && family !== AF_INET6) {
    throw rangeError('createServer(): dualstackIpv6 needs the family AF_INET6', family);
  }
  const server = new Socket(family, SOCK_STREAM);
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) sharePort(server);
    if (family === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstackIpv6 ? 0 : 1);
    bindTo(server, address);
    server.listen(backlog ?? undefined, { queue });
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

/**
 * Whether one socket can take both IPv4 and IPv6 connections.
 *
 * @returns true: Node can do so wherever IPv6 exists.
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
 * Makes two sockets that are connected to each other.
 *
 * @param family - `AF_UNIX`, also for `null`.
 * @param type - `SOCK_STREAM`, `SOCK_DGRAM` or `SOCK_SEQPACKET`.
 * @param proto - 0.
 * @returns both ends, which have no names.
 * @throws OSError: ENOTSUP for `AF_INET` and `AF_INET6`, as on Linux; EPROTONOSUPPORT for other types than streams where
 * the system is not Linux or has no koffi.
 * @see https://docs.python.org/3/library/socket.html#socket.socketpair
 *
 * @remarks Differs from Python in that it is awaited: Node has no such call for streams, and the two connect over a
 * temporary path. {@link socketpairSync} needs koffi for them.
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
export function socketpair(
  family?: number | null,
  type?: number,
  proto?: number,
): Promise<[Connection<UnixAddress>, Connection<UnixAddress>]>;
export function socketpair(family: number | null = AF_UNIX, type = SOCK_STREAM, proto = 0): Promise<[Socket, Socket]> {
  return awaited(async () => {
    const [one, other] = await makePair(family ?? AF_UNIX, type, proto);
    return [new Socket(one), new Socket(other)];
  }, socketpair);
}

/**
 * Makes a socket over a copy of a descriptor, which stays as it is.
 *
 * @param fd - the descriptor's number. It still belongs to the caller, who may {@link close} it.
 * @param family - the descriptor's family: `AF_INET`, `AF_INET6` or `AF_UNIX`, or −1 for what it is.
 * @param type - the descriptor's type: `SOCK_STREAM` or `SOCK_DGRAM`, or −1 for what it is.
 * @param proto - the value of the socket's `proto`, or −1 for the descriptor's.
 * @returns the socket: listening, connected or bound, as the descriptor is.
 * @throws TypeError if an argument is not an integer; OSError: EBADF if no such descriptor is open, ENOTSOCK if it is
 * not a socket, EMFILE if the process may have no more, ENOTSUP without koffi or Linux.
 * @see https://docs.python.org/3/library/socket.html#socket.fromfd
 *
 * @remarks Without koffi a descriptor can be taken over, as from systemd or inetd: `new Socket(-1, -1, -1, fd)`.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [one, other] = await socket.socketpair();
 * using copy = socket.fromfd(one.fileno(), socket.AF_UNIX, socket.SOCK_STREAM);
 * await copy.sendall('from the copy');
 * console.log(String(await other.recv(1024))); // from the copy
 * one.close();
 * other.close();
 * ```
 */
export function fromfd<Family extends number>(
  fd: number,
  family: Family,
  type: number,
  proto?: number,
): Socket<Family extends -1 ? Address : AddressOf<Family>>;
export function fromfd(fd: number, family: number, type: number, proto = 0): Socket {
  return called(fromfd, () => new Socket(duplicatedCore(fd, family, type, proto)));
}

/**
 * Makes two sockets that are connected to each other, at once, as {@link socketpair} does awaited.
 *
 * @param family - `AF_UNIX`, also for `null`.
 * @param type - `SOCK_STREAM`, `SOCK_DGRAM` or `SOCK_SEQPACKET`.
 * @param proto - 0.
 * @returns both ends, which have no names.
 * @throws OSError: ENOTSUP for `AF_INET` and `AF_INET6`, as on Linux; the same for a stream, and EPROTONOSUPPORT for
 * others, where the system is not Linux or has no koffi.
 * @see https://docs.python.org/3/library/socket.html#socket.socketpair
 *
 * @remarks Python has this call under the name `socketpair`.
 *
 * @example
 * ```ts no-run
 * import * as socket from 'await-socket';
 *
 * const [one, other] = socket.socketpairSync(socket.AF_UNIX, socket.SOCK_SEQPACKET);
 * await one.send('one message');
 * await one.send('and another');
 * console.log(String(await other.recv(1024))); // one message
 * one.close();
 * other.close();
 * ```
 */
export function socketpairSync(
  family?: number | null,
  type?: number,
  proto?: number,
): [Connection<UnixAddress>, Connection<UnixAddress>];
export function socketpairSync(family: number | null = AF_UNIX, type = SOCK_STREAM, proto = 0): [Socket, Socket] {
  return called(socketpairSync, () => {
    const [one, other] = makePairSync(family ?? AF_UNIX, type, proto);
    return [new Socket(one), new Socket(other)];
  });
}

const SERVER_OPTIONS = ['family', 'backlog', 'queue', 'reusePort', 'dualstackIpv6'] as const;

interface CheckedOptions {
  readonly family: number;
  readonly backlog: number | null;
  readonly queue: 'node' | 'kernel';
  readonly reusePort: boolean;
  readonly dualstackIpv6: boolean;
}

/** Checks all options before anything is begun; Python checks some only when it uses them. */
function checkServerOptions(options: unknown): CheckedOptions {
  const { family, backlog, queue, reusePort, dualstackIpv6 } = checkOptions(options, SERVER_OPTIONS, 'createServer');
  return {
    family: family === undefined ? AF_INET : int(family, 'createServer(): family'),
    backlog: backlog === undefined || backlog === null ? null : int(backlog, 'createServer(): backlog'),
    queue: checkQueue(queue, 'createServer'),
    reusePort: Boolean(reusePort),
    dualstackIpv6: Boolean(dualstackIpv6),
  };
}

function sharePort(server: Socket): void {
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
  } catch (cause) {
    throw raised(new RangeError('createServer(): reusePort needs Node 22.12 or newer', { cause }));
  }
}

function bindTo(server: Socket, address: AddressLike): void {
  try {
    server.bind(address);
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
    const text = `${error.strerror} (while attempting to bind on address ${shown(address)})`;
    throw raised(new OSError(error.errno, text, { code: error.code, syscall: 'bind', cause: error }));
  }
}
