import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { CERT_NONE } from './constants.ts';
import type { ContextSettings } from './context-settings.ts';
import type { MemoryDuplex } from './memory-duplex.ts';

/**
 * How much of its output Node's TLS socket takes before it waits; with the usual 16 KiB sends of 64 KiB lose a third of
 * their speed, and with 4 MiB too.
 */
export const STREAM_OPTIONS = { highWaterMark: 1 << 20 };

/** What takes a server's TLS socket. */
export interface ServerSocketTaker {
  /** The protocol of ALPN that the server has chosen for this client. */
  readonly alpnProtocol: string | null;
  /** The socket is there: the handshake is done. */
  onSocket(socket: TLSSocket): void;
  /** The handshake is done. */
  onSecure(): void;
  /** TLS is broken. */
  onError(error: Error): void;
  /** A line for a key log. */
  onKeylog(line: Buffer): void;
}

/**
 * Makes the TLS sockets of a server, by a `tls.Server` that never listens: connections are given to it by its event 'connection', as Node documents it. It
 * does not say which connection an event is about. But what a record brings about happens while it is fed, and after an
 * error Node gives the stream up at once.
 */
export class ServerSockets {
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
    const withAlpn: TlsOptions = { ...options, ALPNCallback: () => this.#current?.alpnProtocol ?? undefined };
    this.#withAlpn = this.#listen(createServer(withAlpn), settings);
    this.#withoutAlpn = this.#listen(createServer(options), settings);
  }

  /** Begins a handshake over a stream. */
  accept(duplex: MemoryDuplex, taker: ServerSocketTaker): void {
    const server = taker.alpnProtocol === null ? this.#withoutAlpn : this.#withAlpn;
    server.emit('connection', duplex);
  }

  /** Lets a record go to a stream: what becomes of it is its taker's. */
  during(taker: ServerSocketTaker, feed: () => void): void {
    const before = this.#current;
    this.#current = taker;
    try {
      feed();
    } finally {
      this.#current = before;
    }
  }

  /** Node has given up a stream by itself, in its handshake. */
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
    sockets = new ServerSockets(settings);
    known.set(settings, sockets);
  }
  return sockets;
}
