import { addressText, wildcardOf, type Address } from './addresses.ts';
import { int, integer, received } from './arguments.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from './constants.ts';
import { errnoOf, type ErrorCode } from './errno.ts';
import { OSError } from './errors.ts';
import { KernelOptions } from './kernel-options.ts';
import { indexOf } from './names/interfaces.ts';
import { checkQuery, checkSetting, Options, type Heritage, type OptionValue } from './options.ts';
import { checkTimeout, getdefaulttimeout } from './timeouts.ts';
import { type Bound } from './transports/bind.ts';
import { adopt, type Adopted } from './transports/descriptor.ts';
import { isUnix, type Endpoint, type InetEndpoint } from './transports/endpoint.ts';
import { Datagrams } from './transports/datagram.ts';
import { Failure } from './transports/failure.ts';
import { kernel } from './transports/kernel.ts';
import { Listener } from './transports/listener.ts';
import type { Stream } from './transports/stream.ts';
import { support } from './transports/support.ts';

/** What a socket has become. Each state carries what its calls need, and nothing else. */
export type State =
  /**
   * `had` is an address whose port the system chose and has taken back: Linux goes on telling it, and keeps the host.
   */
  | { readonly is: 'fresh'; readonly had?: InetEndpoint | undefined }
  | { readonly is: 'bound'; readonly bound: Bound }
  | { readonly is: 'listening'; readonly listener: Listener }
  | { readonly is: 'connecting'; readonly stream: Stream; readonly from: Endpoint | undefined }
  | { readonly is: 'connected'; readonly stream: Stream }
  | { readonly is: 'datagrams'; readonly datagrams: Datagrams }
  | { readonly is: 'closed' };

/**
 * What a socket is from the start to the end: its kind, its options, its time limit, and its state for those who build
 * on it.
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
  /** The options, from the moment that one is set or asked for. */
  #options: Options | undefined;
  /** What the listener that accepted this socket leaves to it. */
  #heritage: Heritage | undefined;
  #timeout = getdefaulttimeout();
  #keepsProcess = true;

  /**
   * @param family - `AF_INET` (also for −1), `AF_INET6` or `AF_UNIX`.
   * @param type - `SOCK_STREAM` (also for −1) or, not with `AF_UNIX`, `SOCK_DGRAM`; with `SOCK_NONBLOCK` for a time
   * limit of 0 and `SOCK_CLOEXEC`, which changes nothing.
   * @param proto - 0 (also for −1), or `IPPROTO_TCP` or `IPPROTO_UDP` as the type has it.
   * @param fileno - the descriptor of a socket that another process has made, to be taken over; see {@link fromfd}.
   * Where it is given, −1 for the others is for what that socket is.
   * @throws TypeError if an argument is no integer; RangeError if fileno is negative; OSError: EAFNOSUPPORT,
   * ESOCKTNOSUPPORT, EPROTONOSUPPORT or EINVAL for what there is not, on Linux or in Node; for a fileno as
   * {@link fromfd}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket
   */
  constructor(family = -1, type = -1, proto = -1, fileno: number | null = null) {
    const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    const domain = int(family, 'family');
    const kind = int(type, 'type');
    const protocol = int(proto, 'proto');
    const adopted = fileno === null ? undefined : adoptedFrom(fileno, domain, kind === -1 ? -1 : kind & ~flags);
    this.family = adopted?.family ?? (domain === -1 ? AF_INET : domain);
    this.type = adopted?.type ?? (kind === -1 ? SOCK_STREAM : kind & ~flags);
    this.proto = protocol !== -1 ? protocol : adopted === undefined ? 0 : protocolOf(this.family, this.type);
    const code = adopted === undefined ? unsupported(this.family, this.type, this.proto) : undefined;
    if (code !== undefined) throw new OSError(errnoOf(code), undefined, { syscall: 'socket' });
    if (kind !== -1 && (kind & SOCK_NONBLOCK) !== 0) this.#timeout = 0;
    this.state = this.type === SOCK_DGRAM ? this.#newDatagrams() : { is: 'fresh' };
    if (adopted !== undefined) this.become(adopted.state);
  }

  /** The time limit in seconds, as {@link gettimeout} gives it. */
  get timeout(): number | null {
    return this.#timeout;
  }

  /**
   * Sets an option of the socket, at any time in its life. docs/options.md lists the options that there are; those that
   * Node itself does not have need Linux and the optional package koffi.
   *
   * @param level - `SOL_SOCKET`, `IPPROTO_TCP`, `IPPROTO_IP` or `IPPROTO_IPV6`; any number with koffi.
   * @param optname - the option: `SO_*`, `TCP_*`, `IP_*` or `IPV6_*`; any number with koffi.
   * @param value - an integer, or the bytes of C's structure, or `null` with `optlen`.
   * @param optlen - the length that goes with `null`.
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that there is not, on Linux
   * or in this Node without koffi; EINVAL for a value that it cannot have; EBADF if the socket is closed; what else the
   * kernel says.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setsockopt
   *
   * Differs from Python in that SO_REUSEADDR is always on underneath; what is set is kept for `getsockopt()`.
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
   * @throws TypeError or RangeError for the arguments; OSError: ENOPROTOOPT for an option that there is not, on Linux
   * or in this Node; ENOTSUP for such a level; EBADF if the socket is closed.
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
   * @param timeout - seconds, after which they raise TimeoutError; `null` to wait for ever; 0 not to wait, which raises
   * BlockingIOError.
   * @throws RangeError if it is negative, not a number or too large; TypeError if it is no number; OSError EBADF if the
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
    const seconds = checkTimeout(timeout);
    this.#timeout = seconds;
    this.checkOpen('settimeout');
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
   * @param flag - whether they do.
   * @throws TypeError if it is neither a boolean nor an integer; OSError EBADF if the socket is closed.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.setblocking
   */
  setblocking(flag: boolean): void {
    this.#timeout = integer(flag, 'flag') === 0 ? 0 : null;
    this.checkOpen('setblocking');
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
   * The number of the socket's descriptor.
   *
   * @returns −1 if the socket is closed, as long as it is not bound, listening or connected, and where Node does not
   * tell it (Windows).
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

  /**
   * Lets the process stay alive for what the socket waits for, which it does from the start. There is no such call in
   * Python.
   */
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

  /** Changes the state, and keeps what holds in every state. */
  protected become(state: State): void {
    this.state = state;
    if (this.#options !== undefined) this.#attach(this.#options);
    if (!this.#keepsProcess) this.#applyRef();
  }

  /** Raises EBADF on a closed socket. */
  protected checkOpen(call: string): void {
    if (this.state.is === 'closed') throw this.error('EBADF', call);
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

  /** The options; for its own calls. */
  protected get options(): Options {
    if (this.#options === undefined) {
      this.#options = this.#newOptions();
      if (this.#heritage !== undefined) this.#options.inherit(this.#heritage);
      this.#attach(this.#options);
    }
    return this.#options;
  }

  /** The options if there is any that was set or asked for. Most sockets have none, and are 0.9 KB lighter without. */
  protected get chosenOptions(): Options | undefined {
    return this.#options;
  }

  /** Takes over the options of the listener that accepted this socket, as Linux does. */
  protected inherit(listener: BaseSocket): void {
    this.#heritage = listener.#options?.heritage;
    // What is not for later has to be set now.
    if (this.#heritage?.isToBeSet === true) this.#options = this.options;
  }

  #newOptions(): Options {
    return new Options(
      {
        family: this.family,
        type: this.type,
        proto: protocolOf(this.family, this.type),
        isListening: () => this.state.is === 'listening',
        isBound: () => (this.state.is === 'datagrams' ? this.state.datagrams.isBound : this.state.is !== 'fresh'),
        takeError: () => this.#takeError(),
      },
      support,
      new KernelOptions({ family: this.family, type: this.type, proto: this.proto }, kernel),
    );
  }

  #attach(options: Options): void {
    const { state } = this;
    // These two have no descriptor yet, or a new one; all others have the one that was there before.
    if (state.is === 'fresh' || state.is === 'bound') options.detach();
    if (state.is === 'bound') options.attach(state.bound);
    if (state.is === 'listening') options.attach(state.listener);
    if (state.is === 'connecting' || state.is === 'connected') options.attach(state.stream);
    if (state.is === 'datagrams' && state.datagrams.isBound) options.attach(state.datagrams);
  }

  #newDatagrams(): State {
    return { is: 'datagrams', datagrams: new Datagrams(this.family === AF_INET6 ? 6 : 4) };
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

  /** The peer's address while there is a connection with it. */
  protected remote(): Endpoint | undefined {
    const { state } = this;
    if (state.is === 'connected') return state.stream.remote;
    return state.is === 'datagrams' ? state.datagrams.remote : undefined;
  }
}

/** What a descriptor is of; the number is checked as Python does it. */
function adoptedFrom(fileno: number, family: number, type: number): Adopted {
  const descriptor = int(fileno, 'fileno');
  if (descriptor < 0) throw new RangeError(`negative file descriptor ${received(fileno)}`);
  const adopted = adopt(descriptor, family, type);
  if (!(adopted instanceof Failure)) return adopted;
  const { code, cause } = adopted;
  throw new OSError(errnoOf(code), undefined, { syscall: 'socket', address: String(descriptor), cause });
}

/** The protocol of a kind of socket; Unix sockets have none. */
function protocolOf(family: number, type: number): number {
  if (family === AF_UNIX) return 0;
  return type === SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
}

/** Linux's bounds of types and of the internet's protocols (net.h, in.h). */
const SOCK_MAX = 11;
const IPPROTO_MAX = 263;

/** Linux takes the family for a Unix socket's protocol as well. */
const PF_UNIX = AF_UNIX;

/** Why there is no such socket, in Linux's order: the type, the family, then what the family has. */
function unsupported(family: number, type: number, proto: number): ErrorCode | undefined {
  if (type < 0 || type >= SOCK_MAX) return 'EINVAL';
  if (family === AF_UNIX) {
    if (proto !== 0 && proto !== PF_UNIX) return 'EPROTONOSUPPORT';
    if (type === SOCK_STREAM) return undefined;
    return [SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET].includes(type) ? 'EPROTONOSUPPORT' : 'ESOCKTNOSUPPORT';
  }
  if (family !== AF_INET && family !== AF_INET6) return 'EAFNOSUPPORT';
  if (proto < 0 || proto >= IPPROTO_MAX) return 'EINVAL';
  if (![SOCK_STREAM, SOCK_DGRAM, SOCK_RAW].includes(type)) return 'ESOCKTNOSUPPORT';
  if (type === SOCK_RAW) return 'EPROTONOSUPPORT';
  const usual = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return proto === 0 || proto === usual ? undefined : 'EPROTONOSUPPORT';
}
