import { MSG_DONTWAIT } from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import { int, received } from '../common/arguments.ts';
import { osError } from '../common/errors.ts';
import { isBudgetSpent, tryConsume, resetBudget } from '../waiting/fairness.ts';
import { WaitAborted, Waiter, type Limits, type WaiterList } from '../waiting/waiters.ts';
import { fromCaller } from '../common/stack.ts';
import { Failure } from '../transports/failure.ts';
import type { Core } from './core.ts';

/** The limits of most calls; one object for all, which saves memory in each call that waits. */
const FOREVER: Limits = { deadline: null, signal: undefined };

/** What an awaited call does. */
export interface Operation<T> {
  /** Takes what it wants, or fails, or gives `undefined` and takes nothing. */
  attempt(): T | Failure | undefined;
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
  if (result !== undefined) return Promise.resolve(result);
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
  signal?.throwIfAborted();
  if (waiters.length > 0 || !tryConsume()) return undefined;
  const result = operation.attempt();
  return result instanceof Failure ? failNow(core, call, operation, result) : result;
}

function failNow<T>(core: Core, call: string, operation: Operation<T>, failure: Failure): never {
  operation.abandon?.();
  throw errorOf(core, call, operation, failure);
}

function errorOf<T>(core: Core, call: string, operation: Operation<T>, failure: Failure): Error {
  return failure instanceof OwnFailure ? failure.error : core.error(failure, call, operation.address);
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
  const rests = waiters.length === 0 && isBudgetSpent();
  const task = rests ? nextTurn(waiters, operation) : operation;
  return new Promise<T>((resolve, reject) => {
    waiters.add(new Call(waiters, limits, { core, call, operation: task, resolve, reject }));
  });
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
  const number = int(flags, 'flags');
  if (number !== 0) core.rules.checkFlags(number, syscall);
  if ((number & ~known) === 0) return number;
  throw osError('ENOTSUP', { syscall: `${syscall} ${received(flags)}` });
}

/** A call whose promise is not settled yet. */
interface Pending<T> {
  readonly core: Core;
  readonly call: string;
  readonly operation: Operation<T>;
  readonly resolve: (result: T | Promise<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** A call that waits; the outcome is its result, or a failure that becomes an error. */
class Call<T> extends Waiter<T | Failure> {
  readonly #core: Core;
  readonly #call: string;
  readonly #operation: Operation<T>;
  readonly #resolve: (result: T | Promise<T>) => void;
  readonly #reject: (error: unknown) => void;

  constructor(list: WaiterList, limits: Limits, { core, call, operation, resolve, reject }: Pending<T>) {
    super(list, limits);
    this.#core = core;
    this.#call = call;
    this.#operation = operation;
    this.#resolve = resolve;
    this.#reject = reject;
    core.beginWait();
  }

  protected attempt(): T | Failure | undefined {
    return this.#operation.attempt();
  }

  protected settle(outcome: T | Failure | WaitAborted): void {
    const failed = outcome instanceof Failure || outcome instanceof WaitAborted;
    this.#resolve(failed ? fail(this.#core, this.#call, this.#operation, outcome, this.limits) : outcome);
    this.#core.endWait();
  }

  protected fail(error: unknown): void {
    this.#reject(error);
    this.#core.endWait();
  }
}

/**
 * Errors are made here, after a wait: then their stack names the line that awaits the call. The call's promise follows
 * this one only a microtask after it was resolved with it, and V8's async stack traces need that link.
 */
async function fail<T>(
  core: Core,
  call: string,
  operation: Operation<T>,
  outcome: Failure | WaitAborted,
  limits: Limits,
): Promise<T> {
  operation.abandon?.();
  await Promise.resolve();
  await Promise.resolve();
  if (outcome instanceof Failure) throw fromCaller(errorOf(core, call, operation, outcome), fail);
  const rest = outcome.reason === 'timeout' ? operation.part?.() : undefined;
  if (rest !== undefined) return rest;
  switch (outcome.reason) {
    case 'abort':
      throw limits.signal?.reason;
    case 'timeout':
      throw fromCaller(
        limits.deadline === 'poll'
          ? core.rules.wouldBlock(core, call, operation.wouldBlock ?? 'EAGAIN', operation.address)
          : core.rules.timedOut(call, operation.address),
        fail,
      );
    case 'close':
      throw fromCaller(core.error(core.state.kind === 'closed' ? 'EBADF' : 'ENOTCONN', call), fail);
  }
}

/**
 * An attempt that is not made before the event loop's next turn, however often the list is served until then: the
 * callback of a finished write comes before that turn, and would let a task that sends in a loop starve all others.
 */
function nextTurn<T>(waiters: WaiterList, operation: Operation<T>): Operation<T> {
  let rests = true;
  setImmediate(() => {
    resetBudget();
    rests = false;
    waiters.serve();
  });
  return {
    attempt: () => (rests ? undefined : operation.attempt()),
    part: () => operation.part?.(),
    abandon: () => operation.abandon?.(),
    address: operation.address,
    wouldBlock: operation.wouldBlock,
  };
}
