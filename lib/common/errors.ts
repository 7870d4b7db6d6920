import { typeError } from './arguments.ts';
import { checkOptions } from './call-options.ts';
import { codeOf, errnoOf, isErrorCode, strerror as textOf, type ErrorCode } from './errno.ts';
import { raised } from './stack.ts';

/** The details that an {@link OSError} may have besides its number and text. */
export interface ErrorDetails {
  /**
   * The name of the error, where its number does not give it: `'EAI_NONAME'`, or `'ETIMEDOUT'` after `settimeout()`.
   */
  readonly code?: string | undefined;
  /** The call that raised it, by its name in POSIX: `'connect'`. */
  readonly syscall?: string | undefined;
  /** The address that the call was about, as text: `'127.0.0.1:4000'`. */
  readonly address?: string | undefined;
  /** The reason that the message adds in parentheses: `'the socket is closed'`. */
  readonly note?: string | undefined;
  /** Node's own error. */
  readonly cause?: unknown;
  /** For a {@link BlockingIOError}: how many bytes a buffered file has taken of those that it was to write. */
  readonly charactersWritten?: number | undefined;
}

/**
 * A call to the system failed: the base of all errors that are neither a `TypeError` nor a `RangeError`.
 *
 * `new OSError(errno)` makes an object of the subclass that belongs to the number, as Python's constructor does:
 * `new OSError(111)` is a {@link ConnectionRefusedError}.
 *
 * @remarks Differs from Python in that the message also says where it happened: `[Errno 111] Connection refused:
 * connect 127.0.0.1:4000`.
 *
 * @see https://docs.python.org/3/library/exceptions.html#OSError
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * using bound = socket.socket(); // bound, but it does not listen
 * bound.bind(['127.0.0.1', 0]);
 * using sock = socket.socket();
 * try {
 *   await sock.connect(bound.getsockname());
 * } catch (error) {
 *   if (!(error instanceof socket.OSError)) throw error;
 *   console.log(error.name, error.errno, error.code); // ConnectionRefusedError 111 ECONNREFUSED
 * }
 * ```
 */
export class OSError extends Error {
  /** The error's number on Linux, on every platform; `null` where Python has `None`, as for a time-out. */
  readonly errno: number | null;
  /** The error's name, such as `'ECONNREFUSED'`; `undefined` where it has neither number nor name. */
  readonly code: string | undefined;
  /** The error's text without number and place: `'Connection refused'`. */
  readonly strerror: string;
  /** The call that raised it, by its name in POSIX; `undefined` where no call to the system was made. */
  readonly syscall: string | undefined;
  /** The address that the call was about; `undefined` where there was none. */
  readonly address: string | undefined;

  /**
   * @param text - the text of an error that has no number, as in `new TimeoutError('no answer')`.
   * @param details - the error's name, the call, the address, and Node's own error.
   */
  constructor(text?: string, details?: ErrorDetails);
  /**
   * @param errno - Linux's number of the error, or `null` for an error that has only a text.
   * @param strerror - the text; Linux's text for the number where it is left out.
   * @param details - as above.
   */
  constructor(errno: number | null, strerror?: string, details?: ErrorDetails);
  constructor(first?: string | number | null, second?: string | ErrorDetails, third?: ErrorDetails) {
    const { errno, text, details } = parseArguments(first, second, third);
    const place = [details.syscall, details.address].filter((part) => part !== undefined).join(' ');
    const number = errno === null ? '' : `[Errno ${errno}] `;
    const note = details.note === undefined ? '' : ` (${details.note})`;
    const message = `${number}${text}${place === '' ? '' : `: ${place}`}${note}`;
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.errno = errno;
    this.code = details.code ?? (errno === null ? undefined : codeOf(errno));
    this.strerror = text;
    this.syscall = details.syscall;
    this.address = details.address;
    const Subclass = new.target === OSError && this.code !== undefined ? SUBCLASSES.get(this.code) : undefined;
    if (Subclass !== undefined) {
      const error = new Subclass(errno, text, details);
      Error.captureStackTrace(error, OSError);
      return error;
    }
  }
}

const DETAILS = ['code', 'syscall', 'address', 'note', 'cause', 'charactersWritten'] as const;

/** Python takes a single argument for the text; here a number alone is an errno, as in `new OSError(errno.EPIPE)`. */
function parseArguments(
  first: string | number | null | undefined,
  second: string | ErrorDetails | undefined,
  third: ErrorDetails | undefined,
): { readonly errno: number | null; readonly text: string; readonly details: ErrorDetails } {
  if (typeof first === 'string' || first === undefined) {
    if (third !== undefined) throw typeError('a text takes details and nothing else', third);
    checkOptions(second, DETAILS, 'OSError');
    return { errno: null, text: first ?? '', details: typeof second === 'object' ? second : {} };
  }
  if (first !== null && !Number.isInteger(first)) throw typeError('errno must be an integer or null', first);
  if (second !== undefined && typeof second !== 'string') throw typeError('strerror must be a string', second);
  checkOptions(third, DETAILS, 'OSError');
  const text = second ?? (first === null ? '' : textOf(first));
  return { errno: first, text, details: third ?? {} };
}

/** A call would have to wait on a socket that does not wait (EAGAIN, EALREADY, EINPROGRESS). */
export class BlockingIOError extends OSError {
  /**
   * How many bytes of the call's data a buffered file has sent or keeps; the caller has to write the others again.
   * `undefined` where nothing was written to such a file.
   *
   * @remarks Differs from Python in that it is always there: Python raises AttributeError where it would be
   * `undefined`.
   *
   * @see https://docs.python.org/3/library/exceptions.html#BlockingIOError.characters_written
   */
  readonly charactersWritten: number | undefined;

  /**
   * @param text - as for {@link OSError}.
   * @param details - as for {@link OSError}.
   */
  constructor(text?: string, details?: ErrorDetails);
  /**
   * @param errno - as for {@link OSError}.
   * @param strerror - as for {@link OSError}.
   * @param details - as for {@link OSError}.
   */
  constructor(errno: number | null, strerror?: string, details?: ErrorDetails);
  constructor(first?: string | number | null, second?: string | ErrorDetails, third?: ErrorDetails) {
    const { errno, text, details } = parseArguments(first, second, third);
    super(errno, text, details);
    this.charactersWritten = details.charactersWritten;
  }
}

/** The child process does not exist (ECHILD). */
export class ChildProcessError extends OSError {}

/** The base of the errors about a connection that failed. */
export class ConnectionError extends OSError {}

/** A write into a connection that can take no more (EPIPE, ESHUTDOWN). */
export class BrokenPipeError extends ConnectionError {}

/** The peer gave up while the connection was being made (ECONNABORTED). */
export class ConnectionAbortedError extends ConnectionError {}

/** No server listens at the address (ECONNREFUSED). */
export class ConnectionRefusedError extends ConnectionError {}

/** The peer ended the connection by force (ECONNRESET). */
export class ConnectionResetError extends ConnectionError {}

/** The file to be made exists already (EEXIST). */
export class FileExistsError extends OSError {}

/** A file or folder does not exist (ENOENT), such as the path of a Unix socket. */
export class FileNotFoundError extends OSError {}

/** A signal interrupted the call (EINTR). */
export class InterruptedError extends OSError {}

/** A folder was given where a file is needed (EISDIR). */
export class IsADirectoryError extends OSError {}

/** A part of a path is not a folder (ENOTDIR), such as in the path of a Unix socket. */
export class NotADirectoryError extends OSError {}

/** The system does not allow it (EACCES, EPERM), such as a port below 1024 for an ordinary user. */
export class PermissionError extends OSError {}

/** The process does not exist (ESRCH). */
export class ProcessLookupError extends OSError {}

/**
 * A call took longer than `settimeout()` allows (`errno` is `null`, as in Python), or than the system does (ETIMEDOUT).
 *
 * @remarks Differs from Python in that `code` is `'ETIMEDOUT'` in both cases.
 */
export class TimeoutError extends OSError {}

/** A name or a service could not be resolved; `errno` is one of the `EAI_*` numbers, which are negative. */
export class gaierror extends OSError {}

/** An address could not be resolved to a name; `errno` is one of netdb.h's numbers, such as 1 for an unknown host. */
export class herror extends OSError {}

/** The class of each error (Python's table is in PEP 3151). */
const SUBCLASSES: ReadonlyMap<string, typeof OSError> = new Map<ErrorCode, typeof OSError>([
  ['EPERM', PermissionError],
  ['ENOENT', FileNotFoundError],
  ['ESRCH', ProcessLookupError],
  ['EINTR', InterruptedError],
  ['ECHILD', ChildProcessError],
  ['EAGAIN', BlockingIOError],
  ['EACCES', PermissionError],
  ['EEXIST', FileExistsError],
  ['ENOTDIR', NotADirectoryError],
  ['EISDIR', IsADirectoryError],
  ['EPIPE', BrokenPipeError],
  ['ECONNABORTED', ConnectionAbortedError],
  ['ECONNRESET', ConnectionResetError],
  ['ESHUTDOWN', BrokenPipeError],
  ['ETIMEDOUT', TimeoutError],
  ['ECONNREFUSED', ConnectionRefusedError],
  ['EALREADY', BlockingIOError],
  ['EINPROGRESS', BlockingIOError],
]);

/**
 * The error of a call to the system, of the class that belongs to it. An error of Node's that Linux does not have keeps
 * its name and its text, and has no number.
 */
export function osError(code: string, details: ErrorDetails = {}, strerror?: string): OSError {
  if (!isErrorCode(code)) return raised(new OSError(null, messageOf(details.cause), { ...details, code }));
  const errorClass = SUBCLASSES.get(code) ?? OSError;
  return raised(new errorClass(errnoOf(code), strerror, details));
}

/** An error without a number, as Python raises it where no call to the system failed. */
export function textError(text: string, details?: ErrorDetails): OSError {
  return raised(new OSError(text, details));
}

function messageOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : 'Unknown error';
}

// The name is a property of the prototype, like that of `Error`: an own property would be shown each time an error is
// printed. It is written out because a bundler may rename the classes.
for (const [name, errorClass] of Object.entries({
  OSError,
  BlockingIOError,
  ChildProcessError,
  ConnectionError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  gaierror,
  herror,
})) {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}
