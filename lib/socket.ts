import type { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import type { Address, AddressLike, AddressOf } from './common/addresses.ts';
import type { Data } from './common/arguments.ts';
import type { WaitOptions } from './common/call-options.ts';
import type { SOCK_DGRAM } from './common/constants.ts';
import type { SearchOptions, Separator } from './common/separators.ts';
import type { AncillaryLike } from './core/ancillary-items.ts';
import {
  accept,
  bind,
  connect,
  connectEx,
  listen,
  readable,
  recv,
  recvExactly,
  recvfrom,
  recvfromInto,
  recvInto,
  recvLine,
  recvmsg,
  recvmsgInto,
  recvUntil,
  send,
  sendall,
  sendfile,
  sendmsg,
  sendto,
  shutdown,
  writable,
} from './core/calls.ts';
import { close } from './core/close.ts';
import { Core, coreOf, setDoor } from './core/core.ts';
import { watchUnclosed } from './core/dropped.ts';
import { detach, dup, getInheritable, setInheritable } from './core/duplicate.ts';
import { SocketSource } from './core/file-source.ts';
import { iterate } from './core/iterate.ts';
import { makeCore } from './core/make.ts';
import type { WritableData } from './core/memory.ts';
import { fileno, getpeername, getsockname } from './core/names.ts';
import type { Message } from './core/receive.ts';
import { repr } from './core/repr.ts';
import { getsockopt, setblocking, setsockopt, settimeout } from './core/settings.ts';
import { makefile, type AnyFile, type FileOf, type FileOptions, type TextFile } from './files/makefile.ts';
import type { OptionValue } from './options/options.ts';
import type { SendableFile } from './files/sendable-file.ts';
import { called, showCallers } from './common/stack.ts';
import { fromStream } from './streams/from-stream.ts';
import type { SocketDuplex } from './streams/socket-duplex.ts';
import { toDuplex, type DuplexOptions } from './streams/to-duplex.ts';
import { toWeb, type WebStreams } from './streams/web-streams.ts';
import { awaited } from './waiting/gate.ts';

/** The methods that throw. */
const SYNCHRONOUS = [
  ...['bind', 'close', 'detach', 'dup', 'fileno', 'getblocking', 'getInheritable', 'getpeername', 'getsockname'],
  ...['getsockopt', 'gettimeout', 'listen'],
  ...[
    'makefile',
    'ref',
    'setblocking',
    'setInheritable',
    'setsockopt',
    'settimeout',
    'shutdown',
    'toDuplex',
    'toString',
  ],
  ...['toWeb', 'unref'],
];

/** How {@link Socket.listen} waits for clients. */
export interface ListenOptions {
  /**
   * Who keeps the connections that wait for `accept()`. `'node'`, the default, accepts each as soon as the process is
   * idle. `'kernel'` leaves it in the kernel until `accept()` asks: the backlog counts as in Python, and processes that
   * share the listener take no client that they do not ask for. It needs koffi and Linux.
   */
  readonly queue?: 'node' | 'kernel' | undefined;
}

/**
 * A socket, as Python's `socket.socket`, awaited: calls that block in Python return a promise here.
 *
 * The type of its addresses follows from the family that it is made with, as far as the compiler knows that; `Socket`
 * alone may have any. A {@link Listener}, a {@link Connection} and a {@link DatagramSocket} are sockets of which the
 * compiler knows more. They are types only: at run time all are of this class.
 *
 * @see https://docs.python.org/3/library/socket.html#socket-objects
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using server = socket.createServer(['127.0.0.1', 0]);
 * const port: number = server.getsockname()[1];
 * using client = await socket.createConnection(['127.0.0.1', port]);
 * console.log(client.getpeername()[1] === port); // true
 * ```
 */
export class Socket<A extends Address = Address> {
  /** For the compiler alone: without it, `instanceof` of a class with type parameters makes addresses `any`. */
  declare static readonly [Symbol.hasInstance]: <T>(
    this: abstract new (...given: never) => T,
    value: unknown,
  ) => value is T;
  readonly #core: Core;

  static {
    setDoor((socket) => (#core in socket ? socket.#core : undefined), Socket.prototype);
    showCallers(Socket.prototype, SYNCHRONOUS);
    showCallers(Socket, ['from']);
  }

  /**
   * @param family - `AF_INET` (also for −1), `AF_INET6` or `AF_UNIX`; others need koffi.
   * @param type - `SOCK_STREAM` (also for −1) or `SOCK_DGRAM`; with `SOCK_NONBLOCK` for a time limit of 0 and
   * `SOCK_CLOEXEC`, which changes nothing. Other kinds that Linux has need koffi, such as `SOCK_SEQPACKET`, `SOCK_RAW`, and
   * `SOCK_DGRAM` with `AF_UNIX`.
   * @param proto - 0 (also for −1), `IPPROTO_TCP` or `IPPROTO_UDP`, according to the type; others need koffi.
   * @param fileno - the descriptor of a socket that another process has made. From now on it belongs to this socket, and
   * closing the socket closes it; {@link fromfd} copies one. With a fileno, −1 for another argument means the value of that
   * socket.
   * @throws TypeError if an argument is not an integer; RangeError if fileno is negative; OSError: EAFNOSUPPORT,
   * ESOCKTNOSUPPORT, EPROTONOSUPPORT or EINVAL for a kind of socket that Linux or Node does not have; for a fileno
   * EBADF if no such descriptor is open, ENOTSOCK if it is not a socket, EAFNOSUPPORT or EPROTOTYPE if it has another
   * family or type, ENOTSUP if a socket of this process has it already, and without koffi if it is neither bound nor
   * connected.
   * @see https://docs.python.org/3/library/socket.html#socket.socket
   */
  constructor(family?: number, type?: number, proto?: number, fileno?: number | null);
  /** @internal */
  constructor(core: Core);
  constructor(family: number | Core = -1, type = -1, proto = -1, fileno: number | null = null) {
    this.#core = family instanceof Core ? family : called(Socket, () => makeCore(family, type, proto, fileno));
    watchUnclosed(this, this.#core);
  }

  /**
   * Makes a socket of a stream of Node's: a `net.Socket`, also one that another process has sent, a TLS socket of
   * `node:tls`, or any Duplex of bytes.
   *
   * @param stream - the stream, which from now on belongs to the socket: nothing else may read it or write to it.
   * @returns the connected socket. What the stream has buffered is the first that it receives.
   * @throws TypeError for what is no Duplex, is in object mode, gives text, or has a listener for 'readable'; OSError
   * ENOTCONN for a stream that is destroyed or not connected yet.
   *
   * @remarks Python has no such call. The stream stays in use: an event that it emits is still emitted. A stream
   * without addresses makes a socket of AF_UNIX, whose ends have no names. Over a Duplex that is no plain `net.Socket`,
   * `fileno()` is −1, and `close()` with bytes unread destroys the stream.
   *
   * @example
   * ```ts
   * import { createServer } from 'node:net';
   * import * as socket from 'await-socket';
   *
   * const server = createServer({ pauseOnConnect: true }, async (stream) => {
   *   using conn = socket.Socket.from(stream);
   *   await conn.sendall('Hello from Node');
   *   server.close();
   * });
   * server.listen(0, '127.0.0.1', async () => {
   *   const { port } = server.address() as { port: number };
   *   using client = await socket.createConnection(['127.0.0.1', port]);
   *   console.log(String(await client.recv(1024))); // Hello from Node
   * });
   * ```
   */
  static from(stream: Duplex): Socket {
    return new Socket(fromStream(stream));
  }

  /** The address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. It stays after `close()`. */
  get family(): number {
    return this.#core.family;
  }

  /** The type: `SOCK_STREAM`. It stays after `close()`. */
  get type(): number {
    return this.#core.type;
  }

  /** The protocol's number, 0 for the usual one. It stays after `close()`. */
  get proto(): number {
    return this.#core.proto;
  }

  /** The time limit in seconds, as {@link gettimeout} gives it. */
  get timeout(): number | null {
    return this.#core.timeout;
  }

  /**
   * Accepts a connection: waits until a client has connected, and takes the oldest connection that waits to be
   * accepted.
   *
   * @param options - `signal` ends the wait.
   * @returns the socket that is connected to the client, and the client's address. Its time limit is the default one.
   * @throws OSError: EINVAL if the socket does not listen, EBADF if it is or gets closed; TimeoutError;
   * BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.accept
   *
   * @remarks Differs from Python in that a client that reset the connection before it was accepted has the wildcard
   * address and port 0.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * using client = socket.socket();
   * await client.connect(server.getsockname());
   * const [conn, address] = await server.accept();
   * console.log(String(address) === String(client.getsockname())); // true
   * conn.close();
   * ```
   */
  accept(options?: WaitOptions): Promise<[Connection<A>, A]>;
  accept(options?: WaitOptions): Promise<[Socket, Address]> {
    return accept(this, (core) => new Socket(core), options);
  }

  /**
   * Binds the socket to an address, at once: the port is taken and known when this returns, and no client can connect
   * to it before `listen()`.
   *
   * @param address - `[host, port]`; host is numeric, `''` for all interfaces, `'localhost'`, or `'<broadcast>'`; port
   * 0 takes a free one.
   * @throws TypeError or RangeError for a wrong address; OSError: EADDRINUSE, EADDRNOTAVAIL, EACCES (a
   * PermissionError), EINVAL if it is bound already, EBADF if it is closed; gaierror: EAI_NONAME for another host name,
   * EAI_ADDRFAMILY for the other family.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.bind
   *
   * @remarks Differs from Python in that other host names are not looked up, because a look-up has to wait: `await
   * gethostbyname(host)` first. Also, libuv sets SO_REUSEADDR on every socket: two may be bound to a port while neither
   * listens.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * sock.bind(['127.0.0.1', 0]); // port 0: any that is free
   * const [host, port] = sock.getsockname();
   * console.log(host, port > 0); // 127.0.0.1 true
   * ```
   */
  bind(address: AddressLike): void {
    bind(this, address);
  }

  /**
   * Closes the socket: from now on every other call raises EBADF, and so does every call that waits. Bytes that
   * `send()` has accepted are still sent. Connections that were not accepted are reset, and so is a connection with
   * bytes that were not received. The port is free at once. Closing again does nothing. A socket that files of
   * `makefile()` use stays open until the last of them is closed.
   *
   * @see https://docs.python.org/3/library/socket.html#socket.socket.close
   *
   * @remarks Differs from Python in that it wakes the calls that wait.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const server = socket.createServer(['127.0.0.1', 0]);
   * const accepted = server.accept();
   * server.close();
   * await accepted.catch((error: unknown) => {
   *   console.log(String(error)); // OSError: [Errno 9] Bad file descriptor: accept (the socket is closed)
   * });
   * ```
   */
  close(): void {
    close(this);
  }

  /**
   * Makes a second socket on the same connection, listener or port. Each byte, message or client goes to one of the two,
   * and what they have lasts until both are closed.
   *
   * @returns the other socket, with the time limit of this one. Child processes do not inherit it.
   * @throws OSError: EBADF if the socket is closed, EMFILE if the process may have no more descriptors, EALREADY while a
   * Unix socket connects, EBUSY while bytes are being sent, ENOTSUP with TLS, or without koffi or Linux.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.dup
   *
   * @remarks From now on the kernel alone buffers what both receive: {@link Socket.toDuplex} and TLS need a socket that
   * was not duplicated.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * using second = one.dup();
   * one.close();
   * await second.sendall('still open');
   * console.log(String(await other.recv(1024))); // still open
   * other.close();
   * ```
   */
  dup(): Socket<A> {
    return new Socket<A>(dup(this));
  }

  /**
   * Closes the socket, and leaves its descriptor open, which belongs to the caller from now on.
   *
   * @returns the descriptor's number, which is that of `fileno()`; −1 if the socket is closed. It is blocking if the
   * socket had no time limit.
   * @throws OSError: EBUSY if Node has received bytes or accepted clients that the program has not, and while bytes are
   * being sent; EALREADY while a Unix socket connects, ENOTSUP with TLS, or without koffi or Linux.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.detach
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const fd = one.detach();
   * using again = new socket.Socket(-1, -1, -1, fd);
   * await again.sendall('the same socket');
   * console.log(String(await other.recv(1024))); // the same socket
   * other.close();
   * ```
   */
  detach(): number {
    return detach(this);
  }

  /**
   * Whether the programs that this process starts inherit the socket.
   *
   * @returns false, if nothing has changed it.
   * @throws OSError: EBADF if the socket is closed, ENOTSUP if it has a descriptor, and koffi or Linux is missing.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.get_inheritable
   */
  getInheritable(): boolean {
    return getInheritable(this);
  }

  /**
   * Sets whether the programs that this process starts inherit the socket, under the number of its `fileno()`.
   *
   * @param inheritable - whether they do.
   * @throws TypeError if it is not a boolean or an integer; OSError as `dup()`.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.set_inheritable
   */
  setInheritable(inheritable: boolean): void {
    setInheritable(this, inheritable);
  }

  /** Closes the socket at the end of a `using` block, as Python's `with` does. */
  [Symbol.dispose](): void {
    close(this);
  }

  /** Closes the socket at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return awaited(() => close(this));
  }

  /**
   * For `for await`: the connections of a listener, each with its address, until the listener is closed; or else what a
   * connection receives, in chunks of 64 KiB at most, until the end of the stream; or datagrams. Leaving the loop closes
   * nothing.
   *
   * @throws OSError EBADF if the socket is closed; in the loop, what `accept()` or `recv()` throws. After a time-out the
   * loop may be begun again: nothing is lost.
   *
   * @remarks Python's sockets cannot be iterated over. A loop that awaits what it does for a client serves one client at
   * a time: begin that without `await`, as here.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * async function echo(conn: socket.Connection): Promise<void> {
   *   using closing = conn;
   *   for await (const chunk of closing) await conn.sendall(chunk);
   * }
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * using client = await socket.createConnection(server.getsockname());
   * await client.sendall('hello');
   * for await (const [conn] of server) {
   *   void echo(conn).catch((error: unknown) => console.error('one client lost:', error));
   *   break; // a server goes on here, and waits for its next client
   * }
   * console.log(String(await client.recv(1024))); // hello
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterator<Buffer | [Connection<A>, A], void, undefined>;
  [Symbol.asyncIterator](): AsyncIterator<Buffer | [Socket, Address], void, undefined> {
    return iterate(this);
  }

  /**
   * Connects to an address.
   *
   * @param address - `[host, port]`; the host may be numeric, a name, which is looked up, or `''` for this machine.
   * @param options - `signal` ends the wait.
   * @throws TypeError or RangeError for a wrong address; gaierror if the name has no address in the socket's family;
   * OSError: ConnectionRefusedError, ENETUNREACH and other errors of the network; EISCONN if the socket is connected or
   * listens, EALREADY if it is being connected, EBADF if it is or gets closed; TimeoutError; BlockingIOError
   * EINPROGRESS with a time limit of 0: the connection is still made, and connect() raises EALREADY until it succeeds,
   * once.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect
   *
   * @remarks Differs from Python in that the time limit includes the look-up, and that a connect() that ends early
   * gives up the connection and may be tried again at once. (Python's goes on in the background.)
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * using client = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * client.settimeout(10);
   * await client.connect(server.getsockname());
   * ```
   */
  connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    return connect(this, address, options);
  }

  /**
   * Connects to an address as {@link connect} does, but returns the number of an error of the system's.
   *
   * @param address - as for {@link connect}.
   * @param options - `signal` ends the wait.
   * @returns 0, or the number: 111 (ECONNREFUSED), 11 (EAGAIN) after a time-out, 115 (EINPROGRESS) with a time limit of
   * 0, and others.
   * @throws TypeError or RangeError for a wrong address; gaierror if the name cannot be resolved; the signal's reason.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect_ex
   */
  connectEx(address: AddressLike, options?: WaitOptions): Promise<number> {
    return connectEx(this, address, options);
  }

  /**
   * The number of the socket's descriptor.
   *
   * @returns −1 if the socket is closed, or is not bound, listening or connected yet, and where Node does not give it
   * (Windows).
   * @see https://docs.python.org/3/library/socket.html#socket.socket.fileno
   *
   * @remarks Differs from Python in that a new socket has no descriptor.
   */
  fileno(): number {
    return fileno(this);
  }

  /**
   * Whether the awaited calls wait at all: false for a time limit of 0.
   *
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getblocking
   */
  getblocking(): boolean {
    return coreOf(this, 'getblocking').timeout !== 0;
  }

  /**
   * The peer's address.
   *
   * @returns `[host, port]`, or for AF_INET6 `[host, port, flowinfo, scopeid]`.
   * @throws OSError: ENOTCONN without a connection, also after it was reset; EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getpeername
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * const [host, port] = server.getsockname();
   * using client = await socket.createConnection([host, port]);
   * console.log(client.getpeername()[1] === port); // true
   * ```
   */
  getpeername(): A;
  getpeername(): Address {
    return getpeername(this);
  }

  /**
   * The socket's own address.
   *
   * @returns `[host, port]`, or for AF_INET6 `[host, port, flowinfo, scopeid]`; the wildcard and 0 as long as it is not
   * bound.
   * @throws OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getsockname
   */
  getsockname(): A;
  getsockname(): Address {
    return getsockname(this);
  }

  /**
   * The value of an option of the socket.
   *
   * @param level - as for {@link setsockopt}.
   * @param optname - as for {@link setsockopt}.
   * @param buflen - 0 for an integer, or how many bytes of C's structure are wanted, at most 1024.
   * @returns the integer, or the bytes.
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that Linux or this Node does
   * not have; ENOTSUP for such a level; EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getsockopt
   *
   * @remarks Differs from Python in that TCP_NODELAY is 1 from the start.
   */
  getsockopt(level: number, optname: number, buflen?: 0): number;
  getsockopt(level: number, optname: number, buflen: number): number | Buffer;
  getsockopt(level: number, optname: number, buflen = 0): number | Buffer {
    return getsockopt(this, level, optname, buflen);
  }

  /**
   * How long the awaited calls wait.
   *
   * @returns seconds; `null` for ever.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.gettimeout
   */
  gettimeout(): number | null {
    return coreOf(this, 'gettimeout').timeout;
  }

  /**
   * Lets clients connect. A socket that is not bound is first bound to a free port of all interfaces.
   *
   * @param backlog - how many connections the kernel holds while the process is busy, 0 if negative. Node accepts them
   * by itself as soon as it is idle, and keeps up to 4096 for {@link Socket.accept}; later ones are reset.
   * @param options - see {@link ListenOptions}.
   * @throws TypeError or RangeError for the arguments; OSError: EADDRINUSE if another socket listens on the port, EINVAL
   * if this one is connected, EBADF if it is closed, ENOTSUP for the queue of the kernel without koffi or Linux.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.listen
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * server.bind(['127.0.0.1', 0]);
   * server.listen();
   * using client = await socket.createConnection(server.getsockname());
   * ```
   */
  listen(backlog = 128, options?: ListenOptions): void {
    listen(this, backlog, options);
  }

  /**
   * Makes a file that reads from the socket and writes to it, with the buffers and the text of Python's io module.
   *
   * @param mode - of `r`, `w` and `b`, as for Python's `open()`; `'r'` where it is left out.
   * @param buffering - as the option of that name.
   * @param options - see {@link FileOptions}; they may stand in the place of `buffering` or of both.
   * @returns the file; its reads and writes are awaited. The socket stays open until the file is closed, too.
   * @throws TypeError or RangeError for a mode or options that makefile() does not have.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.makefile
   *
   * @remarks Differs from Python in the default encoding, which is UTF-8 here.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('one line\nanother\n');
   * const file = other.makefile('rw');
   * console.log((await file.readline()).trimEnd()); // one line
   * await file.write('thanks\n');
   * await file.flush();
   * console.log(String(await one.recv(1024)).trimEnd()); // thanks
   * await file.close();
   * one.close();
   * other.close();
   * ```
   */
  makefile<const Mode extends string = 'r', Buffering extends number | null | undefined = undefined>(
    mode: Mode,
    options?: FileOptions<Buffering>,
  ): FileOf<Mode, Buffering>;
  makefile<const Mode extends string = 'r', Buffering extends number | null | undefined = undefined>(
    mode: Mode,
    buffering: Buffering,
    options?: FileOptions<undefined>,
  ): FileOf<Mode, Buffering>;
  makefile(options?: FileOptions<undefined>): TextFile;
  makefile(...given: readonly unknown[]): AnyFile {
    return makefile(new SocketSource(coreOf(this, 'makefile'), this), ...given);
  }

  /**
   * Waits until {@link recv} or {@link accept} would not have to wait: bytes, a datagram, a connection, the end of the
   * stream or an error is there. Nothing is taken.
   *
   * @param options - `signal` ends the wait.
   * @throws OSError EBADF if the socket is or gets closed; TimeoutError; BlockingIOError.
   * @see https://docs.python.org/3/library/select.html#select.select
   *
   * @remarks Python has no such call: it is `select.select([sock], [], [])` for one socket, with its time limit.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('Hello');
   * await other.readable();
   * console.log(String(await other.recv(1024, socket.MSG_DONTWAIT))); // Hello
   * one.close();
   * other.close();
   * ```
   */
  readable(options?: WaitOptions): Promise<void> {
    return readable(this, options);
  }

  /**
   * Receives bytes: waits until some have arrived, and takes those.
   *
   * @param bufsize - how many bytes at most; 0 gives none, at once.
   * @param flags - `MSG_PEEK` leaves the bytes in the queue; `MSG_WAITALL` waits for all `bufsize` bytes or the end of
   * the stream, but has no effect on a socket with a time limit; `MSG_DONTWAIT` raises BlockingIOError rather than
   * wait.
   * @param options - `signal` ends the wait.
   * @returns 1 to `bufsize` bytes; none at the end of the stream, each time.
   * @throws TypeError or RangeError for the arguments; OSError: ENOTCONN without a connection, EBADF if the socket is
   * or gets closed; ConnectionResetError, once, after the bytes that came before the reset; TimeoutError;
   * BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('in pieces of whatever size');
   * one.close();
   * const blocks: Buffer[] = [];
   * for (let block = await other.recv(10); block.length > 0; block = await other.recv(10)) blocks.push(block);
   * console.log(String(Buffer.concat(blocks))); // in pieces of whatever size
   * other.close();
   * ```
   */
  recv(bufsize: number, options?: WaitOptions): Promise<Buffer>;
  recv(bufsize: number, flags?: number, options?: WaitOptions): Promise<Buffer>;
  recv(bufsize: number, flags?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return recv(this, bufsize, flags, options);
  }

  /**
   * Receives exactly `n` bytes: waits until all of them have arrived.
   *
   * @param n - how many bytes; 0 gives none, at once.
   * @param options - `signal` ends the wait.
   * @returns the bytes.
   * @throws TypeError or RangeError for the arguments; {@link IncompleteReadError} if the stream ends before, with the
   * bytes that came; otherwise as {@link recv}, and ENOTSUP on a datagram socket.
   * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readexactly
   *
   * @remarks Python's sockets have no such call; this is asyncio's `readexactly()`. The time limit is for the whole call.
   * A call that ends early, by its time limit, its signal or an error of the connection, has taken nothing: the bytes
   * are there for the next call. The memory for a large `n` is taken when a sixteenth of the bytes has come; a program
   * that has `n` from its peer should still check it first, because those bytes are kept until all have come.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('\x05Hello\x03you');
   * const length = (await other.recvExactly(1)).readUInt8();
   * console.log(String(await other.recvExactly(length))); // Hello
   * one.close();
   * other.close();
   * ```
   */
  recvExactly(n: number, options?: WaitOptions): Promise<Buffer> {
    return recvExactly(this, n, options);
  }

  /**
   * Receives bytes into the caller's memory, as {@link recv} does.
   *
   * @param buffer - the memory for the bytes.
   * @param nbytes - how many bytes at most; 0 for as many as `buffer` has room for.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written to the start of `buffer`; 0 at the end of the stream, and if it has no room.
   * @throws as {@link recv}; RangeError also if `nbytes` is more than `buffer` has room for.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv_into
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('Hello');
   * const buffer = new Uint8Array(1024);
   * const nbytes = await other.recvInto(buffer);
   * console.log(nbytes, buffer.subarray(0, 2)); // 5 Uint8Array(2) [ 72, 101 ]
   * one.close();
   * other.close();
   * ```
   */
  recvInto(buffer: WritableData, options?: WaitOptions): Promise<number>;
  recvInto(buffer: WritableData, nbytes: number, options?: WaitOptions): Promise<number>;
  recvInto(buffer: WritableData, nbytes?: number, flags?: number, options?: WaitOptions): Promise<number>;
  recvInto(
    buffer: WritableData,
    nbytes?: number | WaitOptions,
    flags?: number | WaitOptions,
    options?: WaitOptions,
  ): Promise<number> {
    return recvInto(this, buffer, nbytes, flags, options);
  }

  /**
   * Receives a line, with its `\n`. The last line may have none; at the end of the stream it is empty, each time.
   *
   * @param limit - how many bytes the line may have before its `\n`.
   * @param options - `signal` ends the wait; they may stand in the place of the limit.
   * @returns the line.
   * @throws TypeError or RangeError for the arguments; {@link LimitOverrunError} for a longer line, which stays;
   * otherwise as {@link recv}, and ENOTSUP on a datagram socket.
   * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readline
   *
   * @remarks Python's sockets have no such call. The end of the stream is as in Python's `readline()`; a longer line is
   * an error, as with asyncio's `readuntil()`, and never cut in two. A call that ends early has taken nothing.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('HELO example.org\nQUIT\n');
   * one.close();
   * const lines: string[] = [];
   * for (let line = await other.recvLine(1000); line.length > 0; line = await other.recvLine(1000)) {
   *   lines.push(String(line).trimEnd());
   * }
   * console.log(lines); // [ 'HELO example.org', 'QUIT' ]
   * other.close();
   * ```
   */
  recvLine(limit?: number, options?: WaitOptions): Promise<Buffer>;
  recvLine(options: WaitOptions): Promise<Buffer>;
  recvLine(limit?: number | WaitOptions, options?: WaitOptions): Promise<Buffer> {
    return recvLine(this, limit, options);
  }

  /**
   * Receives bytes up to a separator, and the separator.
   *
   * @param separator - bytes, or a string in UTF-8; or an array of several, of which the one counts that ends first.
   * @param options - `limit`: how many bytes there may be before the separator, 65,536 where it is left out; `signal`
   * ends the wait.
   * @returns the bytes, with the separator at their end.
   * @throws TypeError or RangeError for the arguments; {@link LimitOverrunError} if more bytes come before the separator,
   * which all stay; {@link IncompleteReadError} if the stream ends before, with the bytes that came; otherwise as
   * {@link recv}, and ENOTSUP on a datagram socket.
   * @see https://docs.python.org/3/library/asyncio-stream.html#asyncio.StreamReader.readuntil
   *
   * @remarks Python's sockets have no such call; this is asyncio's `readuntil()`. The time limit is for the whole call. A
   * call that ends early, by its time limit, its signal or an error of the connection, has taken nothing.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n');
   * const head = await other.recvUntil('\r\n\r\n', { limit: 8192 });
   * console.log(String(head).split('\r\n')); // [ 'GET / HTTP/1.1', 'Host: example.org', '', '' ]
   * one.close();
   * other.close();
   * ```
   */
  recvUntil(separator: Separator, options?: SearchOptions): Promise<Buffer> {
    return recvUntil(this, separator, options);
  }

  /**
   * Receives bytes and their sender's address, as {@link recv} receives bytes; on a connection the address is `null`
   * (except for a Unix peer that is bound to a path).
   *
   * @param bufsize - how many bytes at most; the rest of a longer datagram is lost. Unlike in {@link recv}, 0 waits
   * until some have arrived.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes, and the sender's address or `null`.
   * @throws as {@link recv}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * receiver.bind(['127.0.0.1', 0]);
   * using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * await sender.sendto('ping', receiver.getsockname());
   * const [data, address] = await receiver.recvfrom(1024);
   * console.log(String(data)); // ping
   * if (address !== null) await receiver.sendto('pong', address);
   * console.log(String(await sender.recv(1024))); // pong
   * ```
   */
  recvfrom(bufsize: number, options?: WaitOptions): Promise<[Buffer, A | null]>;
  recvfrom(bufsize: number, flags?: number, options?: WaitOptions): Promise<[Buffer, A | null]>;
  recvfrom(bufsize: number, flags?: number | WaitOptions, options?: WaitOptions): Promise<[Buffer, Address | null]> {
    return recvfrom(this, bufsize, flags, options);
  }

  /**
   * Receives bytes into the caller's memory, and their sender's address, as {@link recvfrom} does.
   *
   * @param buffer - the memory for the bytes.
   * @param nbytes - how many bytes at most; 0 for as many as `buffer` has room for.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written to the start of `buffer`, and the sender's address or `null`.
   * @throws as {@link recvfrom}; RangeError also if `nbytes` is more than `buffer` has room for.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom_into
   */
  recvfromInto(buffer: WritableData, options?: WaitOptions): Promise<[number, A | null]>;
  recvfromInto(buffer: WritableData, nbytes: number, options?: WaitOptions): Promise<[number, A | null]>;
  recvfromInto(
    buffer: WritableData,
    nbytes?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<[number, A | null]>;
  recvfromInto(buffer: WritableData, ...optional: readonly unknown[]): Promise<[number, Address | null]> {
    return recvfromInto(this, buffer, ...optional);
  }

  /**
   * Receives bytes, as {@link recvfrom} does, and reports whether a datagram was truncated.
   *
   * @param bufsize - how many bytes at most.
   * @param ancbufsize - room for ancillary data, in bytes; without koffi none arrives.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes; ancillary data, as items of a level, a type and bytes; flags, such as `MSG_TRUNC` for a datagram
   * that was longer and `MSG_CTRUNC` for ancillary data that was cut off; the sender's address or `null`.
   * @throws as {@link recvfrom}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvmsg
   */
  recvmsg(bufsize: number, options?: WaitOptions): Promise<Message<Buffer, A | null>>;
  recvmsg(bufsize: number, ancbufsize: number, options?: WaitOptions): Promise<Message<Buffer, A | null>>;
  recvmsg(
    bufsize: number,
    ancbufsize?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<Message<Buffer, A | null>>;
  recvmsg(bufsize: number, ...optional: readonly unknown[]): Promise<Message<Buffer>> {
    return recvmsg(this, bufsize, ...optional);
  }

  /**
   * Receives bytes into several pieces of memory, one after the other, as {@link recvmsg} does.
   *
   * @param buffers - the pieces of memory for the bytes.
   * @param ancbufsize - as for {@link recvmsg}.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written; the rest as for {@link recvmsg}.
   * @throws as {@link recvmsg}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvmsg_into
   */
  recvmsgInto(buffers: Iterable<WritableData>, options?: WaitOptions): Promise<Message<number, A | null>>;
  recvmsgInto(
    buffers: Iterable<WritableData>,
    ancbufsize: number,
    options?: WaitOptions,
  ): Promise<Message<number, A | null>>;
  recvmsgInto(
    buffers: Iterable<WritableData>,
    ancbufsize?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<Message<number, A | null>>;
  recvmsgInto(buffers: Iterable<WritableData>, ...optional: readonly unknown[]): Promise<Message<number>> {
    return recvmsgInto(this, buffers, ...optional);
  }

  /**
   * Lets waiting calls of this socket keep the process alive, which is the default. An idle socket never does.
   *
   * @remarks Python has no such call.
   */
  ref(): this {
    coreOf(this, 'ref').keepProcess(true);
    return this;
  }

  /**
   * Sends bytes: waits until the kernel has all of them, so that a sender never outruns its receiver by more than the
   * kernel's buffers. Concurrent sends are sent whole, in the order of the calls.
   *
   * @param data - the bytes, or a string, which is sent as UTF-8. The memory may be used again once the promise is
   * settled, but not before, and not after `close()` ended the call.
   * @param flags - `MSG_DONTWAIT` sends the bytes that can be sent at once, and raises BlockingIOError if none can.
   * @param options - `signal` ends the wait; how many bytes were sent by then is not known.
   * @returns how many bytes were sent: all, or fewer if the call timed out before it could send the rest.
   * @throws TypeError for the arguments; OSError: BrokenPipeError without a connection, after `shutdown(SHUT_WR)` and
   * once the peer has closed; ConnectionResetError; EBADF if the socket is or gets closed; TimeoutError and
   * BlockingIOError if nothing could be sent.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.send
   *
   * @remarks Differs from Python in that strings may be sent, and that after a time-out up to 256 KiB may count as sent
   * although the kernel does not have them yet.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * console.log(await one.send('Grüße')); // 7
   * console.log(String(await other.recv(1024))); // Grüße
   * one.close();
   * other.close();
   * ```
   */
  send(data: Data, options?: WaitOptions): Promise<number>;
  send(data: Data, flags?: number, options?: WaitOptions): Promise<number>;
  send(data: Data, flags?: number | WaitOptions, options?: WaitOptions): Promise<number> {
    return send(this, data, flags, options);
  }

  /**
   * Sends all of the bytes.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param options - `signal` ends the wait.
   * @throws as {@link send}; after an error, how many bytes were sent is not known. The time limit is for the whole
   * call.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendall
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const sent = one.sendall(Buffer.alloc(1_000_000)); // waits until the other end has made room
   * console.log((await other.recv(1_000_000, socket.MSG_WAITALL)).length); // 1000000
   * await sent;
   * one.close();
   * other.close();
   * ```
   */
  sendall(data: Data, options?: WaitOptions): Promise<void>;
  sendall(data: Data, flags?: number, options?: WaitOptions): Promise<void>;
  sendall(data: Data, flags?: number | WaitOptions, options?: WaitOptions): Promise<void> {
    return sendall(this, data, flags, options);
  }

  /**
   * Sends a file, or a part of it, in little memory whatever its size: it is read as fast as the peer takes it.
   *
   * @param file - Node's `FileHandle`, or any object with a `read(size)` that returns bytes.
   * @param offset - where to begin, in bytes from the file's start.
   * @param count - how many bytes to send; `null` for all to the end.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws TypeError or RangeError for the arguments, for a datagram socket and for one with a time limit of 0;
   * otherwise as {@link sendall}. Errors of the file are passed on.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendfile
   *
   * @remarks Differs from Python in that a `FileHandle` keeps its own position.
   *
   * @example
   * ```ts
   * import { open } from 'node:fs/promises';
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const file = await open(process.execPath);
   * console.log(await one.sendfile(file, 0, 1000)); // 1000
   * console.log((await other.recv(1024)).length); // 1000
   * await file.close();
   * one.close();
   * other.close();
   * ```
   */
  sendfile(file: SendableFile, options?: WaitOptions): Promise<number>;
  sendfile(file: SendableFile, offset: number, options?: WaitOptions): Promise<number>;
  sendfile(file: SendableFile, offset?: number, count?: number | null, options?: WaitOptions): Promise<number>;
  sendfile(file: SendableFile, ...optional: readonly unknown[]): Promise<number> {
    return sendfile(this, file, ...optional);
  }

  /**
   * Sends the bytes of several pieces as one: in a row on a connection, or as one datagram.
   *
   * @param buffers - the pieces, each as for {@link send}.
   * @param ancdata - ancillary data: items of a level, a type, and bytes.
   * @param flags - as for {@link send}.
   * @param address - where a datagram goes, as for {@link sendto}; `null` for the peer.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws as {@link sendto}; OSError ENOTSUP for ancillary data without koffi, with TLS or without a connection.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendmsg
   */
  sendmsg(buffers: Iterable<Data>, options?: WaitOptions): Promise<number>;
  sendmsg(buffers: Iterable<Data>, ancdata: Iterable<AncillaryLike>, options?: WaitOptions): Promise<number>;
  sendmsg(
    buffers: Iterable<Data>,
    ancdata: Iterable<AncillaryLike>,
    flags: number,
    options?: WaitOptions,
  ): Promise<number>;
  sendmsg(
    buffers: Iterable<Data>,
    ancdata?: Iterable<AncillaryLike>,
    flags?: number,
    address?: AddressLike | null,
    options?: WaitOptions,
  ): Promise<number>;
  sendmsg(buffers: Iterable<Data>, ...optional: readonly unknown[]): Promise<number> {
    return sendmsg(this, buffers, ...optional);
  }

  /**
   * Sends a datagram to an address; on a TCP connection the address is ignored, as in Python.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param address - as for `connect()`; a host name is looked up.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws as {@link send}; EMSGSIZE for a datagram that is too long; PermissionError for a broadcast without
   * SO_BROADCAST; gaierror.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendto
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * receiver.bind(['127.0.0.1', 0]);
   * using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * console.log(await sender.sendto('ping', receiver.getsockname())); // 4
   * console.log(String(await receiver.recv(1024))); // ping
   * ```
   */
  sendto(data: Data, address: AddressLike, options?: WaitOptions): Promise<number>;
  sendto(data: Data, flags: number, address: AddressLike, options?: WaitOptions): Promise<number>;
  sendto(
    data: Data,
    flagsOrAddress: number | AddressLike,
    addressOrOptions?: AddressLike | WaitOptions,
    options?: WaitOptions,
  ): Promise<number> {
    return sendto(this, data, flagsOrAddress, addressOrOptions, options);
  }

  /**
   * Sets whether the awaited calls wait at all: `true` is `settimeout(null)`, `false` is `settimeout(0)`.
   *
   * @param flag - whether they do.
   * @throws TypeError if it is neither a boolean nor an integer; OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setblocking
   */
  setblocking(flag: boolean): void {
    setblocking(this, flag);
  }

  /**
   * Sets an option of the socket, at any time before it is closed. docs/options.md lists the options; those that Node
   * itself does not have need Linux and the optional package koffi.
   *
   * @param level - `SOL_SOCKET`, `IPPROTO_TCP`, `IPPROTO_IP` or `IPPROTO_IPV6`; any number with koffi.
   * @param optname - the option: `SO_*`, `TCP_*`, `IP_*` or `IPV6_*`; any number with koffi.
   * @param value - an integer, or the bytes of C's structure, or `null` with `optlen`.
   * @param optlen - the length that goes with `null`.
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that Linux, or this Node
   * without koffi, does not have; EINVAL for a value that it cannot have; EBADF if the socket is closed; other errors
   * of the kernel.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setsockopt
   *
   * @remarks Differs from Python in that SO_REUSEADDR is always on in the kernel; `getsockopt()` returns the value that
   * was set. Options that make the kernel queue errors, or change what Node reads, raise ENOPROTOOPT: docs/options.md
   * lists them.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
   * console.log(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)); // 1
   * ```
   */
  setsockopt(level: number, optname: number, value: OptionValue, optlen?: number): void {
    setsockopt(this, level, optname, value, optlen);
  }

  /**
   * Sets how long the awaited calls wait.
   *
   * @param timeout - seconds, after which they raise TimeoutError; `null` to wait for ever; 0 not to wait, which raises
   * BlockingIOError.
   * @throws RangeError if it is negative, NaN or too large; TypeError if it is not a number; OSError EBADF if the
   * socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.settimeout
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * server.settimeout(0.05);
   * await server.accept().catch((error: unknown) => console.log(error instanceof socket.TimeoutError)); // true
   * ```
   */
  settimeout(timeout: number | null): void {
    settimeout(this, timeout);
  }

  /**
   * Shuts down one direction of a connection, or both.
   *
   * @param how - `SHUT_RD`: bytes that have arrived can still be received, and then the end of the stream; `SHUT_WR`:
   * the peer receives the end of the stream, and bytes that it sends can still be received; `SHUT_RDWR`: both.
   * @throws TypeError if how is not an integer; OSError: EINVAL if it is none of the three, ENOTCONN without a
   * connection, EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.shutdown
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('all of it');
   * one.shutdown(socket.SHUT_WR);
   * console.log((await other.recv(1024)).toString()); // all of it
   * console.log((await other.recv(1024)).length); // 0
   * await other.sendall('thanks');
   * console.log((await one.recv(1024)).toString()); // thanks
   * one.close();
   * other.close();
   * ```
   */
  shutdown(how: number): void {
    shutdown(this, how);
  }

  /**
   * Turns the connection into a stream of Node's, for libraries that want a `net.Socket`.
   *
   * @param options - `allowHalfOpen`: whether the output stays open when the peer has ended its own; false by default,
   * as in Node.
   * @returns the stream. A socket that is not connected yet is connected by its `connect(port, host)`.
   * @throws TypeError for the options; RangeError for a datagram socket; OSError: EBADF if the socket is closed, EINVAL
   * if it listens, EALREADY if it is being connected.
   *
   * @remarks Python has no such call. It takes the connection away as `detach()` does: this socket is closed by it,
   * its calls that wait raise EBADF, and what files of `makefile()` have read ahead is the first that the stream gives.
   * The time limit does not go along; the stream has its own `setTimeout()`. docs/libraries.md shows how libraries use
   * it.
   *
   * @example
   * ```ts
   * import { request } from 'node:http';
   * import { createServer } from 'node:http';
   * import * as socket from 'await-socket';
   *
   * const server = createServer((_request, response) => response.end('Hello')).listen(0, '127.0.0.1', async () => {
   *   const { port } = server.address() as { port: number };
   *   const sock = await socket.createConnection(['127.0.0.1', port]);
   *   request({ createConnection: () => sock.toDuplex() }, (response) => {
   *     response.on('data', (data: Buffer) => console.log(String(data))); // Hello
   *     response.on('end', () => server.close());
   *   }).end();
   * });
   * ```
   */
  toDuplex(options?: DuplexOptions): SocketDuplex {
    return toDuplex(this, options);
  }

  /**
   * Turns the connection into two streams of the web, such as `fetch()` and `pipeTo()` work with.
   *
   * @returns `readable`, a stream of bytes, and `writable`, which takes what {@link sendall} takes. `writable.close()`
   * ends the output, and the peer can still send; the connection is closed once both have ended. `writable.abort()`
   * resets it.
   * @throws RangeError for a datagram socket; OSError: EBADF if the socket is closed, ENOTCONN without a connection.
   *
   * @remarks Python has no such call. It takes the connection away as `detach()` does: this socket is closed by it,
   * its calls that wait raise EBADF, and what files of `makefile()` have read ahead is the first that `readable` gives.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const { readable, writable } = one.toWeb();
   * await other.sendall('for the web');
   * other.shutdown(socket.SHUT_WR);
   * for await (const bytes of readable) console.log(new TextDecoder().decode(bytes)); // for the web
   * await writable.close();
   * other.close();
   * ```
   */
  toWeb(): WebStreams {
    return toWeb(this);
  }

  /**
   * Lets the process end even while calls of this socket wait.
   *
   * @remarks Python has no such call.
   */
  unref(): this {
    coreOf(this, 'unref').keepProcess(false);
    return this;
  }

  /**
   * Waits until {@link send} could hand over bytes or would raise, or until a {@link connect} that did not wait is over.
   *
   * @param options - `signal` ends the wait.
   * @throws OSError EBADF if the socket is or gets closed; TimeoutError; BlockingIOError.
   * @see https://docs.python.org/3/library/select.html#select.select
   *
   * @remarks Python has no such call: it is `select.select([], [sock], [])` for one socket, with its time limit.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.createServer(['127.0.0.1', 0]);
   * using client = socket.socket();
   * client.setblocking(false);
   * await client.connectEx(server.getsockname()); // 115: EINPROGRESS
   * client.settimeout(10);
   * await client.writable();
   * console.log(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)); // 0
   * ```
   */
  writable(options?: WaitOptions): Promise<void> {
    return writable(this, options);
  }

  /** The socket as Python shows it. */
  [inspect.custom](): string {
    // The prototype is not a socket, and must be shown without an error.
    return #core in this ? repr(this) : 'Socket.prototype';
  }

  /** The socket as Python's `repr()` shows it. */
  toString(): string {
    return repr(this);
  }
}

/** A socket that listens, as {@link createServer} makes it: `for await` gives its connections. */
export interface Listener<A extends Address = Address> extends Socket<A> {
  /** The connections, until the listener is closed: see {@link Socket}. */
  [Symbol.asyncIterator](): AsyncIterator<[Connection<A>, A], void, undefined>;
}

/** A socket that is connected, as {@link Socket.accept} and {@link createConnection} give it: `for await` gives chunks. */
export interface Connection<A extends Address = Address> extends Socket<A> {
  /** What is received, until the end of the stream: see {@link Socket}. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined>;
}

/**
 * A socket for datagrams, each of which has a sender. Only after `shutdown(SHUT_RD)` there is none: then the calls give
 * `null` for the address, as in Python, which the types leave out.
 */
export interface DatagramSocket<A extends Address = Address> extends Socket<A> {
  /** @see {@link Socket.recvfrom} */
  recvfrom(bufsize: number, options?: WaitOptions): Promise<[Buffer, A]>;
  recvfrom(bufsize: number, flags?: number, options?: WaitOptions): Promise<[Buffer, A]>;
  /** @see {@link Socket.recvfromInto} */
  recvfromInto(buffer: WritableData, options?: WaitOptions): Promise<[number, A]>;
  recvfromInto(buffer: WritableData, nbytes: number, options?: WaitOptions): Promise<[number, A]>;
  recvfromInto(buffer: WritableData, nbytes?: number, flags?: number, options?: WaitOptions): Promise<[number, A]>;
  /** @see {@link Socket.recvmsg} */
  recvmsg(bufsize: number, options?: WaitOptions): Promise<Message<Buffer, A>>;
  recvmsg(bufsize: number, ancbufsize: number, options?: WaitOptions): Promise<Message<Buffer, A>>;
  recvmsg(bufsize: number, ancbufsize?: number, flags?: number, options?: WaitOptions): Promise<Message<Buffer, A>>;
  /** @see {@link Socket.recvmsgInto} */
  recvmsgInto(buffers: Iterable<WritableData>, options?: WaitOptions): Promise<Message<number, A>>;
  recvmsgInto(buffers: Iterable<WritableData>, ancbufsize: number, options?: WaitOptions): Promise<Message<number, A>>;
  recvmsgInto(
    buffers: Iterable<WritableData>,
    ancbufsize?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<Message<number, A>>;
  /** The datagrams: see {@link Socket}. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined>;
}

/** The socket that {@link socket} makes for a family and a type, as far as the compiler knows these. */
export type SocketOf<Family extends number, Type extends number> = number extends Type
  ? Socket<AddressOf<Family>>
  : Type extends typeof SOCK_DGRAM
    ? DatagramSocket<AddressOf<Family>>
    : Socket<AddressOf<Family>>;

/**
 * Makes a socket: `socket.socket(socket.AF_INET, socket.SOCK_STREAM)`. The class itself is {@link Socket}.
 *
 * @param family - `AF_INET` (also for −1), `AF_INET6` or `AF_UNIX`.
 * @param type - `SOCK_STREAM` (also for −1) or, not with `AF_UNIX`, `SOCK_DGRAM`; with `SOCK_NONBLOCK` for a time limit
 * of 0.
 * @param proto - 0 (also for −1), or `IPPROTO_TCP` or `IPPROTO_UDP`, according to the type.
 * @param fileno - the descriptor of a socket to take over, as {@link fromfd} does; then −1 for another argument means
 * the value of that socket.
 * @returns the socket, neither bound nor connected, unless it was made from a descriptor.
 * @throws TypeError if an argument is not an integer; RangeError if fileno is negative; OSError for a kind of socket
 * that Linux or Node does not have, and for a descriptor as {@link fromfd}.
 * @see https://docs.python.org/3/library/socket.html#socket.socket
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * console.log(sock.getsockname()); // [ '0.0.0.0', 0 ]
 * ```
 */
export function socket<Family extends number = -1, Type extends number = -1>(
  family?: Family,
  type?: Type,
  proto?: number,
): SocketOf<Family, Type>;
export function socket(family?: number, type?: number, proto?: number, fileno?: number | null): Socket;
export function socket(family = -1, type = -1, proto = -1, fileno: number | null = null): Socket {
  return called(socket, () => new Socket(family, type, proto, fileno));
}
