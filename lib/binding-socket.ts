import { inspect } from 'node:util';
import {
  addressText,
  checkInetAddress,
  checkUnixAddress,
  wildcardOf,
  type Address,
  type AddressLike,
} from './addresses.ts';
import { int, shown } from './arguments.ts';
import { BaseSocket, type State } from './base-socket.ts';
import { AF_UNIX, SHUT_RD, SHUT_RDWR, SHUT_WR, SOMAXCONN } from './constants.ts';
import { scopedHost } from './names/interfaces.ts';
import { bindHost } from './names/resolver.ts';
import { bind, keepsAbstractNames, type Bound } from './transports/bind.ts';
import type { Datagrams } from './transports/datagram.ts';
import { isUnix, type Endpoint } from './transports/endpoint.ts';
import { Failure } from './transports/failure.ts';
import { Listener } from './transports/listener.ts';
import type { Stream } from './transports/stream.ts';

/**
 * The steps of a socket's life, from `bind()` to `close()`, and the addresses that it has on the way. These calls are
 * synchronous, and throw.
 */
export abstract class BindingSocket extends BaseSocket {
  #closed = false;
  /**
   * The program has asked for the port, and not left it to the system: then Linux keeps it until the socket is closed.
   */
  #keepsPort = false;
  /** How many files of makefile() use the socket. */
  #files = 0;

  /**
   * Binds the socket to an address, at once: the port is taken and known when this returns, and nobody can connect to
   * it before `listen()`.
   *
   * @param address - `[host, port]`; host is numeric, `''` for all interfaces, `'localhost'`, or `'<broadcast>'`; port
   * 0 takes a free one.
   * @throws TypeError or RangeError for what is no address; OSError: EADDRINUSE, EADDRNOTAVAIL, EACCES (a
   * PermissionError), EINVAL if it is bound already, EBADF if it is closed; gaierror: EAI_NONAME for another host name,
   * EAI_ADDRFAMILY for the other family.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.bind
   *
   * Differs from Python in that other host names are not looked up, because a look-up waits: `await
   * gethostbyname(host)` first. And libuv sets SO_REUSEADDR on every socket, so that two may be bound to a port while
   * neither listens.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * sock.bind(['127.0.0.1', 0]); // port 0: any that is free
   * const [host, port] = sock.getsockname() as socket.Inet4Address;
   * console.log(host, port > 0); // 127.0.0.1 true
   * ```
   */
  bind(address: AddressLike): void {
    const local = this.#bindTarget(address);
    this.checkOpen('bind');
    const { state } = this;
    if (state.is === 'datagrams' && !state.datagrams.isBound) return this.#bindDatagrams(state.datagrams, local);
    if (state.is !== 'fresh') throw this.error('EINVAL', 'bind', addressText(address));
    this.bindTo(local);
    this.#keepsPort = isUnix(local) || local.port !== 0;
  }

  /**
   * Lets clients connect; a socket that is not bound is bound to a free port of all interfaces.
   *
   * @param backlog - how many connections the kernel holds while the process is busy, 0 if negative. Node accepts them
   * by itself as soon as it is not, and keeps up to 4096 for {@link Socket.accept}; who comes then is reset.
   * @throws TypeError or RangeError if backlog is no integer; OSError: EADDRINUSE if another socket listens on the
   * port, EINVAL if this one is connected, EBADF if it is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.listen
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
   * server.bind(['127.0.0.1', 0]);
   * server.listen();
   * using client = await socket.createConnection(server.getsockname() as socket.Inet4Address);
   * ```
   */
  listen(backlog = 128): void {
    const length = Math.max(0, int(backlog, 'backlog'));
    this.checkOpen('listen');
    const state = this.state;
    if (state.is === 'listening') return;
    if (state.is === 'datagrams') throw this.error('ENOTSUP', 'listen');
    if (state.is === 'connecting' || state.is === 'connected') throw this.error('EINVAL', 'listen');
    const bound = state.is === 'bound' ? state.bound : this.bindTo(this.#unbound('listen'));
    const listener = Listener.listen(bound, Math.min(length, SOMAXCONN));
    if (listener instanceof Failure) {
      this.become(this.#freshOrBound(bound.local, this.#keepsPort));
      throw this.error(listener, 'listen', addressText(this.address(bound.local)));
    }
    this.become({ is: 'listening', listener });
  }

  /**
   * Discontinues one direction of a connection, or both.
   *
   * @param how - `SHUT_RD`: what has arrived can still be received, and then the end of the stream; `SHUT_WR`: the peer
   * receives the end of the stream, and what it sends can still be received; `SHUT_RDWR`: both.
   * @throws TypeError if how is no integer; OSError: EINVAL if it is none of the three, ENOTCONN without a connection,
   * EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.shutdown
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('all that there is');
   * one.shutdown(socket.SHUT_WR);
   * console.log((await other.recv(1024)).toString()); // all that there is
   * console.log((await other.recv(1024)).length); // 0
   * await other.sendall('thanks');
   * console.log((await one.recv(1024)).toString()); // thanks
   * one.close();
   * other.close();
   * ```
   */
  shutdown(how: number): void {
    const direction = int(how, 'how');
    this.checkOpen('shutdown');
    if (direction !== SHUT_RD && direction !== SHUT_WR && direction !== SHUT_RDWR)
      throw this.error('EINVAL', 'shutdown');
    this.settle();
    const state = this.state;
    if (state.is === 'listening') {
      if (direction !== SHUT_WR) this.#stopListening(state.listener);
    } else if (state.is === 'datagrams') {
      const failure = state.datagrams.shutdown(direction !== SHUT_WR, direction !== SHUT_RD);
      if (failure !== undefined) throw this.error(failure, 'shutdown');
    } else if (state.is === 'connected' && state.stream.remote !== undefined) {
      if (direction !== SHUT_WR) state.stream.shutdownRead();
      if (direction !== SHUT_RD) state.stream.shutdownWrite();
    } else if (this.family !== AF_UNIX) {
      throw this.error('ENOTCONN', 'shutdown');
    }
  }

  /**
   * Closes the socket; every later call but this raises EBADF, and so does every call that waits now. What `send()` has
   * taken still goes out; clients that nobody has accepted are reset, and so is a peer whose bytes nobody has received.
   * The port is free at once. Closing again does nothing.
   *
   * @see https://docs.python.org/3/library/socket.html#socket.socket.close
   *
   * A socket that files of `makefile()` use stays open until the last of them is closed.
   *
   * Differs from Python in that it wakes those who wait.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const server = socket.createServer(['127.0.0.1', 0]);
   * const accepted = server.accept();
   * server.close();
   * await accepted.catch((error: unknown) => {
   *   console.log(String(error)); // OSError: [Errno 9] Bad file descriptor: accept
   * });
   * ```
   */
  close(): void {
    this.#closed = true;
    if (this.#files === 0) this.reallyClose();
  }

  /** Closes the socket at the end of a `using` block, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The socket's own address.
   *
   * @returns `[host, port]`, or for AF_INET6 `[host, port, flowinfo, scopeid]`; the wildcard and 0 as long as it is not
   * bound.
   * @throws OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getsockname
   */
  getsockname(): Address {
    this.checkOpen('getsockname');
    this.settle();
    const state = this.state;
    if (state.is === 'bound') return this.address(state.bound.local);
    if (state.is === 'listening') return this.address(state.listener.local);
    if (state.is === 'datagrams') return this.address(state.datagrams.local ?? this.nobody());
    if (state.is === 'fresh') return this.address(state.had ?? this.nobody());
    const local = state.is === 'connected' ? state.stream.local : undefined;
    const from = state.is === 'connecting' ? (state.stream.local ?? state.from) : undefined;
    return this.address(local ?? from ?? this.nobody());
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
   * const [host, port] = server.getsockname() as socket.Inet4Address;
   * using client = await socket.createConnection([host, port]);
   * console.log(client.getpeername()[1] === port); // true
   * ```
   */
  getpeername(): Address {
    this.checkOpen('getpeername');
    this.settle();
    const remote = this.remote();
    if (remote === undefined) throw this.error('ENOTCONN', 'getpeername');
    return this.address(remote);
  }

  /** The socket as Python shows it. */
  [inspect.custom](): string {
    const closed = this.#closed;
    const names = closed ? '' : `${named('laddr', this.getsockname())}${this.#peerText()}`;
    const { family, type, proto } = this;
    return `<socket.socket${closed ? ' [closed]' : ''} fd=${this.fileno()}, family=${family}, type=${type}, proto=${proto}${names}>`;
  }

  /** One file more uses the socket, which stays open for it. */
  protected retainFile(): void {
    this.#files += 1;
  }

  /** One file less uses the socket. */
  protected releaseFile(): void {
    this.#files -= 1;
    if (this.#closed && this.#files === 0) this.reallyClose();
  }

  /** Closes what is underneath. */
  protected reallyClose(): void {
    const state = this.state;
    this.state = { is: 'closed' };
    this.chosenOptions?.detach();
    if (state.is === 'bound') state.bound.close();
    else if (state.is === 'listening') state.listener.close();
    else if (state.is === 'datagrams') state.datagrams.close();
    else if (state.is === 'connecting') state.stream.close(false);
    else if (state.is === 'connected') state.stream.close(this.chosenOptions?.resetsOnClose === true);
  }

  /**
   * Looks whether a connect() that is under way has made its connection: then the socket is connected. Where it could
   * not, the socket tells those who receive and send of it, as on Linux, until the next connect().
   */
  protected settle(): void {
    if (this.state.is !== 'connecting') return;
    const { stream } = this.state;
    if (stream.phase === 'open') this.become({ is: 'connected', stream });
  }

  /** Gives up a connection that is being made or could not be, so that the socket is as before. */
  protected giveUp(stream: Stream): void {
    if (this.state.is !== 'connecting' || this.state.stream !== stream) return;
    const { from } = this.state;
    const { local, phase } = stream;
    stream.close(false);
    this.become(this.#freshOrBound(from, phase === 'connecting' || this.#keepsPort, local));
  }

  /** Where a Unix socket is to be bound or connected: Node before 22 cannot keep abstract names as they are. */
  protected unixTarget(call: string, address: unknown): Endpoint {
    const path = checkUnixAddress(address);
    if (!path.startsWith('\0') || keepsAbstractNames) return { path };
    throw this.error('ENOTSUP', call, `abstract name ${shown(path)} (needs Node 22)`);
  }

  /** The socket for datagrams, bound: sending and connecting bind it by themselves. */
  protected boundDatagrams(call: string): Datagrams {
    const datagrams = this.datagrams(call);
    if (!datagrams.isBound) this.#bindDatagrams(datagrams, this.nobody());
    return datagrams;
  }

  /** The socket for datagrams, bound or not. */
  protected datagrams(call: string): Datagrams {
    this.checkOpen(call);
    if (this.state.is === 'datagrams') return this.state.datagrams;
    throw this.error('ENOTSUP', call);
  }

  #bindDatagrams(datagrams: Datagrams, local: Endpoint): void {
    if (isUnix(local)) throw this.error('ENOTSUP', 'bind');
    const { reuseAddress, reusePort, ipv6Only } = this.options;
    const failure = datagrams.bind(local, { reuseAddress, reusePort, ipv6Only });
    if (failure !== undefined) throw this.error(failure, 'bind', addressText(this.address(local)));
    this.options.attach(datagrams);
  }

  #bindTarget(address: unknown): Endpoint {
    if (this.family === AF_UNIX) {
      const target = this.unixTarget('bind', address);
      // Linux chooses an abstract name then, which Node cannot ask for.
      if (isUnix(target) && target.path === '') throw this.error('ENOTSUP', 'bind', "''");
      return target;
    }
    const { host, port, scopeid } = checkInetAddress('bind', this.family, address);
    return { host: scopedHost(bindHost(this.family, host), scopeid), port };
  }

  /** What listen() binds to by itself: a free port, but no path. */
  #unbound(call: string): Endpoint {
    if (this.family === AF_UNIX) throw this.error('EINVAL', call);
    const host = this.#keptHost();
    return host === undefined ? this.nobody() : { host, port: 0 };
  }

  /** Binds a stream's socket. */
  protected bindTo(local: Endpoint): Bound {
    const bound = bind(local, this.options);
    if (bound instanceof Failure) throw this.error(bound, 'bind', addressText(this.address(local)));
    this.become({ is: 'bound', bound });
    return bound;
  }

  /** What a connection is made from, if the socket is or was bound. */
  protected connectingFrom(): Bound | undefined {
    if (this.state.is === 'bound') return this.state.bound;
    const host = this.#keptHost();
    return host === undefined ? undefined : this.bindTo({ host, port: 0 });
  }

  /** The host that stays when the port is free again: the one that the program has chosen. */
  #keptHost(): string | undefined {
    const host = this.state.is === 'fresh' ? this.state.had?.host : undefined;
    return host === wildcardOf(this.family) ? undefined : host;
  }

  /**
   * The state that an end of listening, or a failed listen() or connect(), leaves behind: bound again where it was, if
   * that is to be and can be had. A port that the system chose is free again, but Linux goes on telling it.
   */
  #freshOrBound(local: Endpoint | undefined, isKept: boolean, tried?: Endpoint): State {
    const bound = local === undefined || !isKept ? undefined : bind(local, this.options);
    if (bound !== undefined && !(bound instanceof Failure)) return { is: 'bound', bound };
    if (local !== undefined) return { is: 'fresh', had: isUnix(local) ? undefined : local };
    if (tried === undefined || isUnix(tried)) return { is: 'fresh' };
    return { is: 'fresh', had: { host: wildcardOf(this.family), port: tried.port } };
  }

  #stopListening(listener: Listener): void {
    listener.shutdown();
    this.become(this.#freshOrBound(listener.local, this.#keepsPort || isUnix(listener.local)));
  }

  #peerText(): string {
    const remote = this.remote();
    return remote === undefined ? '' : named('raddr', this.address(remote));
  }
}

/** An address as Python shows it: `, laddr=('127.0.0.1', 80)`; nothing where a Unix socket has no name. */
function named(what: string, address: Address): string {
  if (address === '') return '';
  return `, ${what}=${typeof address === 'string' ? address : `(${address.map((field) => inspect(field)).join(', ')})`}`;
}
