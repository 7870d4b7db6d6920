import { checkInetAddress } from './addresses.ts';
import { int, received } from './arguments.ts';
import { BindingSocket } from './binding-socket.ts';
import { AF_UNIX, MSG_DONTWAIT } from './constants.ts';
import { errnoOf, type ErrorCode } from './errno.ts';
import { OSError, TimeoutError } from './errors.ts';
import { scopedHost } from './names/interfaces.ts';
import { numericHost, resolveHost } from './names/resolver.ts';
import { isTurnSpent, mayAnswerAtOnce, turned } from './queues/turns.ts';
import { Interruption, Waiter, type Limits, type WaiterList } from './queues/waiters.ts';
import type { Endpoint } from './transports/endpoint.ts';
import { Failure } from './transports/failure.ts';
import type { Stream } from './transports/stream.ts';

/** The limits of most calls. */
const FOREVER: Limits = { deadline: null, signal: undefined };

/** What every awaited call takes as its last argument. */
export interface WaitOptions {
  /** Ends the wait when it is aborted: the call rejects with the signal's reason, and nothing that arrived is lost. */
  readonly signal?: AbortSignal | undefined;
}

/** What most calls are given; one for all, because a new one for each call weighs 56 bytes. */
export const NO_OPTIONS: WaitOptions = {};

/**
 * How a socket waits. Each awaited call is built alike: it checks its arguments, then the socket's state, then tries,
 * and if there is nothing for it yet it waits behind those who came before it. It never throws, it rejects.
 */
export abstract class WaitingSocket extends BindingSocket {
  /** Aborts the look-ups of this socket's calls when it is closed. */
  #closing: AbortController | undefined;

  protected override reallyClose(): void {
    super.reallyClose();
    this.#closing?.abort();
  }

  /** Where a call goes, as far as that is known without a look-up. */
  protected target(call: string, address: unknown): Target {
    if (this.family === AF_UNIX) {
      return { endpoint: this.unixTarget(call, address), host: '', port: 0, scopeid: 0 };
    }
    const { host, port, scopeid } = checkInetAddress(call, this.family, address);
    const numeric = numericHost(this.family, host);
    const endpoint = numeric === null ? undefined : { host: scopedHost(numeric, scopeid), port };
    return { endpoint, host, port, scopeid };
  }

  /** Looks a name up, within the limits of a call. */
  protected async resolve(
    call: string,
    { host, port, scopeid }: Target,
    { deadline, signal }: Limits,
  ): Promise<Endpoint> {
    this.#closing ??= new AbortController();
    const closing = this.#closing.signal;
    const clock =
      typeof deadline === 'number' ? AbortSignal.timeout(Math.max(0, deadline - performance.now())) : undefined;
    const signals = [closing, clock, signal].filter((one) => one !== undefined);
    try {
      const numeric = await resolveHost(this.family, host, { signal: AbortSignal.any(signals) });
      return { host: scopedHost(numeric, scopeid), port };
    } catch (error) {
      signal?.throwIfAborted();
      if (closing.aborted) throw this.error('EBADF', call);
      if (clock?.aborted === true) throw timedOut(call, host);
      throw error;
    }
  }

  /** The connection that bytes go over; `code` is what is raised without one. */
  protected stream(call: string, code: ErrorCode): Stream {
    this.checkOpen(call);
    this.settle();
    if (this.state.is === 'connected' || this.state.is === 'connecting') return this.state.stream;
    throw this.error(code, call);
  }

  /**
   * The end of every awaited call: tries if nobody waits already, and waits where that gives nothing.
   */
  protected perform<T>(
    call: string,
    waiters: WaiterList,
    operation: Operation<T>,
    options: WaitOptions,
    flags = 0,
  ): Promise<T> {
    const result = this.atOnce(call, waiters, operation, options);
    return result === undefined ? this.wait(call, waiters, operation, options, flags) : Promise.resolve(result);
  }

  /** The first half of {@link perform}: what the operation gives, or `undefined` where it has to wait. */
  protected atOnce<T>(call: string, waiters: WaiterList, operation: Operation<T>, options: WaitOptions): T | undefined {
    options.signal?.throwIfAborted();
    if (waiters.length > 0 || !mayAnswerAtOnce()) return undefined;
    const result = operation.attempt();
    if (result instanceof Failure) throw this.error(result, call);
    return result;
  }

  /** The second half, behind a first one that gave nothing. */
  protected wait<T>(
    name: string,
    waiters: WaiterList,
    operation: Operation<T>,
    options: WaitOptions,
    flags = 0,
  ): Promise<T> {
    const rests = waiters.length === 0 && isTurnSpent();
    const task = rests ? nextTurn(waiters, operation) : operation;
    const limits = this.limits(flags, options);
    return new Promise<T>((resolve, reject) => {
      const pending = { socket: this, name, operation: task, resolve, reject };
      waiters.add(new WaitingSocket.#Call(waiters, limits, pending));
    });
  }

  /** A call that waits; what comes of it is the call's result, or a failure, of which an error is made. */
  static readonly #Call = class<T> extends Waiter<T | Failure> {
    readonly #socket: WaitingSocket;
    readonly #name: string;
    readonly #operation: Operation<T>;
    readonly #resolve: (result: T | Promise<T>) => void;
    protected readonly fail: (error: unknown) => void;

    constructor(list: WaiterList, limits: Limits, { socket, name, operation, resolve, reject }: Pending<T>) {
      super(list, limits);
      this.#socket = socket;
      this.#name = name;
      this.#operation = operation;
      this.#resolve = resolve;
      this.fail = reject;
    }

    protected attempt(): T | Failure | undefined {
      return this.#operation.attempt();
    }

    protected settle(outcome: T | Failure | Interruption): void {
      const failed = outcome instanceof Failure || outcome instanceof Interruption;
      this.#resolve(failed ? this.#socket.#fail(outcome, this.#name, this.limits, this.#operation) : outcome);
    }
  };

  /**
   * Errors are made here, behind a wait: then their stack names the line that awaits the call. The call's promise is
   * bound to this one a microtask after it was resolved with it, and only then are both on V8's way from the error to
   * the caller.
   */
  async #fail<T>(outcome: Failure | Interruption, call: string, limits: Limits, operation: Operation<T>): Promise<T> {
    await Promise.resolve();
    await Promise.resolve();
    if (outcome instanceof Failure) throw this.error(outcome, call);
    const rest = outcome.why === 'timeout' ? operation.part?.() : undefined;
    if (rest !== undefined) return rest;
    throw this.interrupted(outcome, call, limits);
  }

  protected interrupted({ why }: Interruption, call: string, limits: Limits, address?: string): OSError {
    if (why === 'abort') limits.signal?.throwIfAborted();
    if (why === 'timeout') return limits.deadline === 'poll' ? this.error('EAGAIN', call) : timedOut(call, address);
    return this.error(this.state.is === 'closed' ? 'EBADF' : 'ENOTCONN', call);
  }

  protected limits(flags: number, { signal }: WaitOptions): Limits {
    const { timeout } = this;
    if (timeout === null && flags === 0 && signal === undefined) return FOREVER;
    if (timeout === 0) return { deadline: 'poll', signal };
    if (timeout !== null) return { deadline: performance.now() + timeout * 1000, signal };
    return { deadline: (flags & MSG_DONTWAIT) === 0 ? null : 'poll', signal };
  }
}

/** A call whose promise is not settled yet. */
interface Pending<T> {
  readonly socket: WaitingSocket;
  readonly name: string;
  readonly operation: Operation<T>;
  readonly resolve: (result: T | Promise<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** Where a call goes: `endpoint` where that is known already, else a name to look up. */
export interface Target {
  readonly endpoint: Endpoint | undefined;
  readonly host: string;
  readonly port: number;
  readonly scopeid: number;
}

/**
 * An attempt that is not made before the event loop's next turn, whoever serves the list till then: the callback of a
 * write that is done comes before that, and would let a task that sends again and again starve all others.
 */
function nextTurn<T>(waiters: WaiterList, operation: Operation<T>): Operation<T> {
  let rests = true;
  setImmediate(() => {
    turned();
    rests = false;
    waiters.serve();
  });
  return { attempt: () => (rests ? undefined : operation.attempt()), part: () => operation.part?.() };
}

/** What an awaited call does. */
export interface Operation<T> {
  /** Takes what it wants, or fails, or gives `undefined` and takes nothing. */
  attempt(): T | Failure | undefined;
  /** What the call gives when its time is over; an error where there is nothing. */
  part?(): T | undefined;
}

/**
 * What an awaited call gives where something was thrown: it never throws itself. (A function around the whole of each
 * call would do with less code; it and what it keeps alive weigh 130 bytes a call, 3 % of a receive of 1 KiB.)
 */
export function rejected(error: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown is passed on
  return Promise.reject(error);
}

/** The error of a time limit that is over. */
export function timedOut(syscall: string, address?: string): TimeoutError {
  return new TimeoutError(null, 'timed out', { code: 'ETIMEDOUT', syscall, address });
}

/** Checks the flags of a call: integers, and none that Node cannot honour. */
export function checkFlags(flags: unknown, known: number, syscall: string): number {
  const number = int(flags, 'flags');
  if ((number & ~known) === 0) return number;
  throw new OSError(errnoOf('ENOTSUP'), undefined, { syscall: `${syscall} ${received(flags)}` });
}
