import type { X509Certificate } from 'node:crypto';
import { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } from 'node:tls';
import { systemError } from '../transports/failure.ts';
import { CANCELED, END_OF_FILE, type Request } from '../transports/node-handles.ts';
import { CERT_NONE } from './constants.ts';
import type { ContextSettings } from './context-settings.ts';
import { outputOf } from './output-memory.ts';
import { logsKeys } from './server-sockets.ts';
import type { LayerListener, LayerOptions, TlsLayer } from './tls-layer.ts';
import { certificateOf, type NodeTls, type RecordStream, type TlsWrap } from './tls-wrap.ts';

/** The property in which Node's objects keep their layer. */
const LAYER = Symbol('layer');

interface OwnedStream extends RecordStream {
  [LAYER]?: WrapLayer;
}

interface OwnedTls extends TlsWrap {
  [LAYER]?: WrapLayer;
}

/**
 * Node's TLS without its streams: the parts that its TLS socket is built on. docs/performance.md says what that saves.
 *
 * OpenSSL is at work while Node calls back. So what it says is only noted then, and passed on once the call into Node has
 * returned: the listener may do anything.
 */
export class WrapLayer implements TlsLayer {
  readonly knowsFaultsEarly = true;
  readonly #node: NodeTls;
  readonly #listener: LayerListener;
  readonly #isServer: boolean;
  readonly #stream: OwnedStream;
  readonly #tls: OwnedTls;
  /** What Node has said in a call that has not returned, or that is still to be passed on. */
  #events: (() => void)[] = [];
  #isPassingOn = false;
  #isPaused = false;
  #isDestroyed = false;
  /** Node's write that is under way, and the end of its output that waits for it. */
  #writing: object | undefined;
  #ending: object | undefined;
  /** Our write that is under way, and whether the output ends after it. */
  #isSending = false;
  #endsLater = false;
  /** Handshakes after the first one, and the time of the last, in milliseconds. */
  #handshakes = 0;
  #handshakeTime: number | undefined;

  constructor(node: NodeTls, listener: LayerListener, settings: ContextSettings, options: LayerOptions) {
    this.#node = node;
    this.#listener = listener;
    this.#isServer = options.isServer;
    this.#stream = WrapLayer.#made(this, new node.JSStream());
    const context: unknown = Reflect.get(settings.secureContext(), 'context');
    this.#tls = WrapLayer.#prepared(this, node.wrap(this.#stream, context, options.isServer, false));
    this.#set(settings, options);
  }

  get isReady(): boolean {
    return !this.#isPaused && !this.#isDestroyed;
  }

  get version(): string | undefined {
    return (this.#isDestroyed ? null : this.#tls.getProtocol()) ?? undefined;
  }

  get cipher(): string | undefined {
    return this.#isDestroyed ? undefined : this.#tls.getCipher()?.name;
  }

  get alpnProtocol(): string | null {
    const protocol = this.#isDestroyed ? false : this.#tls.getALPNNegotiatedProtocol();
    return typeof protocol === 'string' ? protocol : null;
  }

  get isResumed(): boolean {
    return !this.#isDestroyed && this.#tls.isSessionReused();
  }

  get ownFinished(): Buffer | undefined {
    return this.#isDestroyed ? undefined : this.#tls.getFinished();
  }

  get peerFinished(): Buffer | undefined {
    return this.#isDestroyed ? undefined : this.#tls.getPeerFinished();
  }

  start(): void {
    // A server begins with the first record.
    if (!this.#isServer) this.#tls.start();
    this.#passOn();
  }

  feed(record: Buffer): void {
    if (this.#isDestroyed) return;
    this.#stream.readBuffer(record);
    this.#passOn();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isDestroyed) this.#listener.onReady();
  }

  write(bytes: Buffer): void {
    if (this.#isDestroyed) return;
    this.#isSending = true;
    const begun = this.#begin(bytes);
    if (typeof begun === 'number') {
      this.#events.push(() => this.#onWritten(begun));
    } else {
      // Node may need the bytes again, where a handshake goes on in between.
      begun.buffer = bytes;
      begun.oncomplete = (status) => {
        this.#events.push(() => this.#onWritten(status));
      };
      if (typeof begun.writeStatus === 'number') begun.oncomplete(begun.writeStatus);
    }
    this.#passOn();
  }

  end(): void {
    if (this.#isDestroyed) return;
    if (this.#isSending) {
      this.#endsLater = true;
      return;
    }
    const request = new this.#node.ShutdownWrap();
    request.oncomplete = () => undefined;
    this.#tls.shutdown(request);
    this.#passOn();
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#events = [];
    if (this.#writing !== undefined) this.#stream.finishWrite(this.#writing, CANCELED);
    if (this.#ending !== undefined) this.#stream.finishShutdown(this.#ending, CANCELED);
    this.#tls.destroySSL();
    this.#events = [];
  }

  fault(): Error | undefined {
    // Where a certificate has come that OpenSSL cannot use, Node asks for the cipher of the connection; without one, the
    // process ends there with a segmentation fault.
    if (this.cipher === undefined) return undefined;
    const error = this.#tls.verifyError();
    if (error === null) return undefined;
    // What is not understood is a refusal, too.
    return isError(error) ? error : new Error('Node gives no reason');
  }

  takePeerCertificate(): X509Certificate | undefined {
    const handle = this.#isDestroyed ? undefined : this.#tls.getPeerX509Certificate();
    return typeof handle === 'object' && handle !== null ? certificateOf(handle) : undefined;
  }

  // What Node calls. The functions are the same for all connections, which so hold no closures.

  static #made(layer: WrapLayer, stream: OwnedStream): OwnedStream {
    stream[LAYER] = layer;
    stream.onwrite = WrapLayer.#onWrite;
    stream.onshutdown = WrapLayer.#onShutdown;
    stream.onreadstart = done;
    stream.onreadstop = done;
    stream.isClosing = isClosing;
    return stream;
  }

  static #prepared(layer: WrapLayer, tls: OwnedTls): OwnedTls {
    tls[LAYER] = layer;
    tls.onread = WrapLayer.#onRead;
    tls.onerror = WrapLayer.#onError;
    tls.onhandshakestart = WrapLayer.#onHandshakeStart;
    tls.onhandshakedone = WrapLayer.#onHandshakeDone;
    tls.onkeylog = WrapLayer.#onKeylog;
    tls.onnewsession = WrapLayer.#onNewSession;
    return tls;
  }

  static readonly #onWrite = function (this: OwnedStream, request: object, chunks: readonly Buffer[]): number {
    const layer = this[LAYER];
    if (layer === undefined) return CANCELED;
    layer.#writing = request;
    layer.#events.push(() => layer.#send(request, chunks));
    return 0;
  };

  static readonly #onShutdown = function (this: OwnedStream, request: object): number {
    const layer = this[LAYER];
    if (layer === undefined) return CANCELED;
    layer.#ending = request;
    layer.#events.push(() => layer.#endOutput());
    return 0;
  };

  static readonly #onRead = function (this: OwnedTls, memory: ArrayBuffer): void {
    const layer = this[LAYER];
    if (layer === undefined) return;
    const { state, kReadBytesOrError, kArrayBufferOffset } = layer.#node;
    const count = state[kReadBytesOrError] ?? 0;
    if (count > 0) {
      const bytes = Buffer.from(memory, state[kArrayBufferOffset], count);
      layer.#events.push(() => {
        if (!layer.#listener.onPlaintext(bytes)) layer.#isPaused = true;
      });
    } else if (count === END_OF_FILE) {
      layer.#events.push(() => layer.#listener.onEnd());
    }
  };

  static readonly #onError = function (this: OwnedTls, error: Error): void {
    const layer = this[LAYER];
    if (layer !== undefined) layer.#events.push(() => layer.#listener.onError(error));
  };

  /** Counts handshakes as Node does: a client of TLS 1.2 may make a server work without end. */
  static readonly #onHandshakeStart = function (this: OwnedTls, now: number): void {
    const layer = this[LAYER];
    if (layer === undefined || !layer.#isServer) return;
    const before = layer.#handshakeTime;
    layer.#handshakeTime = now;
    if (before === undefined) return;
    layer.#handshakes = now - before >= CLIENT_RENEG_WINDOW * 1000 ? 1 : layer.#handshakes + 1;
    if (layer.#handshakes <= CLIENT_RENEG_LIMIT) return;
    layer.#events.push(() => layer.#listener.onError(new Error('TLS session renegotiation attack detected')));
  };

  static readonly #onHandshakeDone = function (this: OwnedTls): void {
    const layer = this[LAYER];
    if (layer !== undefined) layer.#events.push(() => layer.#listener.onSecure());
  };

  static readonly #onKeylog = function (this: OwnedTls, line: Buffer): void {
    const layer = this[LAYER];
    if (layer !== undefined) layer.#events.push(() => layer.#listener.onKeylog(line));
  };

  static readonly #onNewSession = function (this: OwnedTls, _id: Buffer, session: Buffer): void {
    const layer = this[LAYER];
    if (layer !== undefined) layer.#events.push(() => layer.#listener.onSession(session));
  };

  #set(settings: ContextSettings, { isServer, serverName, alpnProtocols, session }: LayerOptions): void {
    const tls = this.#tls;
    // Whom to refuse is decided by the engine, so that the peer can be told by an alert.
    if (!isServer || settings.verifyMode !== CERT_NONE) tls.setVerifyMode(true, false);
    if (logsKeys(settings)) tls.enableKeylogCallback();
    if (!isServer) tls.enableSessionCallbacks();
    if (alpnProtocols.length > 0) tls.setALPNProtocols(listOf(alpnProtocols));
    if (session !== undefined) tls.setSession(session);
    if (serverName !== undefined) tls.setServername(serverName);
  }

  /** Passes on what Node has said, and what it says meanwhile. */
  #passOn(): void {
    if (this.#isPassingOn) return;
    this.#isPassingOn = true;
    try {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) event();
    } finally {
      this.#isPassingOn = false;
    }
  }

  #send(request: object, chunks: readonly Buffer[]): void {
    const { records, free } = outputOf(chunks);
    this.#listener.onOutput(records, () => {
      free();
      if (this.#writing !== request || this.#isDestroyed) return;
      this.#writing = undefined;
      this.#stream.finishWrite(request, 0);
      this.#events.push(() => this.#endOutput());
      this.#passOn();
    });
  }

  /** Tells that the output has ended, once all of it has gone out. */
  #endOutput(): void {
    const ending = this.#ending;
    if (ending === undefined || this.#writing !== undefined) return;
    this.#ending = undefined;
    this.#stream.finishShutdown(ending, 0);
    this.#listener.onOutputEnd();
  }

  #begin(bytes: Buffer): number | Request {
    const { WriteWrap, state, kLastWriteErr } = this.#node;
    if (WriteWrap !== undefined) {
      const request = new WriteWrap();
      const status = this.#tls.writeBuffer(request, bytes);
      return typeof status === 'number' && status !== 0 ? status : request;
    }
    const begun = this.#tls.writeBuffer(null, bytes);
    const failed = kLastWriteErr === undefined ? 0 : (state[kLastWriteErr] ?? 0);
    return typeof begun === 'number' || failed === 0 ? begun : failed;
  }

  #onWritten(status: number): void {
    this.#isSending = false;
    if (status === 0) this.#listener.onWritten();
    else this.#listener.onError(systemError('write', status));
    if (this.#endsLater) this.end();
  }
}

const done = (): number => 0;
const isClosing = (): boolean => false;

/** Protocols as TLS has them: each after its length (RFC 7301, section 3.1). */
function listOf(protocols: readonly string[]): Buffer {
  return Buffer.concat(
    protocols.flatMap((protocol) => [Buffer.from([Buffer.byteLength(protocol)]), Buffer.from(protocol)]),
  );
}

/** Node's error is no instance of the class of another context, as a program makes one by `node:vm`. */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'name' in value && 'message' in value;
}
