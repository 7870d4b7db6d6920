import { codeOf } from '../common/errno.ts';
import { Failure } from '../transports/failure.ts';
import type { Outcome } from './koffi.ts';
import type { SocketName } from './socket-calls.ts';

/** What the calls to the kernel give, as transports have it. */

/** The failure for the negated number of an error. */
export function failureOf(outcome: Outcome): Failure {
  return new Failure(codeOf(-outcome) ?? 'EIO');
}

/** The failure of a call; `undefined` where it has succeeded. */
export function failureIn(outcome: Outcome): Failure | undefined {
  return outcome < 0 ? failureOf(outcome) : undefined;
}

/** The name that a call gives, or its failure. */
export function nameIn(name: SocketName | Outcome): SocketName | Failure {
  return typeof name === 'number' ? failureOf(name) : name;
}
