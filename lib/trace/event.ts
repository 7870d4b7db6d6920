/**
 * The lines of a trace: JSON, one object a line. The first line of each process is a {@link TraceProcess}; each call is
 * a {@link TraceEvent} when it has ended, and one with `waits` before, if it did not end in the turn of the event loop
 * in which it began. docs/tracing.md describes them.
 */

/** The version of the format; a reader refuses a higher one. */
export const TRACE_VERSION = 1;

/** The beginning of a process, or of a worker thread. */
export interface TraceProcess {
  readonly trace: 'await-socket';
  readonly version: number;
  /** The process, and after a `/` the thread where it is not the main one. */
  readonly process: string;
  /** When the trace began, in milliseconds since 1970. */
  readonly at: number;
  /** The command line. */
  readonly command: string;
  /** The version of Node, as `process.version`. */
  readonly node: string;
}

/** A call. */
export interface TraceEvent {
  readonly process: string;
  /** The number of the call in its process. */
  readonly id: number;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly call: string;
  /** The number of the socket in its process; `null` for look-ups. */
  readonly socket: number | null;
  readonly kind: 'tcp' | 'udp' | 'unix' | null;
  readonly tls?: true;
  /** The socket's own address, and the peer's, as far as they are known. */
  readonly local?: string;
  readonly peer?: string;
  /** The arguments, for people. */
  readonly args: readonly string[];
  /** How long the call itself took, in milliseconds. */
  readonly worked: number;
  /** How long its promise took after that, in milliseconds. */
  readonly waited: number;
  /** The call has not ended yet, and `waited` is 0. */
  readonly waits?: true;
  /** How many bytes were received or sent. */
  readonly bytes?: number;
  /** The first of them, in base64. */
  readonly data?: string;
  /** The bytes were only looked at. */
  readonly peek?: true;
  /** Where a datagram goes, or comes from. */
  readonly other?: string;
  /** The number of the socket that accept() has made. */
  readonly accepted?: number;
  /** The result, for people; none where there are `bytes`. */
  readonly result?: string;
  readonly error?: TraceError;
}

/** An error, or the reason of an aborted signal. */
export interface TraceError {
  readonly name: string;
  /** The name of the error number, such as `ECONNRESET`. */
  readonly code?: string;
  readonly message: string;
}
