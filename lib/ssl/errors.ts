import { checkOptions } from '../common/call-options.ts';
import { typeError } from '../common/arguments.ts';
import { OSError, type ErrorDetails } from '../common/errors.ts';
import { raised } from '../common/stack.ts';
import * as numbers from './error-constants.ts';

/** What an {@link SSLError} may tell besides its number and text. */
export interface SSLErrorDetails extends Omit<ErrorDetails, 'charactersWritten'> {
  /** The part of OpenSSL that raised the error: `'SSL'`. */
  readonly library?: string | null | undefined;
  /** OpenSSL's name of the reason: `'CERTIFICATE_VERIFY_FAILED'`. */
  readonly reason?: string | null | undefined;
  /** For an {@link SSLCertVerificationError}: why the certificate was refused, as OpenSSL's number. */
  readonly verifyCode?: number | undefined;
  /** For an {@link SSLCertVerificationError}: why the certificate was refused, as text. */
  readonly verifyMessage?: string | undefined;
}

interface Arguments {
  readonly errno: number | null;
  readonly text: string;
  readonly details: SSLErrorDetails;
}

const DETAILS = [
  'code',
  'syscall',
  'address',
  'note',
  'cause',
  'library',
  'reason',
  'verifyCode',
  'verifyMessage',
] as const;

function parseArguments(
  first: string | number | null | undefined,
  second: string | SSLErrorDetails | undefined,
  third: SSLErrorDetails | undefined,
): Arguments {
  if (typeof first === 'string' || first === undefined) {
    if (third !== undefined) throw typeError('a text takes details and nothing else', third);
    checkOptions(second, DETAILS, 'SSLError');
    return { errno: null, text: first ?? '', details: typeof second === 'object' ? second : {} };
  }
  if (first !== null && !Number.isInteger(first)) throw typeError('errno must be an integer or null', first);
  if (second !== undefined && typeof second !== 'string') throw typeError('strerror must be a string', second);
  checkOptions(third, DETAILS, 'SSLError');
  return { errno: first, text: second ?? '', details: third ?? {} };
}

/** The name of a number of SSLError: `'SSL_ERROR_SSL'`. */
const NAMES: ReadonlyMap<number | null, string> = new Map(
  Object.entries(numbers.SSLErrorNumber).map(([name, number]) => [number, name]),
);

/**
 * TLS failed: the base of the errors of this module.
 *
 * @remarks Differs from Python in that the message says where it happened, and not the line of a file in C:
 * `[SSL: WRONG_VERSION_NUMBER] wrong version number: connect 127.0.0.1:4000`; and in that `library` and `reason` are
 * `null` where Python's error has no such attribute.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLError
 */
export class SSLError extends OSError {
  /** One of the `SSL_ERROR_*` numbers, and not one of the system's; `null` for an error that has a text alone. */
  override readonly errno: number | null;
  /** The part of OpenSSL that raised the error, such as `'SSL'` or `'PEM'`; `null` where OpenSSL did not raise it. */
  readonly library: string | null;
  /** OpenSSL's name of the reason, such as `'HTTP_REQUEST'`; `null` where it has none. */
  readonly reason: string | null;

  /**
   * @param text - the text of an error that has no number.
   * @param details - library and reason, the call, the address, and Node's own error.
   */
  constructor(text?: string, details?: SSLErrorDetails);
  /**
   * @param errno - one of the `SSL_ERROR_*` numbers, or `null` for an error that has a text alone.
   * @param strerror - the text.
   * @param details - as above.
   */
  constructor(errno: number | null, strerror?: string, details?: SSLErrorDetails);
  constructor(first?: string | number | null, second?: string | SSLErrorDetails, third?: SSLErrorDetails) {
    const { errno, text, details } = parseArguments(first, second, third);
    const { code = NAMES.get(errno), syscall, address, note, cause, library, reason } = details;
    // OSError would read the number as one of the system's, and put it before the text, which Python does not do here.
    super(null, text, { code, syscall, address, note, cause });
    this.errno = errno;
    this.library = library ?? null;
    this.reason = reason ?? null;
  }
}

/**
 * The peer's certificate was refused.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLCertVerificationError
 */
export class SSLCertVerificationError extends SSLError {
  /** Why, as OpenSSL's number: 10 for an expired certificate, 62 for a wrong host name. */
  readonly verifyCode: number | undefined;
  /** Why, as text: `'certificate has expired'`. */
  readonly verifyMessage: string | undefined;

  /**
   * @param text - as for {@link SSLError}.
   * @param details - as for {@link SSLError}.
   */
  constructor(text?: string, details?: SSLErrorDetails);
  /**
   * @param errno - as for {@link SSLError}.
   * @param strerror - as for {@link SSLError}.
   * @param details - as for {@link SSLError}.
   */
  constructor(errno: number | null, strerror?: string, details?: SSLErrorDetails);
  constructor(first?: string | number | null, second?: string | SSLErrorDetails, third?: SSLErrorDetails) {
    const { errno, text, details } = parseArguments(first, second, third);
    super(errno, text, details);
    this.verifyCode = details.verifyCode;
    this.verifyMessage = details.verifyMessage;
  }
}

/** The name that {@link SSLCertVerificationError} had before Python 3.7. */
export const CertificateError = SSLCertVerificationError;
/** The name that {@link SSLCertVerificationError} had before Python 3.7. */
export type CertificateError = SSLCertVerificationError;

/** The connection ended without `close_notify`: the peer, or a third party, cut it (SSL_ERROR_EOF). */
export class SSLEOFError extends SSLError {}

/** The peer has ended TLS by `close_notify` (SSL_ERROR_ZERO_RETURN). */
export class SSLZeroReturnError extends SSLError {}

/** A socket that does not wait needs more bytes from the peer first (SSL_ERROR_WANT_READ). */
export class SSLWantReadError extends SSLError {}

/** A socket that does not wait cannot send now what the call needs to send (SSL_ERROR_WANT_WRITE). */
export class SSLWantWriteError extends SSLError {}

/** A call to the system failed below TLS (SSL_ERROR_SYSCALL). */
export class SSLSyscallError extends SSLError {}

/**
 * The call has no meaning for TLS, such as `recvmsg()`.
 *
 * @see https://docs.python.org/3/library/exceptions.html#NotImplementedError
 */
export class NotImplementedError extends Error {}

/** Where an error comes from in OpenSSL, with Python's names, and its text. */
export interface OpenSSLReason {
  /** The part of OpenSSL, such as `'SSL'`; `null` where Python has no name for it. */
  readonly library: string | null;
  /** The reason, such as `'HTTP_REQUEST'`; `null` where Python has no name for it. */
  readonly reason: string | null;
  /** OpenSSL's text, such as `'http request'`. */
  readonly text: string;
}

/** The text of an error of OpenSSL, as Python writes it: `[SSL: HTTP_REQUEST] http request`. */
function textOf({ library, reason, text }: OpenSSLReason): string {
  if (library === null) return text;
  return reason === null ? `[${library}] ${text}` : `[${library}: ${reason}] ${text}`;
}

/** The error for what OpenSSL says. */
export function sslError(origin: OpenSSLReason, details: SSLErrorDetails = {}): SSLError {
  const { library, reason } = origin;
  return raised(new SSLError(numbers.SSL_ERROR_SSL, textOf(origin), { ...details, library, reason }));
}

/** Why a certificate was refused. */
export interface Refusal {
  /** OpenSSL's number: 18. */
  readonly verifyCode: number;
  /** The text: `'self-signed certificate'`. */
  readonly verifyMessage: string;
}

/** The error for a certificate that was refused. */
export function certVerificationError(refusal: Refusal, details: SSLErrorDetails = {}): SSLCertVerificationError {
  const library = 'SSL';
  const reason = 'CERTIFICATE_VERIFY_FAILED';
  const text = textOf({ library, reason, text: `certificate verify failed: ${refusal.verifyMessage}` });
  const all = { ...details, ...refusal, library, reason };
  return raised(new SSLCertVerificationError(numbers.SSL_ERROR_SSL, text, all));
}

/** The error of a call that reads where the connection ended without `close_notify`. */
export function unexpectedEof(details: SSLErrorDetails = {}): SSLEOFError {
  const library = 'SSL';
  const reason = 'UNEXPECTED_EOF_WHILE_READING';
  const text = textOf({ library, reason, text: 'EOF occurred in violation of protocol' });
  return raised(new SSLEOFError(numbers.SSL_ERROR_EOF, text, { ...details, library, reason }));
}

/** The error of a call that sends where the connection has ended. */
export function brokenEof(details?: SSLErrorDetails): SSLEOFError {
  return raised(new SSLEOFError(numbers.SSL_ERROR_EOF, 'EOF occurred in violation of protocol', details));
}

/** The error of a call that reads from an object where TLS was ended by `close_notify`. */
export function zeroReturn(details?: SSLErrorDetails): SSLZeroReturnError {
  const text = 'TLS/SSL connection has been closed (EOF)';
  return raised(new SSLZeroReturnError(numbers.SSL_ERROR_ZERO_RETURN, text, details));
}

/** The error of a call that does not wait, and needs bytes of the peer. */
export function wantRead(details?: SSLErrorDetails): SSLWantReadError {
  const text = 'The operation did not complete (read)';
  return raised(new SSLWantReadError(numbers.SSL_ERROR_WANT_READ, text, details));
}

/** The error of a call that does not wait, and has bytes to send first. */
export function wantWrite(details?: SSLErrorDetails): SSLWantWriteError {
  const text = 'The operation did not complete (write)';
  return raised(new SSLWantWriteError(numbers.SSL_ERROR_WANT_WRITE, text, details));
}

/** The error of a call that goes on with a handshake that has failed. */
export function handshakeBroken(details?: SSLErrorDetails): SSLSyscallError {
  return raised(new SSLSyscallError(numbers.SSL_ERROR_SYSCALL, 'Some I/O error occurred', details));
}

// As in lib/common/errors.ts: on the prototype, where `Error` keeps its own, and written out because a bundler may
// rename the classes.
for (const [name, errorClass] of Object.entries({
  SSLError,
  SSLCertVerificationError,
  SSLEOFError,
  SSLZeroReturnError,
  SSLWantReadError,
  SSLWantWriteError,
  SSLSyscallError,
  NotImplementedError,
})) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}
