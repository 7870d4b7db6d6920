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
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_RDM,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SOMAXCONN,
} from './constants.ts';
import { errnoOf, type ErrorCode } from './errno.ts';
import { OSError } from './errors.ts';
import { indexOf, scopedHost } from './names/interfaces.ts';
import { bindHost } from './names/resolver.ts';
import { checkQuery, checkSetting, Options, type OptionValue } from './options.ts';
import { checkTimeout, getdefaulttimeout } from './timeouts.ts';
import { bind, keepsAbstractNames, type Bound } from './transports/bind.ts';
import { isUnix, type Endpoint } from './transports/endpoint.ts';
import { Datagrams } from './transports/datagram.ts';
import { Failure } from './transports/failure.ts';
import { Listener } from './transports/listener.ts';
import type { Stream } from './transports/stream.ts';
import { support } from './transports/support.ts';

/** What a socket has become. Each state carries what its calls need, and nothing else. */
export type State =
  | { readonly is: 'fresh' }
  | { readonly is: 'bound'; readonly bound: Bound }
  | { readonly is: 'listening'; readonly listener: Listener }
  | { readonly is: 'connecting'; readonly stream: Stream; readonly from: Endpoint | undefined }
  | { readonly is: 'connected'; readonly stream: Stream }
  | { readonly is: 'datagrams'; readonly datagrams: Datagrams }
  | { readonly is: 'closed' };

/**
 * What of a socket never waits: its identity, options, addresses, and the steps from `bind()` to `close()`. These calls are
 * synchronous, and throw.
 */
export abstract class BaseSocket {
  /** The address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. It stays after `close()`. */
  readonly family: number;
  /** The type: `SOCK_STREAM`. It stays after `close()`. */
  readonly type: number;
  /** The protocol's number, 0 for the usual one. It stays after `close()`. */
  readonly proto: number;
  /** What the socket is by now; for its own calls. */
  protected state: State;
  /** The options that were chosen; for its own calls. */
  protected readonly options: Options;
  #timeout = getdefaulttimeout();
  #keepsProcess = true;

  /**
   * @param family - `AF_INET` (also for −1), `AF_INET6` or `AF_UNIX`.
   * @param type - `SOCK_STREAM` (also for −1), with `SOCK_NONBLOCK` for a time limit of 0 and `SOCK_CLOEXEC`, which changes nothing.
   * @param proto - 0 (also for −1) or `IPPROTO_TCP`.
   * @throws TypeError if an argument is no integer; OSError: EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT or EINVAL for what there is
   * not, on Linux or in Node.
   * @see https://docs.python.org/3/library/socket.html#socket.socket
   */
  constructor(family = -1, type = -1, proto = -1) {
    const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    const kind = int(type, 'type');
    this.family = int(family, 'family') === -1 ? AF_INET : family;
    this.type = kind === -1 ? SOCK_STREAM : kind & ~flags;
    this.proto = int(proto, 'proto') === -1 ? 0 : proto;
    const code = unsupported(this.family, this.type, this.proto);
    if (code !== undefined) throw new OSError(errnoOf(code), undefined, { syscall: 'socket' });
    if (kind !== -1 && (kind & SOCK_NONBLOCK) !== 0) this.#timeout = 0;
    this.state = this.type === SOCK_DGRAM ? this.#newDatagrams() : { is: 'fresh' };
    this.options = new Options(
      {
        family: this.family,
        type: this.type,
        proto: this.family === AF_UNIX ? 0 : this.type === SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP,
        isListening: () => this.state.is === 'listening',
        isBound: () => (this.state.is === 'datagrams' ? this.state.datagrams.isBound : this.state.is !== 'fresh'),
        takeError: () => this.#takeError(),
      },
      support,
    );
  }

  /** The time limit in seconds, as {@link gettimeout} gives it. */
  get timeout(): number | null {
    return this.#timeout;
  }

  /**
   * Binds the socket to an address, at once: the port is taken and known when this returns, and nobody can connect to it before
   * `listen()`.
   *
   * @param address - `[host, port]`; host is numeric, `''` for all interfaces, `'localhost'`, or `'<broadcast>'`; port 0 takes a free one.
   * @throws TypeError or RangeError for what is no address; OSError: EADDRINUSE, EADDRNOTAVAIL, EACCES (a PermissionError), EINVAL if it
   * is bound already, EBADF if it is closed; gaierror: EAI_NONAME for another host name, EAI_ADDRFAMILY for the other family.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.bind
   *
   * Differs from Python in that other host names are not looked up, because a look-up waits: `await gethostbyname(host)` first. And
   * libuv sets SO_REUSEADDR on every socket, so that two may be bound to a port while neither listens.
   */
  bind(address: AddressLike): void {
    const local = this.#bindTarget(address);
    this.checkOpen('bind');
    const { state } = this;
    if (state.is === 'datagrams' && !state.datagrams.isBound) return this.#bindDatagrams(state.datagrams, local);
    if (state.is !== 'fresh') throw this.error('EINVAL', 'bind', addressText(address));
    this.become({ is: 'bound', bound: this.#bindTo(local) });
  }

  /**
   * Lets clients connect; a socket that is not bound is bound to a free port of all interfaces.
   *
   * @param backlog - how many connections the kernel holds while the process is busy, 0 if negative. Node accepts them by itself as soon
   * as it is not, and keeps up to 4096 for {@link Socket.accept}; who comes then is reset.
   * @throws TypeError or RangeError if backlog is no integer; OSError: EADDRINUSE if another socket listens on the port, EINVAL if this
   * one is connected, EBADF if it is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.listen
   */
  listen(backlog = 128): void {
    const length = Math.max(0, int(backlog, 'backlog'));
    this.checkOpen('listen');
    const state = this.state;
    if (state.is === 'listening') return;
    if (state.is === 'datagrams') throw this.error('ENOTSUP', 'listen');
    if (state.is === 'connecting' || state.is === 'connected') throw this.error('EINVAL', 'listen');
    const bound = state.is === 'bound' ? state.bound : this.#bindTo(this.#unbound('listen'));
    const listener = Listener.listen(bound, Math.min(length, SOMAXCONN));
    if (listener instanceof Failure) {
      this.become(this.#freshOrBound(bound.local));
      throw this.error(listener, 'listen', addressText(this.address(bound.local)));
    }
    this.become({ is: 'listening', listener });
  }

  /**
   * Discontinues one direction of a connection, or both.
   *
   * @param how - `SHUT_RD`: what has arrived can still be received, and then the end of the stream; `SHUT_WR`: the peer receives the end of
   * the stream, and what it sends can still be received; `SHUT_RDWR`: both.
   * @throws TypeError if how is no integer; OSError: EINVAL if it is none of the three, ENOTCONN without a connection, EBADF if the socket
   * is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.shutdown
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
    } else {
      throw this.error('ENOTCONN', 'shutdown');
    }
  }

  /**
   * Closes the socket; every later call but this raises EBADF, and so does every call that waits now. What `send()` has taken still goes
   * out; clients that nobody has accepted are reset, and so is a peer whose bytes nobody has received. The port is free at once. Closing
   * again does nothing.
   *
   * @see https://docs.python.org/3/library/socket.html#socket.socket.close
   *
   * Differs from Python in that it wakes those who wait.
   */
  close(): void {
    const state = this.state;
    this.state = { is: 'closed' };
    this.options.detach();
    if (state.is === 'bound') state.bound.close();
    else if (state.is === 'listening') state.listener.close();
    else if (state.is === 'datagrams') state.datagrams.close();
    else if (state.is === 'connecting') state.stream.close(false);
    else if (state.is === 'connected') state.stream.close(this.options.resetsOnClose);
  }

  /** Closes the socket at the end of a `using` block, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Sets an option of the socket, at any time in its life. docs/options.md lists the options that there are.
   *
   * @param level - `SOL_SOCKET`, `IPPROTO_TCP`, `IPPROTO_IP` or `IPPROTO_IPV6`.
   * @param optname - the option: `SO_*`, `TCP_*`, `IP_*` or `IPV6_*`.
   * @param value - an integer, or the bytes of C's structure, or `null` with `optlen`.
   * @param optlen - the length that goes with `null`.
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that there is not, on Linux or in this Node;
   * EINVAL for a value that it cannot have; EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setsockopt
   *
   * Differs from Python in that SO_REUSEADDR is always on underneath; what is set is kept for `getsockopt()`.
   */
  setsockopt(level: number, optname: number, value: OptionValue, optlen?: number): void {
    const setting = checkSetting(level, optname, value, optlen);
    this.checkOpen('setsockopt');
    this.options.set(setting);
  }

  /**
   * What an option of the socket is.
   *
   * @param level - as for {@link setsockopt}.
   * @param optname - as for {@link setsockopt}.
   * @param buflen - 0 for an integer, or how many bytes of C's structure are wanted, at most 1024.
   * @returns the integer, or the bytes.
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that there is not, on Linux or in this Node;
   * ENOTSUP for such a level; EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getsockopt
   *
   * Differs from Python in that TCP_NODELAY is 1 from the start.
   */
  getsockopt(level: number, optname: number, buflen?: 0): number;
  getsockopt(level: number, optname: number, buflen: number): number | Buffer;
  getsockopt(level: number, optname: number, buflen = 0): number | Buffer {
    const query = checkQuery(level, optname, buflen);
    this.checkOpen('getsockopt');
    return this.options.get(query);
  }

  /**
   * Sets how long the awaited calls wait.
   *
   * @param timeout - seconds, after which they raise TimeoutError; `null` to wait for ever; 0 not to wait, which raises BlockingIOError.
   * @throws RangeError if it is negative, not a number or too large; TypeError if it is no number; OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.settimeout
   */
  settimeout(timeout: number | null): void {
    const seconds = checkTimeout(timeout);
    this.checkOpen('settimeout');
    this.#timeout = seconds;
  }

  /**
   * How long the awaited calls wait.
   *
   * @returns seconds; `null` for ever.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.gettimeout
   */
  gettimeout(): number | null {
    return this.#timeout;
  }

  /**
   * Sets whether the awaited calls wait at all: `true` is `settimeout(null)`, `false` is `settimeout(0)`.
   *
   * @throws OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setblocking
   */
  setblocking(flag: boolean): void {
    this.checkOpen('setblocking');
    this.#timeout = flag ? null : 0;
  }

  /**
   * Whether the awaited calls wait at all: false for a time limit of 0.
   *
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getblocking
   */
  getblocking(): boolean {
    return this.#timeout !== 0;
  }

  /**
   * The socket's own address.
   *
   * @returns `[host, port]`, or for AF_INET6 `[host, port, flowinfo, scopeid]`; the wildcard and 0 as long as it is not bound.
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
    const local = state.is === 'connected' ? state.stream.local : state.is === 'connecting' ? state.from : undefined;
    return this.address(local ?? this.nobody());
  }

  /**
   * The peer's address.
   *
   * @returns `[host, port]`, or for AF_INET6 `[host, port, flowinfo, scopeid]`.
   * @throws OSError: ENOTCONN without a connection, also after it was reset; EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.getpeername
   */
  getpeername(): Address {
    this.checkOpen('getpeername');
    this.settle();
    const remote = this.#remote();
    if (remote === undefined) throw this.error('ENOTCONN', 'getpeername');
    return this.address(remote);
  }

  /**
   * The number of the socket's descriptor.
   *
   * @returns −1 if the socket is closed, as long as it is not bound, listening or connected, and where Node does not tell it (Windows).
   * @see https://docs.python.org/3/library/socket.html#socket.socket.fileno
   *
   * Differs from Python in that a socket has no descriptor from the start.
   */
  fileno(): number {
    const state = this.state;
    if (state.is === 'bound') return state.bound.descriptor;
    if (state.is === 'listening') return state.listener.descriptor;
    if (state.is === 'connecting' || state.is === 'connected') return state.stream.descriptor;
    return state.is === 'datagrams' ? state.datagrams.descriptor : -1;
  }

  /** Lets the process stay alive for what the socket waits for, which it does from the start. There is no such call in Python. */
  ref(): this {
    this.#keepsProcess = true;
    this.#applyRef();
    return this;
  }

  /** Lets the process end although the socket waits for something. There is no such call in Python. */
  unref(): this {
    this.#keepsProcess = false;
    this.#applyRef();
    return this;
  }

  /** The socket as Python shows it. */
  [inspect.custom](): string {
    const closed = this.state.is === 'closed';
    const names = closed ? '' : `, laddr=${tuple(this.getsockname())}${this.#peerText()}`;
    const { family, type, proto } = this;
    return `<socket.socket${closed ? ' [closed]' : ''} fd=${this.fileno()}, family=${family}, type=${type}, proto=${proto}${names}>`;
  }

  /** Changes the state, and keeps what holds in every state. */
  protected become(state: State): void {
    this.state = state;
    if (state.is === 'connecting' || state.is === 'connected') this.options.attach(state.stream);
    else this.options.detach();
    if (!this.#keepsProcess) this.#applyRef();
  }

  /** Raises EBADF on a closed socket. */
  protected checkOpen(call: string): void {
    if (this.state.is === 'closed') throw this.error('EBADF', call);
  }

  /**
   * Looks whether a connect() that is under way has come to its end: then the socket is connected, or as it was before, and the failure
   * is returned, once.
   */
  protected settle(): Failure | undefined {
    if (this.state.is !== 'connecting') return undefined;
    const { stream, from } = this.state;
    const outcome = stream.connected();
    if (outcome === true) this.become({ is: 'connected', stream });
    else if (outcome !== undefined) this.become(this.#freshOrBound(from));
    return outcome === true ? undefined : outcome;
  }

  /** Gives a connection that is being made up, so that the socket is as before. */
  protected giveUp(stream: Stream): void {
    if (this.state.is !== 'connecting' || this.state.stream !== stream) return;
    const { from } = this.state;
    stream.close(false);
    this.become(this.#freshOrBound(from));
  }

  /** Python's error for a failure; made within the call, so that its stack names the caller. */
  protected error(failure: Failure | ErrorCode, syscall: string, address?: string): OSError {
    const { code, cause } = failure instanceof Failure ? failure : { code: failure, cause: undefined };
    const peer = this.state.is === 'connected' ? this.state.stream.peer : undefined;
    const place = address ?? (peer === undefined ? undefined : addressText(this.address(peer)) || undefined);
    return new OSError(errnoOf(code), undefined, { syscall, address: place, cause });
  }

  /** An address as calls give it. */
  protected address(endpoint: Endpoint): Address {
    if (isUnix(endpoint)) return endpoint.path;
    const { host, port } = endpoint;
    if (this.family !== AF_INET6) return [host, port];
    const [name = host, zone] = host.split('%');
    return [name, port, 0, zone === undefined ? 0 : indexOf(zone)];
  }

  /** The address of a socket that has none. */
  protected nobody(): Endpoint {
    return this.family === AF_UNIX ? { path: '' } : { host: wildcardOf(this.family), port: 0 };
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

  #newDatagrams(): State {
    return { is: 'datagrams', datagrams: new Datagrams(this.family === AF_INET6 ? 6 : 4) };
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
    return this.nobody();
  }

  #bindTo(local: Endpoint): Bound {
    const bound = bind(local, this.options);
    if (bound instanceof Failure) throw this.error(bound, 'bind', addressText(this.address(local)));
    return bound;
  }

  /** The state that a failed listen() or connect() leaves behind: bound again where it was, if that can be had. */
  #freshOrBound(local: Endpoint | undefined): State {
    const bound = local === undefined ? undefined : bind(local, this.options);
    return bound === undefined || bound instanceof Failure ? { is: 'fresh' } : { is: 'bound', bound };
  }

  #stopListening(listener: Listener): void {
    listener.shutdown();
    this.become(this.#freshOrBound(listener.local));
  }

  #takeError(): number {
    const state = this.state;
    const transport = this.#transport(state);
    const failure = transport instanceof Listener ? undefined : transport?.takeFailure();
    return failure === undefined ? 0 : errnoOf(failure.code);
  }

  #transport(state: State): Stream | Listener | Datagrams | undefined {
    if (state.is === 'listening') return state.listener;
    if (state.is === 'datagrams') return state.datagrams;
    return state.is === 'connecting' || state.is === 'connected' ? state.stream : undefined;
  }

  #applyRef(): void {
    this.#transport(this.state)?.keepProcess(this.#keepsProcess);
  }

  #remote(): Endpoint | undefined {
    const { state } = this;
    if (state.is === 'connected') return state.stream.remote;
    return state.is === 'datagrams' ? state.datagrams.remote : undefined;
  }

  #peerText(): string {
    const remote = this.#remote();
    return remote === undefined ? '' : `, raddr=${tuple(this.address(remote))}`;
  }
}

/** Linux takes the family for a Unix socket's protocol as well. */
const PF_UNIX = AF_UNIX;

/** Why there is no such socket, in Linux's order: the type, the family, then what the family has. */
function unsupported(family: number, type: number, proto: number): ErrorCode | undefined {
  const types = [SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET];
  if (!types.includes(type)) return 'EINVAL';
  if (family === AF_UNIX)
    return type === SOCK_STREAM && (proto === 0 || proto === PF_UNIX) ? undefined : 'EPROTONOSUPPORT';
  if (family !== AF_INET && family !== AF_INET6) return 'EAFNOSUPPORT';
  if (type === SOCK_RDM || type === SOCK_SEQPACKET) return 'ESOCKTNOSUPPORT';
  if (type === SOCK_RAW) return 'EPROTONOSUPPORT';
  const usual = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return proto === 0 || proto === usual ? undefined : 'EPROTONOSUPPORT';
}

/** An address as Python shows it: `('127.0.0.1', 80)`. */
function tuple(address: Address): string {
  return typeof address === 'string' ? address : `(${address.map((field) => inspect(field)).join(', ')})`;
}
