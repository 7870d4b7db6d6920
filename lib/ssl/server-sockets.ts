import { createServer, TLSSocket, type Server, type TlsOptions } from 'node:tls';
import { mayUseFastPath } from '../transports/support.ts';
import { CERT_NONE } from './constants.ts';
import type { ContextSettings } from './context-settings.ts';
import type { MemoryDuplex } from './memory-duplex.ts';
import { onTlsError, STREAM_OPTIONS } from './node-tls.ts';

/** What takes a server's TLS socket. */
export interface ServerSocketTaker {
  /** The protocol of ALPN that the server has chosen for this client. */
  readonly alpnProtocol: string | undefined;
  /** The socket is there: some servers give it before the handshake, others after it. */
  onSocket(socket: TLSSocket): void;
  /** The handshake is done. */
  onSecure(): void;
  /** TLS is broken. */
  onError(error: Error): void;
  /** A line for a key log. */
  onKeylog(line: Buffer): void;
}

/** Makes the TLS sockets of a server. */
export interface ServerSockets {
  /** Begins a handshake over a stream. */
  accept(duplex: MemoryDuplex, taker: ServerSocketTaker): void;
  /** Lets a record go to a stream: what becomes of it is its taker's. */
  during(taker: ServerSocketTaker, feed: () => void): void;
  /** Node has given up a stream by itself, in its handshake. */
  onDestroyed(taker: ServerSocketTaker): void;
}

/** Without a server: a TLS socket for each connection, whose event for the end of the handshake Node does not document. */
class SingleSockets implements ServerSockets {
  readonly #settings: ContextSettings;

  constructor(settings: ContextSettings) {
    this.#settings = settings;
  }

  accept(duplex: MemoryDuplex, taker: ServerSocketTaker): void {
    const { alpnProtocol } = taker;
    const socket = new TLSSocket(duplex, {
      isServer: true,
      secureContext: this.#settings.secureContext(),
      requestCert: this.#settings.verifyMode !== CERT_NONE,
      rejectUnauthorized: false,
      ...(alpnProtocol !== undefined && { ALPNProtocols: [alpnProtocol] }),
      ...STREAM_OPTIONS,
    });
    taker.onSocket(socket);
    onTlsError(socket, (error) => taker.onError(error));
    socket.on('secure', () => taker.onSecure());
    if (logsKeys(this.#settings)) socket.on('keylog', (line: Buffer) => taker.onKeylog(line));
  }

  during(_taker: ServerSocketTaker, feed: () => void): void {
    feed();
  }

  onDestroyed(): void {
    // The socket has said why.
  }
}

/**
 * A `tls.Server` that never listens: connections are given to it by its event 'connection', as Node documents it. It
 * does not say which connection an event is about. But what a record brings about happens while it is fed, and after an
 * error Node gives the stream up at once.
 */
class OneServer implements ServerSockets {
  readonly #withAlpn: Server;
  readonly #withoutAlpn: Server;
  #current: ServerSocketTaker | undefined;
  /** What has just broken a connection in its handshake: the next stream that Node gives up is that one's. */
  #error: Error | undefined;
  /** Whose stream Node has just given up: the next error is that one's, where Node destroys the socket first. */
  #givenUp: ServerSocketTaker[] = [];

  constructor(settings: ContextSettings) {
    const options: TlsOptions = {
      ...settings.secureOptions(),
      requestCert: settings.verifyMode !== CERT_NONE,
      rejectUnauthorized: false,
      // The time limit is the socket's.
      handshakeTimeout: 0x7fff_ffff,
    };
    const withAlpn: TlsOptions = { ...options, ALPNCallback: () => this.#current?.alpnProtocol };
    this.#withAlpn = this.#listen(createServer(withAlpn), settings);
    this.#withoutAlpn = this.#listen(createServer(options), settings);
  }

  accept(duplex: MemoryDuplex, taker: ServerSocketTaker): void {
    const server = taker.alpnProtocol === undefined ? this.#withoutAlpn : this.#withAlpn;
    server.emit('connection', duplex);
  }

  during(taker: ServerSocketTaker, feed: () => void): void {
    const before = this.#current;
    this.#current = taker;
    try {
      feed();
    } finally {
      this.#current = before;
    }
  }

  onDestroyed(taker: ServerSocketTaker): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) {
      taker.onError(error);
      return;
    }
    this.#givenUp.push(taker);
    // Node emits the error in the same turn.
    setImmediate(() => (this.#givenUp = this.#givenUp.filter((one) => one !== taker)));
  }

  #listen(server: Server, settings: ContextSettings): Server {
    server.on('secureConnection', (socket) => {
      const taker = this.#current;
      taker?.onSocket(socket);
      socket.on('error', (error) => taker?.onError(error));
      taker?.onSecure();
    });
    server.on('tlsClientError', (error) => {
      // A stream that we have given up counts as one that the peer has closed.
      if ('code' in error && error.code === 'ECONNRESET') return;
      const taker = this.#givenUp.shift();
      if (taker === undefined) this.#error = error;
      else taker.onError(error);
    });
    if (logsKeys(settings)) server.on('keylog', (line: Buffer) => this.#current?.onKeylog(line));
    return server;
  }
}

/** Whether the lines of the key log are wanted: for a file, or for an alert. */
export function logsKeys({ verifyMode, keyLog }: ContextSettings): boolean {
  return verifyMode !== CERT_NONE || keyLog.filename !== null;
}

const known = new WeakMap<ContextSettings, ServerSockets>();

/** The maker of the TLS sockets of a server with these settings. */
export function serverSocketsFor(settings: ContextSettings): ServerSockets {
  let sockets = known.get(settings);
  if (sockets === undefined) {
    sockets = mayUseFastPath ? new SingleSockets(settings) : new OneServer(settings);
    known.set(settings, sockets);
  }
  return sockets;
}
