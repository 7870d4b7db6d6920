import type { X509Certificate } from 'node:crypto';
import type { Failure } from '../transports/failure.ts';

/** What an engine notifies: the socket, or the memory, that its records go through. */
export interface EngineHost {
  /** Bytes from the peer, decrypted. They are the host's. False stops the engine from taking records until `resume()`. */
  onPlaintext(bytes: Buffer): boolean;

  /** Records for the peer; `done` is to be called once they have gone out. Their memory is the engine's again then. */
  onOutput(records: Buffer, done: () => void): void;

  /** The engine takes records again. */
  onReady(): void;

  /** The handshake is done, and the peer is the one that it has to be. */
  onHandshake(): void;

  /** What was written last has gone out. */
  onWritten(): void;

  /** The peer has ended its output with `close_notify`. */
  onCloseNotify(): void;

  /** Our `close_notify` has gone out. */
  onClosed(): void;

  /** TLS is broken; nothing but an alert's output follows. */
  onFailure(failure: Failure): void;
}

/** What TLS has agreed on, from the end of the handshake on. */
export interface Agreement {
  /** Python's name of the version: `'TLSv1.3'`. */
  readonly version: string;
  /** OpenSSL's name of the cipher. */
  readonly cipher: string;
  readonly alpnProtocol: string | null;
  readonly isResumed: boolean;
}

/** One end of a TLS session, without a socket: records go in and out on one side, and plain text on the other. */
export interface TlsEngine {
  /** Whether it takes records now. */
  readonly isReady: boolean;
  /** `undefined` before the end of the handshake. */
  readonly agreement: Agreement | undefined;
  /** The certificate that the peer has shown, if any. */
  readonly peerCertificate: X509Certificate | undefined;
  /** The session to resume later, as Node gives it; `undefined` as long as there is none. */
  readonly session: Buffer | undefined;
  /** The contents of the first and the second Finished message, as far as they were exchanged. */
  readonly ownFinished: Buffer | undefined;
  readonly peerFinished: Buffer | undefined;

  /** Begins the handshake: the output of a client comes within the call. */
  start(): void;
  /** Takes a record, or bytes that are no TLS. The memory is the caller's again when this returns. */
  feed(record: Buffer): void;
  /** Goes on after `onPlaintext()` has stopped it. */
  resume(): void;
  /** Encrypts bytes; the next ones not before `onWritten()`, and none before `onHandshake()`. */
  write(bytes: Buffer): void;
  /** Ends the output. */
  closeNotify(): void;
  /** Ends the engine, without a word to the peer. */
  destroy(): void;
}
