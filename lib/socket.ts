import { addressText, type Address, type AddressLike } from './addresses.ts';
import { AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from './constants.ts';
import { OSError, TimeoutError } from './errors.ts';
import { makefile, type FileOf, type FileOptions, type FileSource } from './file.ts';
import { Interruption, type Limits } from './queues/waiters.ts';
import { SendingSocket } from './sending-socket.ts';
import { Failure } from './transports/failure.ts';
import type { Listener } from './transports/listener.ts';
import { boundPaths } from './transports/bind.ts';
import { isUnix, type Endpoint } from './transports/endpoint.ts';
import { streamPair } from './transports/pair.ts';
import { Stream } from './transports/stream.ts';
import { NO_OPTIONS, rejected, type Target, type WaitOptions } from './waiting-socket.ts';

/**
 * A socket, as Python's `socket.socket`, awaited: what blocks in Python is a promise here.
 *
 * @see https://docs.python.org/3/library/socket.html#socket-objects
 */
export class Socket extends SendingSocket {
  /** The connection that a connect() began without waiting for it. */
  #begun: Stream | undefined;

  /**
   * Makes two sockets that are connected with each other; see {@link socketpair}.
   *
   * @param family - `AF_UNIX`.
   * @param type - `SOCK_STREAM`.
   * @param proto - 0.
   * @returns both ends.
   * @throws OSError as for {@link socketpair}.
   * @see https://docs.python.org/3/library/socket.html#socket.socketpair
   */
  static async pair(family = AF_UNIX, type = SOCK_STREAM, proto = 0): Promise<[Socket, Socket]> {
    const sockets: [Socket, Socket] = [new Socket(family, type, proto), new Socket(family, type, proto)];
    if (family !== AF_UNIX) throw sockets[0].error('ENOTSUP', 'socketpair');
    const streams = await streamPair();
    if (streams instanceof Failure) throw sockets[0].error(streams, 'socketpair');
    sockets[0].become({ is: 'connected', stream: streams[0] });
    sockets[1].become({ is: 'connected', stream: streams[1] });
    return sockets;
  }

  /**
   * Accepts a connection: waits until a client has connected, and takes the oldest one that nobody has accepted.
   *
   * @param options - `signal` ends the wait.
   * @returns the socket that is connected with the client, and the client's address. Its time limit is the default one.
   * @throws OSError: EINVAL if the socket does not listen, EBADF if it is or gets closed; TimeoutError;
   * BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.accept
   *
   * Differs from Python in that a client that reset the connection before it was accepted has the address of nobody:
   * the wildcard and port 0.
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
  accept(options: WaitOptions = NO_OPTIONS): Promise<[Socket, Address]> {
    try {
      this.checkOpen('accept');
      if (this.state.is !== 'listening') throw this.error(this.type === SOCK_DGRAM ? 'ENOTSUP' : 'EINVAL', 'accept');
      const { listener } = this.state;
      return this.perform('accept', listener.acceptors, { attempt: () => this.#accept(listener) }, options);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Connects to an address.
   *
   * @param address - `[host, port]`; the host may be numeric, a name, which is looked up, or `''` for this machine.
   * @param options - `signal` ends the wait.
   * @throws TypeError or RangeError for what is no address; gaierror if the name has no address in the socket's family;
   * OSError: ConnectionRefusedError, ENETUNREACH and others of the network's; EISCONN if the socket is connected or
   * listens, EALREADY if it is being connected, EBADF if it is or gets closed; TimeoutError; BlockingIOError
   * EINPROGRESS with a time limit of 0: the connection is made all the same, and connect() raises EALREADY until it
   * succeeds, once.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect
   *
   * Differs from Python in that the time limit includes the look-up, and that a connect that ends early gives the
   * connection up, so that it may be tried again at once. (Python's goes on behind the program's back.)
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
  async connect(address: AddressLike, options: WaitOptions = NO_OPTIONS): Promise<void> {
    const target = this.#connectTarget(address);
    if (this.type === SOCK_DGRAM) {
      await this.#connectDatagrams(address, target, options);
      return;
    }
    const limits = this.limits(0, options);
    if (this.#begun !== undefined && (await this.#finishes(this.#begun, limits, address))) return;
    this.#checkConnectable(address);
    options.signal?.throwIfAborted();
    const remote = target.endpoint ?? (await this.resolve('connect', target, limits));
    if (target.endpoint === undefined) this.#checkConnectable(address);
    const stream = this.#startConnecting(remote);
    // A Unix connect does not wait for a peer's answer, so it is not left half-way.
    if (limits.deadline === 'poll' && !isUnix(remote)) {
      this.#begun = stream;
      throw this.error('EINPROGRESS', 'connect', addressText(address));
    }
    const outcome = await stream.connectors.wait(() => stream.connected(), limits);
    if (outcome !== true) {
      this.giveUp(stream);
      throw this.#unconnected(outcome, limits, address);
    }
    this.settle();
  }

  /**
   * Connects to an address as {@link connect} does, but gives the error's number for what the system says.
   *
   * @param address - as for {@link connect}.
   * @param options - `signal` ends the wait.
   * @returns 0, or the number: 111 (ECONNREFUSED), 11 (EAGAIN) when the time is over, 115 (EINPROGRESS) with a time
   * limit of 0 and others.
   * @throws TypeError or RangeError for what is no address; gaierror if the name cannot be resolved; the signal's
   * reason.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect_ex
   */
  async connectEx(address: AddressLike, options: WaitOptions = NO_OPTIONS): Promise<number> {
    try {
      await this.connect(address, options);
      return 0;
    } catch (error) {
      if (error instanceof TimeoutError && error.errno === null) return this.error('EAGAIN', 'connect').errno ?? 0;
      if (error instanceof OSError && error.errno !== null && error.errno > 0) return error.errno;
      throw error;
    }
  }

  /**
   * Makes a file that reads from the socket and writes to it, with the buffers and the text of Python's io module.
   *
   * @param mode - of `r`, `w` and `b`, as for Python's `open()`; `'r'` where it is left out.
   * @param options - see {@link FileOptions}.
   * @returns the file; its reads and writes are awaited. The socket stays open until the file is closed too.
   * @throws TypeError or RangeError for a mode or options that there are not.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.makefile
   *
   * Differs from Python in the default encoding, which is UTF-8 here.
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
    mode?: Mode,
    options?: FileOptions<Buffering>,
  ): FileOf<Mode, Buffering> {
    const source: FileSource = {
      recv: (...args) => this.recv(...args),
      recvAtOnce: (bufsize) => this.recvAtOnce(bufsize),
      recvInto: (...args) => this.recvInto(...args),
      send: (...args) => this.send(...args),
      fileno: () => this.fileno(),
      sendKept: (bytes, options) => this.sendKept(bytes, options),
      retainFile: () => this.retainFile(),
      releaseFile: () => this.releaseFile(),
    };
    return makefile(source, mode, options);
  }

  #accept(listener: Listener): [Socket, Address] | Failure | undefined {
    const stream = listener.accept();
    if (!(stream instanceof Stream)) return stream;
    const socket = new Socket(this.family, this.type, this.proto);
    socket.become({ is: 'connected', stream });
    socket.inherit(this);
    return [socket, this.address(stream.peer ?? this.nobody())];
  }

  /**
   * Whether the connection is there that an earlier connect() began without waiting: then this one succeeds, as on
   * Linux. The kernel is asked each time, so that a program may call until it does.
   */
  async #finishes(stream: Stream, limits: Limits, address: AddressLike): Promise<boolean> {
    const isCurrent = (): boolean =>
      (this.state.is === 'connecting' || this.state.is === 'connected') && this.state.stream === stream;
    if (isCurrent() && stream.phase === 'connecting') {
      const outcome = await stream.connectors.wait(() => stream.phase !== 'connecting' || undefined, limits);
      if (outcome instanceof Interruption) {
        const polled = outcome.why === 'timeout' && limits.deadline === 'poll';
        throw this.#unconnected(polled ? new Failure('EALREADY') : outcome, limits, address);
      }
    }
    this.#begun = undefined;
    return isCurrent() && stream.phase === 'open';
  }

  #connectTarget(address: AddressLike): Target {
    const target = this.target('connect', address);
    const nameless = target.endpoint !== undefined && isUnix(target.endpoint) && target.endpoint.path === '';
    if (nameless) {
      this.checkOpen('connect');
      throw this.error('EINVAL', 'connect', "''");
    }
    return target;
  }

  async #connectDatagrams(address: AddressLike, target: Target, options: WaitOptions): Promise<void> {
    this.checkOpen('connect');
    options.signal?.throwIfAborted();
    const limits = this.limits(0, options);
    const remote = target.endpoint ?? (await this.resolve('connect', target, limits));
    if (isUnix(remote)) throw this.error('ENOTSUP', 'connect', addressText(address));
    const datagrams = this.boundDatagrams('connect');
    const connector = datagrams.connector(remote);
    const outcome =
      (datagrams.writers.length === 0 ? connector() : undefined) ?? (await datagrams.writers.wait(connector, limits));
    if (outcome !== true) throw this.#unconnected(outcome, limits, address);
  }

  /** The error of a connect() that failed, or whose wait was ended. */
  #unconnected(outcome: Failure | Interruption, limits: Limits, address: AddressLike): OSError {
    const text = addressText(address);
    if (outcome instanceof Failure) return this.error(outcome, 'connect', text);
    return this.interrupted(outcome, 'connect', limits, text);
  }

  /** Where a connection could begin; raises what stands against it. */
  #checkConnectable(address: AddressLike): void {
    this.checkOpen('connect');
    this.settle();
    const { state } = this;
    if (state.is === 'connected' || state.is === 'listening')
      throw this.error('EISCONN', 'connect', addressText(address));
    if (state.is !== 'connecting') return;
    const failure = state.stream.connected();
    if (!(failure instanceof Failure)) throw this.error('EALREADY', 'connect', addressText(address));
    this.giveUp(state.stream);
    throw this.error(failure, 'connect', addressText(address));
  }

  #startConnecting(remote: Endpoint): Stream {
    const before = this.connectingFrom();
    const from = before?.local;
    if (from !== undefined && isUnix(from) && !boundPaths) {
      throw this.error('ENOTSUP', 'connect', `from the path ${from.path} (needs Node 24.20)`);
    }
    // What counts from the first packet on needs a descriptor before that, and Node makes one for what is bound.
    const bindsFirst = before === undefined && this.chosenOptions?.wantDescriptor === true && !isUnix(remote);
    const bound = bindsFirst ? this.bindTo(this.nobody()) : before;
    const stream = Stream.connect(remote, bound);
    this.become({ is: 'connecting', stream, from });
    return stream;
  }
}

/**
 * Makes a socket: `socket.socket(socket.AF_INET, socket.SOCK_STREAM)`. The class itself is {@link Socket}.
 *
 * @param family - `AF_INET` (also for −1), `AF_INET6` or `AF_UNIX`.
 * @param type - `SOCK_STREAM` (also for −1) or, not with `AF_UNIX`, `SOCK_DGRAM`; with `SOCK_NONBLOCK` for a time limit
 * of 0.
 * @param proto - 0 (also for −1), or `IPPROTO_TCP` or `IPPROTO_UDP` as the type has it.
 * @param fileno - the descriptor of a socket to take over, as {@link fromfd} does; −1 for the others is then for what
 * that socket is.
 * @returns the socket, neither bound nor connected, unless it is that of a descriptor.
 * @throws TypeError if an argument is no integer; RangeError if fileno is negative; OSError for what there is not, on
 * Linux or in Node, and for a descriptor as {@link fromfd}.
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
export function socket(family = -1, type = -1, proto = -1, fileno: number | null = null): Socket {
  return new Socket(family, type, proto, fileno);
}
