import type { X509Certificate } from 'node:crypto';
import { connect, type TLSSocket } from 'node:tls';
import type { ContextSettings } from './context-settings.ts';
import { MemoryDuplex, type RecordSink } from './memory-duplex.ts';
import {
  logsKeys,
  serverSocketsFor,
  STREAM_OPTIONS,
  type ServerSockets,
  type ServerSocketTaker,
} from './server-sockets.ts';
import type { LayerListener, LayerOptions, TlsLayer } from './tls-layer.ts';

/** Node's `tls`, by what is documented of it: its TLS socket stands on a stream in memory. */
export class StreamLayer implements TlsLayer, RecordSink, ServerSocketTaker {
  readonly knowsFaultsEarly = false;
  readonly #listener: LayerListener;
  readonly #settings: ContextSettings;
  readonly #options: LayerOptions;
  readonly #duplex = new MemoryDuplex(this);
  readonly #servers: ServerSockets | undefined;
  #socket: TLSSocket | undefined;
  /** Node resumes the stream before it is done with making its TLS socket, which takes no records then. */
  #isMade = false;
  #isSecure = false;
  /** The socket was paused, and may have bytes that it has decrypted and not given. */
  #isBehind = false;
  #isDestroyed = false;

  constructor(listener: LayerListener, settings: ContextSettings, options: LayerOptions) {
    this.#listener = listener;
    this.#settings = settings;
    this.#options = options;
    this.#servers = options.isServer ? serverSocketsFor(settings) : undefined;
  }

  get isReady(): boolean {
    return this.#isMade && this.#duplex.isResumed && !this.#isDestroyed && (this.#socket?.readableLength ?? 0) === 0;
  }

  get version(): string | undefined {
    return this.#socket?.getProtocol() ?? undefined;
  }

  get cipher(): string | undefined {
    return this.#socket?.getCipher().name;
  }

  /** What was agreed on; for a server that is still to be asked, what it is to agree to. */
  get alpnProtocol(): string | null {
    if (this.#socket === undefined) return this.#options.alpnProtocols[0] ?? null;
    return typeof this.#socket.alpnProtocol === 'string' ? this.#socket.alpnProtocol : null;
  }

  get isResumed(): boolean {
    return this.#socket?.isSessionReused() === true;
  }

  get ownFinished(): Buffer | undefined {
    return this.#socket?.getFinished();
  }

  get peerFinished(): Buffer | undefined {
    return this.#socket?.getPeerFinished();
  }

  start(): void {
    if (this.#servers === undefined) this.#connect();
    else this.#servers.accept(this.#duplex, this);
    this.#isMade = true;
  }

  feed(record: Buffer): void {
    if (this.#servers === undefined) this.#duplex.give(record);
    else this.#servers.during(this, () => this.#duplex.give(record));
  }

  resume(): void {
    this.#socket?.resume();
  }

  write(bytes: Buffer): void {
    this.#socket?.write(bytes, () => {
      if (!this.#isDestroyed) this.#listener.onWritten();
    });
  }

  end(): void {
    this.#socket?.end();
  }

  destroy(): void {
    this.#isDestroyed = true;
    if (this.#socket === undefined) this.#duplex.emit('close');
    else this.#socket.destroy();
  }

  /** What Node documents, for a client and after the handshake. */
  fault(): Error | undefined {
    const socket = this.#socket;
    if (socket === undefined || socket.authorized) return undefined;
    const code: unknown = socket.authorizationError;
    return Object.assign(new Error(String(code)), { code });
  }

  takePeerCertificate(): X509Certificate | undefined {
    return this.#socket?.getPeerX509Certificate();
  }

  onOutput(records: Buffer, done: () => void): void {
    if (!this.#isDestroyed) this.#listener.onOutput(records, done);
  }

  onOutputEnd(): void {
    if (!this.#isDestroyed) this.#listener.onOutputEnd();
  }

  onResume(): void {
    if (this.#isMade && !this.#isDestroyed) this.#listener.onReady();
  }

  onDestroyed(): void {
    if (!this.#isDestroyed && !this.#isSecure) this.#servers?.onDestroyed(this);
  }

  onSocket(socket: TLSSocket): void {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      if (this.#listener.onPlaintext(bytes)) {
        if (this.#isBehind && socket.readableLength === 0) this.#catchUp();
        return;
      }
      this.#isBehind = true;
      socket.pause();
    });
    socket.on('end', () => this.#listener.onEnd());
  }

  onSecure(): void {
    this.#isSecure = true;
    if (!this.#isDestroyed) this.#listener.onSecure();
  }

  onError(error: Error): void {
    this.#listener.onError(error);
  }

  onKeylog(line: Buffer): void {
    this.#listener.onKeylog(line);
  }

  #catchUp(): void {
    this.#isBehind = false;
    process.nextTick(() => this.onResume());
  }

  #connect(): void {
    const { serverName, alpnProtocols, session } = this.#options;
    const socket = connect({
      socket: this.#duplex,
      secureContext: this.#settings.secureContext(),
      // What is refused is decided by the engine, so that the peer can be told by an alert.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...STREAM_OPTIONS,
      ...(serverName !== undefined && { servername: serverName }),
      ...(alpnProtocols.length > 0 && { ALPNProtocols: [...alpnProtocols] }),
      ...(session !== undefined && { session }),
    });
    this.onSocket(socket);
    socket.on('error', (error) => this.onError(error));
    socket.on('secureConnect', () => this.onSecure());
    socket.on('session', (session: Buffer) => this.#listener.onSession(session));
    if (logsKeys(this.#settings)) socket.on('keylog', (line: Buffer) => this.onKeylog(line));
  }
}
