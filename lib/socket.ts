import { addressText, checkInetAddress, wildcardOf, type Address, type AddressLike } from './addresses.ts';
import { bytesOf, int, received, size, type Data } from './arguments.ts';
import { BaseSocket } from './base-socket.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_WAITALL } from './constants.ts';
import { errnoOf, type ErrorCode } from './errno.ts';
import { OSError, TimeoutError } from './errors.ts';
import { scopedHost } from './names/interfaces.ts';
import { numericHost, resolveHost } from './names/resolver.ts';
import { mayAnswerAtOnce } from './queues/turns.ts';
import { Interruption, type Limits, type WaiterList } from './queues/waiters.ts';
import { Failure } from './transports/failure.ts';
import type { Listener } from './transports/listener.ts';
import { Stream, type Endpoint, type TakeFlags } from './transports/stream.ts';

/** What every awaited call takes as its last argument. */
export interface WaitOptions {
  /** Ends the wait when it is aborted: the call rejects with the signal's reason, and nothing that arrived is lost. */
  readonly signal?: AbortSignal | undefined;
}

/** Memory that can be received into. */
export type WritableData = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * How much of what is to be sent is handed to Node at a time. It bounds what a send that ends early leaves with Node, and costs under
 * 10 % of a large send's speed.
 */
const SEND_PIECE = 256 * 1024;

/**
 * A socket, as Python's `socket.socket`, awaited: what blocks in Python is a promise here.
 *
 * Each awaited call is built alike: it checks its arguments, then the socket's state, then tries, and if there is nothing for it yet it
 * waits behind those who came before it. It never throws, it rejects.
 *
 * @see https://docs.python.org/3/library/socket.html#socket-objects
 */
export class Socket extends BaseSocket {
  /** Aborts the look-up of a connect() when the socket is closed. */
  #closing: AbortController | undefined;

  /**
   * Accepts a connection: waits until a client has connected, and takes the oldest one that nobody has accepted.
   *
   * @param options - `signal` ends the wait.
   * @returns the socket that is connected with the client, and the client's address. Its time limit is the default one.
   * @throws OSError: EINVAL if the socket does not listen, EBADF if it is or gets closed; TimeoutError; BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.accept
   *
   * Differs from Python in that a client that reset the connection before it was accepted has the address of nobody: the wildcard and
   * port 0.
   */
  accept(options: WaitOptions = {}): Promise<[Socket, Address]> {
    return promised(() => {
      this.checkOpen('accept');
      if (this.state.is !== 'listening') throw this.error('EINVAL', 'accept');
      const { listener } = this.state;
      return this.#perform('accept', listener.acceptors, () => this.#accept(listener), options);
    });
  }

  /**
   * Connects to an address.
   *
   * @param address - `[host, port]`; the host may be numeric, a name, which is looked up, or `''` for this machine.
   * @param options - `signal` ends the wait.
   * @throws TypeError or RangeError for what is no address; gaierror if the name has no address in the socket's family; OSError:
   * ConnectionRefusedError, ENETUNREACH and others of the network's; EISCONN if the socket is connected or listens, EALREADY if it is
   * being connected, EBADF if it is or gets closed; TimeoutError; BlockingIOError EINPROGRESS with a time limit of 0, and then the
   * connection is made all the same.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect
   *
   * Differs from Python in that the time limit includes the look-up, and that a connect that ends early gives the connection up, so that it
   * may be tried again at once. (Python's goes on behind the program's back.)
   */
  async connect(address: AddressLike, options: WaitOptions = {}): Promise<void> {
    const target = checkInetAddress('connect', this.family, address);
    const numeric = numericHost(this.family, target.host);
    this.#checkConnectable(address);
    options.signal?.throwIfAborted();
    const limits = this.#limits(0, options);
    const host = numeric ?? (await this.#resolve(target.host, limits));
    if (numeric === null) this.#checkConnectable(address);
    const stream = this.#startConnecting({ host: scopedHost(host, target.scopeid), port: target.port });
    if (limits.deadline === 'poll') throw this.error('EINPROGRESS', 'connect', addressText(address));
    const outcome = await stream.connectors.wait(() => stream.connected(), limits);
    if (outcome instanceof Interruption) {
      this.giveUp(stream);
      throw this.#interrupted(outcome, 'connect', limits, addressText(address));
    }
    this.settle();
    if (outcome instanceof Failure) throw this.error(outcome, 'connect', addressText(address));
  }

  /**
   * Connects to an address as {@link connect} does, but gives the error's number for what the system says.
   *
   * @param address - as for {@link connect}.
   * @param options - `signal` ends the wait.
   * @returns 0, or the number: 111 (ECONNREFUSED), 11 (EAGAIN) when the time is over, 115 (EINPROGRESS) with a time limit of 0 and others.
   * @throws TypeError or RangeError for what is no address; gaierror if the name cannot be resolved; the signal's reason.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.connect_ex
   */
  async connectEx(address: AddressLike, options: WaitOptions = {}): Promise<number> {
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
   * Receives bytes: waits until there are some, and takes what is there.
   *
   * @param bufsize - at most so many bytes; 0 gives none at once.
   * @param flags - `MSG_PEEK` leaves the bytes where they are; `MSG_WAITALL` waits for all `bufsize` or the end of the stream;
   * `MSG_DONTWAIT` raises BlockingIOError rather than wait.
   * @param options - `signal` ends the wait.
   * @returns 1 to `bufsize` bytes; none at the end of the stream, again and again.
   * @throws TypeError or RangeError for the arguments; OSError: ENOTCONN without a connection, EBADF if the socket is or gets closed;
   * ConnectionResetError, once, behind the bytes that came before the reset; TimeoutError; BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv
   */
  recv(bufsize: number, flags = 0, options: WaitOptions = {}): Promise<Buffer> {
    return promised(() => {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recv');
      const take = takeFlags(flags, 'recv');
      if (length === 0) return Promise.resolve(Buffer.alloc(0));
      const stream = this.#stream('recv', 'ENOTCONN');
      return this.#perform('recv', stream.readers, () => stream.read(length, take), options, flags);
    });
  }

  /**
   * Receives bytes into memory of the caller's, as {@link recv} does.
   *
   * @param buffer - where the bytes go.
   * @param nbytes - at most so many; 0 for as many as there is room for.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written to the start of `buffer`; 0 at the end of the stream, and if there is no room.
   * @throws as {@link recv}; RangeError also if `nbytes` is more than there is room for.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv_into
   */
  recvInto(buffer: WritableData, nbytes = 0, flags = 0, options: WaitOptions = {}): Promise<number> {
    return promised(() => {
      const target = targetOf(buffer, nbytes);
      const take = takeFlags(flags, 'recv');
      if (target.length === 0) return Promise.resolve(0);
      const stream = this.#stream('recv', 'ENOTCONN');
      return this.#perform('recv', stream.readers, () => stream.readInto(target, take), options, flags);
    });
  }

  /**
   * Receives bytes and tells who sent them, as {@link recv} does; on a connection that is known, and the address is `null`.
   *
   * @param bufsize - at most so many bytes. Unlike in {@link recv}, 0 waits for some to come.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes, and `null`.
   * @throws as {@link recv}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom
   */
  recvfrom(bufsize: number, flags = 0, options: WaitOptions = {}): Promise<[Buffer, Address | null]> {
    return promised(() => {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recvfrom');
      const take = takeFlags(flags, 'recvfrom');
      const stream = this.#stream('recvfrom', 'ENOTCONN');
      const attempt = (): [Buffer, null] | Failure | undefined => {
        const bytes = stream.read(length, take);
        return bytes === undefined || bytes instanceof Failure ? bytes : [bytes, null];
      };
      return this.#perform('recvfrom', stream.readers, attempt, options, flags);
    });
  }

  /**
   * Sends bytes: waits until the kernel has all of them, so that a sender never outruns its receiver by more than the kernel's buffers.
   * Sends that run at the same time go out whole, in the order of the calls.
   *
   * @param data - the bytes, or a string, which goes out as UTF-8. The memory may be used again once the promise is settled, but not
   * before, and not after `close()` ended the call.
   * @param flags - `MSG_DONTWAIT` sends what can be sent at once, and raises BlockingIOError if that is nothing.
   * @param options - `signal` ends the wait; how much has gone out by then is not known.
   * @returns how many bytes were sent: all, or fewer when the time limit was over before the rest could go.
   * @throws TypeError for the arguments; OSError: BrokenPipeError without a connection, after `shutdown(SHUT_WR)` and once the peer has
   * closed; ConnectionResetError; EBADF if the socket is or gets closed; TimeoutError and BlockingIOError if nothing could be sent.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.send
   *
   * Differs from Python in that strings may be sent, and that up to 256 KiB may count as sent when the time is over although they are
   * still on their way into the kernel.
   */
  send(data: Data, flags = 0, options: WaitOptions = {}): Promise<number> {
    return promised(() => {
      const sending = this.#sending(bytesOf(data), flags, options);
      return this.#perform('send', sending.waiters, sending.attempt, options, flags, sending.part);
    });
  }

  /**
   * Sends bytes, all of them or none that counts.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param options - `signal` ends the wait.
   * @throws as {@link send}; after an error, how much has gone out is not known. The time limit is for the whole of it.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendall
   */
  sendall(data: Data, flags = 0, options: WaitOptions = {}): Promise<void> {
    return promised(async () => {
      const sending = this.#sending(bytesOf(data), flags, options);
      await this.#perform('send', sending.waiters, sending.attempt, options, flags);
    });
  }

  override close(): void {
    super.close();
    this.#closing?.abort();
  }

  #accept(listener: Listener): [Socket, Address] | Failure | undefined {
    const stream = listener.accept();
    if (!(stream instanceof Stream)) return stream;
    const socket = new Socket(this.family, this.type, this.proto);
    socket.options.inherit(this.options);
    socket.become({ is: 'connected', stream });
    return [socket, this.address(stream.peer ?? { host: wildcardOf(this.family), port: 0 })];
  }

  /** Where a connection could begin; raises what stands against it. */
  #checkConnectable(address: AddressLike): void {
    this.checkOpen('connect');
    const failure = this.settle();
    if (failure !== undefined) throw this.error(failure, 'connect', addressText(address));
    const { is } = this.state;
    if (is === 'connected' || is === 'listening') throw this.error('EISCONN', 'connect', addressText(address));
    if (is === 'connecting') throw this.error('EALREADY', 'connect', addressText(address));
  }

  #startConnecting(remote: Endpoint): Stream {
    const bound = this.state.is === 'bound' ? this.state.bound : undefined;
    const from = bound === undefined ? undefined : { host: bound.host, port: bound.port };
    const stream = Stream.connect(remote, bound);
    this.become({ is: 'connecting', stream, from });
    return stream;
  }

  /** Looks a name up within the limits of a connect(). */
  async #resolve(host: string, { deadline, signal }: Limits): Promise<string> {
    this.#closing ??= new AbortController();
    const closing = this.#closing.signal;
    const clock =
      typeof deadline === 'number' ? AbortSignal.timeout(Math.max(0, deadline - performance.now())) : undefined;
    const signals = [closing, clock, signal].filter((one) => one !== undefined);
    try {
      return await resolveHost(this.family, host, { signal: AbortSignal.any(signals) });
    } catch (error) {
      signal?.throwIfAborted();
      if (closing.aborted) throw this.error('EBADF', 'connect');
      if (clock?.aborted === true) throw timedOut('connect', host);
      throw error;
    }
  }

  /** The connection that bytes go over; `code` is what is raised without one. */
  #stream(call: string, code: ErrorCode): Stream {
    this.checkOpen(call);
    const failure = this.settle();
    if (failure !== undefined) throw this.error(failure, call);
    if (this.state.is === 'connected' || this.state.is === 'connecting') return this.state.stream;
    throw this.error(code, call);
  }

  /** What send() and sendall() share: an attempt that hands over what it can, and remembers how much that was. */
  #sending(bytes: Buffer, flags: number, options: WaitOptions): Sending {
    checkFlags(flags, MSG_DONTWAIT | MSG_NOSIGNAL, 'send');
    const stream = this.#stream('send', 'EPIPE');
    // Whoever may stop waiting before the kernel has the bytes may use the memory again by then.
    const copies = this.timeout !== null || flags !== 0 || options.signal !== undefined;
    let sent = 0;
    let resting = false;
    const attempt = (): number | Failure | undefined => {
      while (sent < bytes.length) {
        if (resting) return undefined;
        if (sent > 0 && !mayAnswerAtOnce()) {
          resting = true;
          setImmediate(() => {
            resting = false;
            stream.writers.serve();
          });
          return undefined;
        }
        const piece = bytes.subarray(sent, sent + SEND_PIECE);
        const taken = stream.write(copies ? Buffer.from(piece) : piece);
        if (typeof taken !== 'number') return taken;
        sent += taken;
      }
      const flushed = stream.flushed();
      return flushed === true ? sent : flushed;
    };
    return { waiters: stream.writers, attempt, part: () => (sent > 0 ? sent : undefined) };
  }

  /**
   * The end of every awaited call: tries if nobody waits already, and waits where that gives nothing. `part` is what the call gives
   * when its time is over.
   */
  #perform<T>(
    call: string,
    waiters: WaiterList,
    attempt: () => T | Failure | undefined,
    options: WaitOptions,
    flags = 0,
    part?: () => T | undefined,
  ): Promise<T> {
    options.signal?.throwIfAborted();
    if (waiters.length === 0) {
      if (mayAnswerAtOnce()) {
        const result = attempt();
        if (result instanceof Failure) throw this.error(result, call);
        if (result !== undefined) return Promise.resolve(result);
      } else {
        setImmediate(() => waiters.serve());
      }
    }
    return this.#wait(call, waiters, attempt, this.#limits(flags, options), part);
  }

  /** Waits. Errors are made here, behind the wait: then their stack names the line that awaits the call. */
  async #wait<T>(
    call: string,
    waiters: WaiterList,
    attempt: () => T | Failure | undefined,
    limits: Limits,
    part: (() => T | undefined) | undefined,
  ): Promise<T> {
    const outcome = await waiters.wait(attempt, limits);
    if (outcome instanceof Failure) throw this.error(outcome, call);
    if (!(outcome instanceof Interruption)) return outcome;
    const rest = outcome.why === 'timeout' ? part?.() : undefined;
    if (rest !== undefined) return rest;
    throw this.#interrupted(outcome, call, limits);
  }

  #interrupted({ why }: Interruption, call: string, limits: Limits, address?: string): OSError {
    limits.signal?.throwIfAborted();
    if (why === 'timeout') return limits.deadline === 'poll' ? this.error('EAGAIN', call) : timedOut(call, address);
    return this.error(this.state.is === 'closed' ? 'EBADF' : 'ENOTCONN', call);
  }

  #limits(flags: number, { signal }: WaitOptions): Limits {
    const { timeout } = this;
    if (timeout === 0) return { deadline: 'poll', signal };
    if (timeout !== null) return { deadline: performance.now() + timeout * 1000, signal };
    return { deadline: (flags & MSG_DONTWAIT) === 0 ? null : 'poll', signal };
  }
}

/**
 * Makes a socket: `socket.socket(socket.AF_INET, socket.SOCK_STREAM)`. The class itself is {@link Socket}.
 *
 * @param family - `AF_INET` (also for −1) or `AF_INET6`.
 * @param type - `SOCK_STREAM` (also for −1), with `SOCK_NONBLOCK` for a time limit of 0.
 * @param proto - 0 (also for −1) or `IPPROTO_TCP`.
 * @returns the socket, neither bound nor connected.
 * @throws TypeError if an argument is no integer; OSError for what there is not, on Linux or in Node.
 * @see https://docs.python.org/3/library/socket.html#socket.socket
 */
export function socket(family = -1, type = -1, proto = -1): Socket {
  return new Socket(family, type, proto);
}

/** A send that is under way. */
interface Sending {
  readonly waiters: WaiterList;
  readonly attempt: () => number | Failure | undefined;
  /** How much was sent, if anything was. */
  readonly part: () => number | undefined;
}

/** Makes a rejection of what a call throws: an awaited call never throws. */
function promised<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what was thrown is passed on, whatever it is
    return Promise.reject(error);
  }
}

function timedOut(syscall: string, address?: string): TimeoutError {
  return new TimeoutError(null, 'timed out', { code: 'ETIMEDOUT', syscall, address });
}

function checkFlags(flags: unknown, known: number, syscall: string): number {
  const number = int(flags, 'flags');
  if ((number & ~known) === 0) return number;
  throw new OSError(errnoOf('ENOTSUP'), undefined, { syscall: `${syscall} ${received(flags)}` });
}

function takeFlags(flags: unknown, syscall: string): TakeFlags {
  const number = checkFlags(flags, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL, syscall);
  return { all: (number & MSG_WAITALL) !== 0, peek: (number & MSG_PEEK) !== 0 };
}

/** The memory that recvInto() fills. */
function targetOf(buffer: unknown, nbytes: unknown): Uint8Array {
  if (typeof buffer === 'string') throw new TypeError(`a writable bytes-like object is required ${received(buffer)}`);
  const whole = bytesOf(buffer);
  const length = size(nbytes, 'nbytes', 'negative buffersize in recv_into');
  if (length > whole.length) throw new RangeError(`buffer too small for requested bytes ${received(nbytes)}`);
  return length === 0 ? whole : whole.subarray(0, length);
}
