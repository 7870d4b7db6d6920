import { addressText, unixAddress, wildcardOf, type Address } from '../common/addresses.ts';
import { channels, isTraced } from '../common/channels.ts';
import { AF_INET6, AF_UNIX, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM } from '../common/constants.ts';
import { errnoOf, isErrorCode, type ErrorCode } from '../common/errno.ts';
import { osError, type OSError } from '../common/errors.ts';
import type { ReadsAhead } from '../files/file-core.ts';
import { KernelOptions } from '../options/kernel-options.ts';
import { indexOf } from '../names/interfaces.ts';
import { Options, type InheritedOptions } from '../options/options.ts';
import { rejected } from '../waiting/gate.ts';
import { addWaits, removeWaits } from '../waiting/keep-alive.ts';
import { methodOf, raised, type Callee } from '../common/stack.ts';
import { getdefaulttimeout } from '../common/timeouts.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import type { Readiness } from '../transports/readiness.ts';
import { kernel } from '../kernel/libc.ts';
import { support } from '../transports/support.ts';
import { plainRules, type CallRules } from './call-rules.ts';
import { eventsOf, Observers, readinessOf } from './observers.ts';
import { CLOSED, closeState, FRESH, isBound, streamOf, type State } from './state.ts';
import { keepNumber, tracedOn } from './traced.ts';

/** What kind of socket it is; this never changes. */
export interface SocketKind {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
}

/**
 * The inside of a socket: its kind, options, time limit and state, and how many calls and files use it. The operations
 * of lib/core/ are functions over it; {@link setState} is the one place where the state changes.
 */
export class Core implements SocketKind, Readiness {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  /** The time limit in seconds; `null` for none. */
  timeout: number | null = getdefaulttimeout();
  /** The class of the socket, by Python's name. */
  className: string;
  /** What its calls may be asked for, and how they say that they may wait no longer. */
  rules: CallRules = plainRules;
  /** Whether `close()` was called; files may keep the socket open. */
  isClosed = false;
  /** Whether the program has asked for the port by its number: then Linux keeps it until the socket is closed. */
  keepsPort = false;
  /** The files of `makefile()` that use the socket; most sockets have none. */
  #files: Set<ReadsAhead> | undefined;
  #state: State = FRESH;
  /** The options, from the moment one is set or read. */
  #options: Options | undefined;
  /** The options inherited from the listener that accepted this socket. */
  #inherited: InheritedOptions | undefined;
  /** Those who watch it, from the first one on. */
  #observers: Observers | undefined;
  /** Ends the look-ups of this socket's calls when it is closed. */
  #closing: AbortController | undefined;
  /** How many calls wait. */
  #waits = 0;
  #keepsProcess = true;
  /** Whether the program has lost the socket: it is closed once no call waits. */
  #isDropped = false;

  constructor({ family, type, proto }: SocketKind, className = 'socket.socket') {
    this.className = className;
    this.family = family;
    this.type = type;
    this.proto = proto;
  }

  /** What the socket is now. */
  get state(): State {
    return this.#state;
  }

  /** Changes the state, and keeps what holds in every state. */
  setState(state: State): void {
    this.#state = state;
    if (this.#options !== undefined) attach(this.#options, state);
    if (state.kind === 'closed') this.#closing?.abort();
    this.#observers?.follow(state);
  }

  poll(): number {
    return eventsOf(this.#state, this.family);
  }

  get isSettling(): boolean {
    return readinessOf(this.#state)?.isSettling === true;
  }

  observe(observer: () => void): () => void {
    return (this.#observers ??= new Observers(this.#state)).add(observer);
  }

  /** Raises EBADF on a closed socket. */
  checkOpen(call: string): void {
    if (this.#state.kind === 'closed') throw this.error('EBADF', call);
  }

  /**
   * Checks whether a connect() that is under way has made its connection: then the socket is connected. Where it
   * failed, the calls that receive and send report that, as on Linux, until the next connect().
   */
  syncConnectState(): void {
    const state = this.#state;
    if (state.kind !== 'connecting' || state.stream.phase !== 'open') return;
    const { stream, from, isLimited } = state;
    this.setState({ kind: 'connected', stream, unconfirmed: isLimited ? { from } : undefined });
  }

  /**
   * Gives what the socket has to a core of its own: this one is closed by that, as Python's `detach()` leaves a socket,
   * and its calls that wait end.
   *
   * @param className - the class of the socket that the successor is for.
   */
  handOver(className: string): Core {
    const state = this.#state;
    const successor = new Core(this, className);
    successor.timeout = this.timeout;
    successor.keepsPort = this.keepsPort;
    successor.inherit(this);
    keepNumber(this, successor);
    this.isClosed = true;
    this.setState({ kind: 'closed', successor });
    successor.setState(state);
    return successor;
  }

  /** Takes what the files of the socket have read and the program has not. */
  takeReadAhead(): Buffer {
    return Buffer.concat(Array.from(this.#files ?? [], (file) => file.takeReadAhead()));
  }

  /** Python's error for a failure; made within the call, so that its stack names the caller. */
  error(failure: Failure | ErrorCode, syscall: string, address?: string): OSError {
    const { code, cause, reason } = failure instanceof Failure ? failure : new Failure(failure);
    const peer = this.#state.kind === 'connected' ? this.#state.stream.peer : undefined;
    const place = address ?? (peer === undefined ? undefined : addressText(this.address(peer)) || undefined);
    const note = code === 'EBADF' && this.#state.kind === 'closed' ? 'the socket is closed' : reason;
    const details = { syscall, address: place, note, cause };
    const makeError = failure instanceof Failure ? failure.makeError : undefined;
    return makeError === undefined ? osError(code, details) : makeError(details);
  }

  /** An address as calls give it. */
  address(endpoint: Endpoint): Address {
    if (isUnix(endpoint)) return unixAddress(endpoint.path);
    const { host, port } = endpoint;
    if (this.family !== AF_INET6) return [host, port];
    const [name = host, zone] = host.split('%');
    return [name, port, 0, zone === undefined ? 0 : indexOf(zone)];
  }

  /** The address of a socket that has none. */
  unspecifiedAddress(): Endpoint {
    return this.family === AF_UNIX ? { path: '' } : { host: wildcardOf(this.family), port: 0 };
  }

  /** The options. */
  get options(): Options {
    if (this.#options === undefined) {
      this.#options = newOptions(this);
      if (this.#inherited !== undefined) this.#options.inherit(this.#inherited);
      attach(this.#options, this.#state);
    }
    return this.#options;
  }

  /** The options if any was set or read. Most sockets have none, and need less memory without. */
  get chosenOptions(): Options | undefined {
    return this.#options;
  }

  /** Takes over the options of the listener that accepted this socket, as Linux does. */
  inherit(listener: Core): void {
    this.#inherited = listener.#options?.inheritable;
    // Some of these options count even if no call asks for them: they are set now.
    if (this.#inherited?.isToBeSet === true) this.#options = this.options;
  }

  /** Aborted when the socket is closed. */
  get closing(): AbortSignal {
    this.#closing ??= new AbortController();
    return this.#closing.signal;
  }

  /** Whether the calls that wait keep the process alive. */
  keepProcess(on: boolean): void {
    if (this.#keepsProcess === on) return;
    this.#keepsProcess = on;
    if (on) addWaits(this.#waits);
    else removeWaits(this.#waits);
  }

  /** A call begins to wait. */
  beginWait(): void {
    this.#waits += 1;
    if (this.#keepsProcess) addWaits(1);
  }

  /** A call waits no longer; after the last one, a socket that the program has lost is closed. */
  endWait(): void {
    this.#waits -= 1;
    if (this.#keepsProcess) removeWaits(1);
    if (this.#isDropped) this.drop();
  }

  /** The program has lost the socket: it is closed as soon as no call waits. */
  drop(): void {
    this.#isDropped = true;
    if (this.#waits === 0) this.close();
  }

  /** Closes the socket, or lets the last of its files do so. */
  close(): void {
    this.isClosed = true;
    if (this.#files !== undefined && this.#files.size > 0) return;
    this.#end(false);
  }

  /**
   * Closes the connection at once, whatever files use it, and also where it goes on in a socket with TLS.
   *
   * @param reset - whether the peer gets a reset.
   */
  discard(reset: boolean): void {
    if (this.#state.kind === 'closed') return this.#state.successor?.discard(reset);
    this.isClosed = true;
    this.#end(reset);
  }

  /** One more file uses the socket, which stays open for it. */
  retainFile(file: ReadsAhead): void {
    (this.#files ??= new Set()).add(file);
  }

  /** One file fewer uses the socket. */
  releaseFile(file: ReadsAhead): void {
    this.#files?.delete(file);
    if (this.isClosed) this.close();
  }

  #end(byReset: boolean): void {
    const state = this.#state;
    if (state.kind === 'closed') return;
    const reset = byReset || this.#options?.resetsOnClose === true;
    if (isTraced(channels.close)) this.#finishTraced(state, reset);
    else this.#finish(state, reset);
  }

  /** Apart from {@link #end}, which would make the closure's scope for each socket. */
  #finishTraced(state: State, reset: boolean): void {
    const call = reset ? 'reset' : 'close';
    tracedOn(channels.close, this, { call, args: [] }, () => this.#finish(state, reset));
  }

  #finish(state: State, reset: boolean): void {
    this.setState(CLOSED);
    closeState(state, reset);
  }
}

/** The door to a socket's core, which only the class `Socket` can open. */
let door: (socket: object) => Core | undefined = () => undefined;

/** The methods that programs call. */
let methods: object = {};

/** For the class `Socket` to say how its core is reached, and what its methods are. */
export function setDoor(open: (socket: object) => Core | undefined, prototype: object): void {
  door = open;
  methods = prototype;
}

/** The rejection of an awaited method that threw, with a stack that begins at the line that calls it. */
export function refused(error: unknown, method: string): Promise<never> {
  return rejected(error, calleeOf(method));
}

/** A method of the class `Socket`, by its name. */
export function calleeOf(method: string): Callee | undefined {
  return methodOf(methods, method);
}

/** The core of the socket that a method was called on; a core stands for its socket. */
export function coreOf(socket: unknown, method: string): Core {
  return findCore(socket) ?? (socket instanceof Core ? socket : refuseReceiver(method));
}

/** The core of a socket; `undefined` for anything else. */
export function findCore(socket: unknown): Core | undefined {
  return typeof socket === 'object' && socket !== null ? door(socket) : undefined;
}

function refuseReceiver(method: string): never {
  throw raised(new TypeError(`${method}() is a method of a socket: call it as sock.${method}(...)`));
}

/** The protocol of a kind of socket; Unix sockets have none. */
export function protocolOf(family: number, type: number): number {
  if (family === AF_UNIX) return 0;
  return type === SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
}

function newOptions(core: Core): Options {
  const { family, type, proto } = core;
  return new Options(
    {
      family,
      type,
      proto: protocolOf(family, type),
      isListening: () => core.state.kind === 'listening',
      isBound: () => isBound(core.state),
      takeError: () => takeError(core.state),
    },
    support,
    new KernelOptions({ family, type, proto }, kernel),
  );
}

/** The number of the pending error; 0 for none. */
function takeError(state: State): number {
  const source = state.kind === 'datagrams' ? state.datagrams : streamOf(state);
  const failure = source?.takeFailure();
  if (failure === undefined) return 0;
  return errnoOf(isErrorCode(failure.code) ? failure.code : 'EIO');
}

/** Sets the options on what the socket has become. */
function attach(options: Options, state: State): void {
  switch (state.kind) {
    case 'fresh':
    case 'kernel':
    case 'closed':
      return options.detach();
    case 'bound':
      // The descriptor is a new one; in the states below it is the one from before.
      options.detach();
      return options.attach(state.bound);
    case 'listening':
      return options.attach(state.listener);
    case 'connecting':
    case 'connected':
      return options.attach(state.stream);
    case 'datagrams':
      return state.datagrams.isBound ? options.attach(state.datagrams) : undefined;
  }
}
