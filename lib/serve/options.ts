import { rangeError, shown, typeError } from '../common/arguments.ts';
import { addressText, type Address } from '../common/addresses.ts';
import { checkOptions, checkSignal } from '../common/call-options.ts';
import { Socket } from '../socket.ts';
import { LONGEST_TIMER } from '../waiting/clock.ts';

/** The options that {@link serve} and {@link serveDatagrams} share. */
export interface CommonOptions {
  /** How many handlers run at once; 1000 where it is left out. */
  readonly concurrency?: number | undefined;
  /** How many handlers begin within any one second; as many as can where it is left out. */
  readonly rate?: number | undefined;
  /** How long a handler may take, in seconds; `null`, the default, for as long as it likes. */
  readonly handlerTimeout?: number | null | undefined;
  /** Ends the server when it is aborted, as {@link Server.abort} does. */
  readonly signal?: AbortSignal | null | undefined;
  /**
   * Called with each error that ends a handler, or keeps one from beginning, and with the client's address; `null` for
   * an error of the socket that is served. Where it is left out, the error is a warning of the process.
   */
  readonly onError?: ((error: unknown, address: Address | null) => unknown) | undefined;
}

/** The options of every server, checked. */
export interface CheckedOptions {
  readonly concurrency: number;
  readonly rate: number | undefined;
  readonly handlerTimeout: number | null;
  readonly signal: AbortSignal | undefined;
  readonly onError: ErrorReporter;
}

/** Takes an error, and the address of the client that it is about. */
export type ErrorReporter = (error: unknown, address: Address | null) => unknown;

const COMMON = ['concurrency', 'rate', 'handlerTimeout', 'signal', 'onError'] as const;

/** How many handlers run at once: no number of clients may fill the memory. */
const CONCURRENCY = 1000;

/**
 * Checks the options of a server.
 *
 * @param more - the names of the options that only this call has.
 */
export function checkServerOptions(
  options: CommonOptions | undefined,
  more: readonly string[],
  call: string,
): CheckedOptions {
  checkOptions(options, [...COMMON, ...more], call);
  const { concurrency = CONCURRENCY, rate, handlerTimeout = null, signal, onError = warn } = options ?? {};
  checkFunction(onError, `${call}(): onError`);
  return {
    concurrency: checkCount(concurrency, `${call}(): concurrency`),
    rate: rate === undefined ? undefined : checkPositive(rate, `${call}(): rate`),
    handlerTimeout: checkLimit(handlerTimeout, `${call}(): handlerTimeout`),
    signal: checkSignal(signal, call),
    onError,
  };
}

/** Checks a time limit in seconds. */
export function checkLimit(value: unknown, name: string): number | null {
  if (value === null) return null;
  const seconds = checkPositive(value, name);
  if (seconds * 1000 <= LONGEST_TIMER) return seconds;
  throw rangeError(`${name} must be at most ${Math.floor(LONGEST_TIMER / 1000)} seconds`, value);
}

/** Checks a whole number of at least 1. */
export function checkCount(value: unknown, name: string): number {
  const number = checkPositive(value, name);
  if (Number.isSafeInteger(number)) return number;
  throw rangeError(`${name} must be a whole number`, value);
}

/** Checks a socket. */
export function checkSocket(value: unknown, name: string): void {
  if (!(value instanceof Socket)) throw typeError(`${name} must be a socket`, value);
}

/** Checks a function. */
export function checkFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') throw typeError(`${name} must be a function`, value);
}

function checkPositive(value: unknown, name: string): number {
  if (typeof value !== 'number') throw typeError(`${name} must be a number`, value);
  if (value > 0 && value < Infinity) return value;
  throw rangeError(`${name} must be more than 0, and finite`, value);
}

/** Warns of an error, as Python's servers print it. */
function warn(error: unknown, address: Address | null): void {
  const whose =
    address === null ? 'the socket that is served' : `the handler for ${addressText(address) || 'a client'}`;
  process.emitWarning(`${whose} failed: ${textOf(error)}`, { code: 'AWAIT_SOCKET_SERVE' });
}

/** The text of an error, with its stack where it has one. */
export function textOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : shown(error);
}
