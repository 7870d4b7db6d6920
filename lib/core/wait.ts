import { MSG_DONTWAIT } from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import { int, received } from '../common/arguments.ts';
import { osError } from '../common/errors.ts';
import { isBudgetSpent, tryConsume } from '../waiting/fairness.ts';
import { rejectedAfterWait } from '../waiting/gate.ts';
import { FOREVER, Waiter, type Limits, type Sender, type WaitAborted, type WaiterList } from '../waiting/waiters.ts';
import { fromCaller } from '../common/stack.ts';
import { Failure } from '../transports/failure.ts';
import type { Core } from './core.ts';

/** The wait of a call. */
export interface Wait<T> {
  /** Ends the wait with a result. */
  give(result: T): void;
}

/** What an awaited call does. */
export interface Operation<T> {
  /** Takes what it wants, or fails, or gives `undefined` and takes nothing. */
  attempt(): T | Failure | undefined;
  /**
   * The short way for a call that waits alone: takes bytes that have just arrived, as {@link WaiterList.offer} has it, and
   * gives `wait` its result.
   */
  offer?(bytes: Buffer, isLent: boolean, wait: Wait<T>, from?: Sender): number;
  /** What the call gives when it times out; an error where this gives nothing. */
  part?(): T | undefined;
  /** Undoes what the call began, when it ends without a result. */
  abandon?(): void;
  /** The address that the call is about, for messages. */
  readonly address?: string | undefined;
  /** The error where the call may not wait; EAGAIN if left out. */
  readonly wouldBlock?: ErrorCode | undefined;
}

/**
 * The gate of every call of a socket that may wait. It tries at once, unless other calls wait already. Where that gives
 * nothing, it waits for its turn, until the time limit, the signal or the socket's close ends the wait. It throws the
 * failure of the first attempt; the calls of lib/core/ turn that into a rejection by `refused()`.
 *
 * @param core - the socket.
 * @param call - the call's name in POSIX, for messages.
 * @param waiters - the calls that wait for the same thing.
 * @param operation - what the call does.
 * @param signal - ends the wait.
 * @param flags - the call's flags, of which MSG_DONTWAIT counts.
 */
export function perform<T>(
  core: Core,
  call: string,
  waiters: WaiterList,
  operation: Operation<T>,
  signal: AbortSignal | undefined,
  flags = 0,
): Promise<T> {
  const result = tryNow(core, call, waiters, operation, signal);
  if (result !== undefined) return given(result);
  return wait(core, call, waiters, operation, limitsOf(core, flags, signal));
}

/** The first half of {@link perform}: what the operation gives, or `undefined` where it has to wait. */
export function tryNow<T>(
  core: Core,
  call: string,
  waiters: WaiterList,
  operation: Operation<T>,
  signal: AbortSignal | undefined,
): T | undefined {
  if (!mayTry(waiters, signal)) return undefined;
  const result = operation.attempt();
  return result instanceof Failure ? failNow(core, call, operation, result) : result;
}

/**
 * Whether a call may make its first attempt at once; throws where its signal is aborted. The calls that are made most
 * often make that attempt by themselves, and an operation only if they have to wait: most receives that find bytes, and
 * nearly all sends, need no object.
 */
export function mayTry(waiters: WaiterList, signal: AbortSignal | undefined): boolean {
  signal?.throwIfAborted();
  return waiters.length === 0 && tryConsume();
}

/** What such an attempt has found; throws its failure. */
export function unlessFailed<T>(core: Core, call: string, found: T | Failure): T {
  if (found instanceof Failure) throw core.error(found, call);
  return found;
}

/** The outcome of a call whose first attempt has given a result. */
export function given<T>(result: T): Promise<T> {
  return Promise.resolve(result);
}

function failNow<T>(core: Core, call: string, operation: Operation<T>, failure: Failure): never {
  operation.abandon?.();
  throw errorOf(core, call, operation, failure);
}

function errorOf<T>(core: Core, call: string, operation: Operation<T> | undefined, failure: Failure): Error {
  return failure instanceof OwnFailure ? failure.error : core.error(failure, call, operation?.address);
}

/** The failure of an operation that no call to the system has raised: the operation makes the error itself. */
export class OwnFailure extends Failure {
  readonly #makeError: () => Error;

  constructor(makeError: () => Error) {
    super('EIO');
    this.#makeError = makeError;
  }

  /** The error; made when it is asked for, so that its stack shows the caller. */
  get error(): Error {
    return this.#makeError();
  }
}

/** The second half, after a first one that gave nothing. */
export function wait<T>(
  core: Core,
  call: string,
  waiters: WaiterList,
  operation: Operation<T>,
  limits: Limits,
): Promise<T> {
  return begun(new Call(waiters, core, call, operation), limits);
}

/** Lets a call wait, after a first attempt that gave nothing. */
export function begun<T>(call: WaitingCall<T>, limits: Limits): Promise<T> {
  const { list } = call;
  if (list.length === 0 && isBudgetSpent()) list.rest();
  list.add(call, limits);
  return call.outcome;
}

/** The result of calls that only succeed or fail. */
export function nothing(): void {
  return undefined;
}

/** How long a call may wait. */
export function limitsOf(core: Core, flags: number, signal: AbortSignal | undefined): Limits {
  const { timeout } = core;
  if (timeout === null && flags === 0 && signal === undefined) return FOREVER;
  if (timeout === 0) return { deadline: 'poll', signal };
  if (timeout !== null) return { deadline: performance.now() + timeout * 1000, signal };
  return { deadline: (flags & MSG_DONTWAIT) === 0 ? null : 'poll', signal };
}

/** Checks the flags of a call: integers, and none that Node cannot honour. */
export function checkFlags(core: Core, flags: unknown, known: number, syscall: string): number {
  if (flags === 0) return 0;
  const number = int(flags, 'flags');
  if (number !== 0) core.rules.checkFlags(number, syscall);
  if ((number & ~known) === 0) return number;
  throw osError('ENOTSUP', { syscall: `${syscall} ${received(flags)}` });
}

/** A call that waits; the outcome is its result, or a failure that becomes an error. */
export abstract class WaitingCall<T> extends Waiter<T | Failure> {
  readonly outcome: Promise<T>;
  /** What the call does, where it is more than attempts. */
  protected abstract readonly operation: Operation<T> | undefined;
  readonly #core: Core;
  readonly #call: string;
  #resolve!: (result: T | Promise<T>) => void;

  constructor(list: WaiterList, core: Core, call: string) {
    super(list);
    this.#core = core;
    this.#call = call;
    this.outcome = new Promise((resolve) => (this.#resolve = resolve));
    core.beginWait();
  }

  protected settle(result: T | Failure): void {
    this.#finish(result instanceof Failure ? this.#fail(result) : result);
  }

  protected end(interruption: WaitAborted): void {
    this.#finish(this.#fail(interruption));
  }

  protected fail(error: unknown): void {
    this.#finish(rejectedAfterWait(error));
  }

  #fail(outcome: Failure | WaitAborted): Promise<T> {
    return failAfterWait(this.#core, this.#call, this.operation, outcome, this.limits);
  }

  #finish(outcome: T | Promise<T>): void {
    this.#resolve(outcome);
    this.#core.endWait();
  }
}

/** An operation that waits. */
class Call<T> extends WaitingCall<T> {
  protected readonly operation: Operation<T>;

  constructor(list: WaiterList, core: Core, call: string, operation: Operation<T>) {
    super(list, core, call);
    this.operation = operation;
  }

  offer(bytes: Buffer, isLent: boolean, from?: Sender): number {
    return this.operation.offer?.(bytes, isLent, this, from) ?? 0;
  }

  protected attempt(): T | Failure | undefined {
    return this.operation.attempt();
  }
}

/**
 * Errors are made here, after a wait: then their stack names the line that awaits the call. The call's promise follows
 * this one only a microtask after it was resolved with it, and V8's async stack traces need that link.
 */
async function failAfterWait<T>(
  core: Core,
  call: string,
  operation: Operation<T> | undefined,
  outcome: Failure | WaitAborted,
  limits: Limits,
): Promise<T> {
  operation?.abandon?.();
  await Promise.resolve();
  await Promise.resolve();
  if (outcome instanceof Failure) throw fromCaller(errorOf(core, call, operation, outcome), failAfterWait);
  const rest = outcome.reason === 'timeout' ? operation?.part?.() : undefined;
  if (rest !== undefined) return rest;
  switch (outcome.reason) {
    case 'abort':
      throw limits.signal?.reason;
    case 'timeout':
      throw fromCaller(
        limits.deadline === 'poll'
          ? core.rules.wouldBlock(core, call, operation?.wouldBlock ?? 'EAGAIN', operation?.address)
          : core.rules.timedOut(call, operation?.address),
        failAfterWait,
      );
    case 'close':
      throw fromCaller(core.error(core.state.kind === 'closed' ? 'EBADF' : 'ENOTCONN', call), failAfterWait);
  }
}
