import type { X509Certificate } from 'node:crypto';

/** What Node's TLS is to do for one connection. */
export interface LayerOptions {
  readonly isServer: boolean;
  /** The name that a client sends; `undefined` for none. */
  readonly serverName: string | undefined;
  /** What a client offers; what a server has chosen. */
  readonly alpnProtocols: readonly string[];
  /** The session that a client resumes. */
  readonly session: Buffer | undefined;
}

/** What a layer notifies. */
export interface LayerListener {
  /** Bytes from the peer, decrypted. False stops the layer from taking records until `resume()`. */
  onPlaintext(bytes: Buffer): boolean;
  /** Records for the peer; `done` is to be called once they have gone out. Their memory is the layer's again then. */
  onOutput(records: Buffer, done: () => void): void;
  /** The records that ended our output have gone out. */
  onOutputEnd(): void;
  /** The layer takes records again. */
  onReady(): void;
  /** The handshake is done, and the last of its records have not been given yet. */
  onSecure(): void;
  /** What was written last has gone out. */
  onWritten(): void;
  /** The peer has ended its output with `close_notify`. */
  onEnd(): void;
  /** TLS is broken. */
  onError(error: Error): void;
  /** A line for a key log. */
  onKeylog(line: Buffer): void;
  /** A session that a client may resume later. */
  onSession(session: Buffer): void;
}

/** Node's TLS for one connection, apart from any socket: the part of it that an engine stands on. */
export interface TlsLayer {
  /** Whether it takes records now. */
  readonly isReady: boolean;
  /** Whether {@link fault} tells what OpenSSL thinks before the handshake is done. */
  readonly knowsFaultsEarly: boolean;
  /** Node's name of the version; `undefined` before there is one. */
  readonly version: string | undefined;
  /** OpenSSL's name of the cipher; `undefined` before there is one. */
  readonly cipher: string | undefined;
  readonly alpnProtocol: string | null;
  readonly isResumed: boolean;
  readonly ownFinished: Buffer | undefined;
  readonly peerFinished: Buffer | undefined;

  /** Begins: the output of a client comes within the call. */
  start(): void;
  /** Takes a record, or bytes that are no TLS. The memory is the caller's again when this returns. */
  feed(record: Buffer): void;
  /** Goes on after `onPlaintext()` has stopped it. */
  resume(): void;
  /** Encrypts bytes; the next ones not before `onWritten()`. */
  write(bytes: Buffer): void;
  /** Ends our output with `close_notify`, after what was written. */
  end(): void;
  /** Ends the layer, without a word to the peer. Nothing is notified any more. */
  destroy(): void;

  /** What OpenSSL has against the peer's certificate. */
  fault(): Error | undefined;
  /** The peer's certificate, once: Node gives it away. */
  takePeerCertificate(): X509Certificate | undefined;
}
