import { getSystemErrorName } from 'node:util';
import { nodeErrorCode } from '../common/errno.ts';
import type { ErrorDetails, OSError } from '../common/errors.ts';
import { isUnix, type Endpoint } from './endpoint.ts';

/**
 * Why an operation failed, as the name of an error and Node's own error: a transport gives it in place of a result.
 */
export class Failure {
  /** Linux's name of the error, or Node's own for an error that Linux does not know. */
  readonly code: string;
  readonly cause: unknown;
  /** The reason, as the end of a sentence, where the code alone does not give it. */
  readonly reason: string | undefined;

  /** Makes the error, where the system has no number for it: TLS has errors of its own. */
  readonly makeError: ((details: ErrorDetails) => OSError) | undefined;

  constructor(code: string, cause?: unknown, reason?: string, makeError?: (details: ErrorDetails) => OSError) {
    this.code = code;
    this.cause = cause;
    this.reason = reason;
    this.makeError = makeError;
  }
}

/** The failure of each receive after the end of a stream that should not have ended so. What is sent still goes out. */
export class InputFailure extends Failure {}

/** The failure for an error of Node's, with that error as its cause. */
export function failureOf(error: unknown): Failure {
  return error instanceof FailureError ? error.failure : new Failure(nodeErrorCode(error), error);
}

/** A failure on the way to those who take errors: handles of our own give it in the place of an error of Node's. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.code);
    this.failure = failure;
  }
}

/** libuv's error of a call to the system, as Node would raise it; `remote` is the peer's address. */
export function systemError(syscall: string, status: number, remote?: Endpoint): Error {
  const code = getSystemErrorName(status);
  const error = Object.assign(new Error(`${syscall} ${code}`), { errno: status, code, syscall });
  if (remote === undefined) return error;
  if (isUnix(remote)) return Object.assign(error, { message: `${error.message} ${remote.path}`, address: remote.path });
  const { host, port } = remote;
  return Object.assign(error, { message: `${error.message} ${host}:${port}`, address: host, port });
}

/** The error that a call of Node's throws, as a failure. */
export function failureIn(call: () => unknown): Failure | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}
