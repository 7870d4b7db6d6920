import type { ErrorCode } from '../common/errno.ts';
import { TimeoutError, type OSError } from '../common/errors.ts';
import { raised } from '../common/stack.ts';

/** What raises the errors of a socket. */
interface ErrorSource {
  error(code: ErrorCode, syscall: string, address?: string): OSError;
}

/** What the calls of a socket may be asked for, and how they say that they may wait no longer: TLS has rules of its own. */
export interface CallRules {
  /** Whether what is sent is encrypted. */
  readonly encrypts: boolean;
  /** Raises for a method that such a socket does not have. */
  checkMethod(method: string): void;
  /** Raises for flags, other than none, that such a socket does not have. */
  checkFlags(flags: number, syscall: string): void;
  /** The error of a call that may not wait at all; `code` is what the system says then. */
  wouldBlock(source: ErrorSource, syscall: string, code: ErrorCode, address: string | undefined): OSError;
  /** The error of a call whose time limit is over. */
  timedOut(syscall: string, address: string | undefined): OSError;
}

/** Those of every socket without TLS. */
export const plainRules: CallRules = {
  encrypts: false,
  checkMethod: () => undefined,
  checkFlags: () => undefined,
  wouldBlock: (source, syscall, code, address) => source.error(code, syscall, address),
  timedOut: (syscall, address) => raised(new TimeoutError('timed out', { code: 'ETIMEDOUT', syscall, address })),
};
