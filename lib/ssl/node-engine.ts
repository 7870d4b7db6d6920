import type { X509Certificate } from 'node:crypto';
import type { ErrorDetails, OSError } from '../common/errors.ts';
import { Failure } from '../transports/failure.ts';
import { ALERT_DESCRIPTION_HANDSHAKE_FAILURE } from './alert-constants.ts';
import { plainAlert, sealAlert } from './alerts.ts';
import { CERT_NONE, CERT_REQUIRED } from './constants.ts';
import type { ContextSettings } from './context-settings.ts';
import type { Agreement, EngineHost, TlsEngine } from './engine.ts';
import { certVerificationError, sslError } from './errors.ts';
import { addressOf } from './host-names.ts';
import { layerFor } from './layer-choice.ts';
import { opensslError } from './reasons.ts';
import { readServerHello, type ServerHello } from './server-hello.ts';
import { certificateOfSession } from './session.ts';
import type { LayerListener, TlsLayer } from './tls-layer.ts';
import { alertFor, refusalFor } from './refusal.ts';
import { endedInHandshake } from './tls-failures.ts';

/** What an engine is made with. */
export interface EngineOptions {
  readonly settings: ContextSettings;
  readonly isServer: boolean;
  /** The name of the server that a client wants. */
  readonly serverHostname: string | null;
  /** What a client offers; what a server has chosen. */
  readonly alpnProtocols: readonly string[];
  /** The session that a client resumes. */
  readonly session: Buffer | undefined;
}

/** Python has no name for it (RFC 8446, 6.2). */
const ALERT_CERTIFICATE_REQUIRED = 116;

const NO_CERTIFICATE = {
  library: 'SSL',
  reason: 'PEER_DID_NOT_RETURN_A_CERTIFICATE',
  text: 'peer did not return a certificate',
};

/** An engine over Node's TLS: it decides who is refused, and tells the peer so. */
export class NodeEngine implements TlsEngine, LayerListener {
  readonly #host: EngineHost;
  readonly #options: EngineOptions;
  readonly #layer: TlsLayer;
  /** What an alert is sealed with: as long as the peer's certificate may be refused. */
  #keylog: Buffer[] = [];
  #serverHello: ServerHello | undefined;
  #agreement: Agreement | undefined;
  #session: Buffer | undefined;
  #certificate: X509Certificate | undefined;
  #hasOutput = false;
  /** Node says that the handshake is done. */
  #isSecure = false;
  /** Nothing that Node writes goes out any more. */
  #isOver = false;

  constructor(host: EngineHost, options: EngineOptions) {
    this.#host = host;
    this.#options = options;
    const { settings, isServer, serverHostname, alpnProtocols, session } = options;
    const isName = serverHostname !== null && addressOf(serverHostname) === null;
    const serverName = isName ? serverHostname : undefined;
    this.#layer = layerFor(this, settings, { isServer, serverName, alpnProtocols, session });
  }

  get isReady(): boolean {
    return this.#layer.isReady && !this.#isOver;
  }

  get agreement(): Agreement | undefined {
    return this.#agreement;
  }

  get peerCertificate(): X509Certificate | undefined {
    // Node gives it once.
    this.#certificate ??= this.#layer.takePeerCertificate() ?? this.#resumedCertificate;
    return this.#certificate;
  }

  /** A server sends no certificate where a session is resumed, and Node knows of none: the session has it. */
  get #resumedCertificate(): X509Certificate | undefined {
    const { isServer, session } = this.#options;
    if (isServer || session === undefined || !this.#layer.isResumed) return undefined;
    return certificateOfSession(session);
  }

  get session(): Buffer | undefined {
    return this.#session;
  }

  get ownFinished(): Buffer | undefined {
    return this.#layer.ownFinished;
  }

  get peerFinished(): Buffer | undefined {
    return this.#layer.peerFinished;
  }

  start(): void {
    const { settings, isServer } = this.#options;
    settings.stats[isServer ? 'accept' : 'connect'] += 1;
    this.#layer.start();
  }

  feed(record: Buffer): void {
    if (this.#mayRefuse) this.#serverHello ??= readServerHello(record);
    this.#layer.feed(record);
  }

  resume(): void {
    this.#layer.resume();
  }

  write(bytes: Buffer): void {
    this.#layer.write(bytes);
  }

  closeNotify(): void {
    this.#layer.end();
  }

  destroy(): void {
    this.#isOver = true;
    this.#layer.destroy();
  }

  onPlaintext(bytes: Buffer): boolean {
    return this.#host.onPlaintext(bytes);
  }

  onWritten(): void {
    if (!this.#isOver) this.#host.onWritten();
  }

  onEnd(): void {
    if (this.#agreement === undefined) this.#fail(endedInHandshake());
    else this.#host.onCloseNotify();
  }

  onReady(): void {
    this.#host.onReady();
  }

  onSession(session: Buffer): void {
    this.#session = session;
  }

  onOutput(records: Buffer, done: () => void): void {
    if (this.#isOver) return;
    if (this.#agreement === undefined && this.#refusesBeforeTheEnd()) return;
    this.#hasOutput = true;
    if (this.#mayRefuse) this.#serverHello ??= readServerHello(records);
    this.#host.onOutput(records, done);
  }

  onOutputEnd(): void {
    if (!this.#isOver) this.#host.onClosed();
  }

  onError(error: Error): void {
    this.#fail(failureOf(error));
  }

  onKeylog(line: Buffer): void {
    this.#options.settings.keyLog.write(line);
    if (this.#mayRefuse) this.#keylog.push(line);
  }

  /** Whether the peer's certificate is still to be looked at. */
  get #mayRefuse(): boolean {
    return this.#agreement === undefined && this.#options.settings.verifyMode !== CERT_NONE;
  }

  /** The handshake is done, and Node has not written the last of its records yet. */
  onSecure(): void {
    this.#isSecure = true;
    if (this.#isOver || this.#refuses()) return;
    const { settings, isServer } = this.#options;
    settings.stats[isServer ? 'acceptGood' : 'connectGood'] += 1;
    // Once the peer has broken TLS off, Node has no certificate any more.
    if (!isServer) this.#certificate = this.peerCertificate;
    const { isResumed, version = '', cipher = '', alpnProtocol } = this.#layer;
    if (isResumed) settings.stats.hits += 1;
    this.#agreement = { version, cipher, alpnProtocol, isResumed };
    this.#keylog = [];
    this.#serverHello = undefined;
    this.#host.onHandshake();
  }

  /**
   * Refuses a server of TLS 1.2 before the client's last records go out: OpenSSL does it there, and a server that has
   * them thinks that all is well.
   */
  #refusesBeforeTheEnd(): boolean {
    if (this.#options.isServer || !this.#hasOutput || !this.#layer.knowsFaultsEarly) return false;
    // Without a cipher the certificate is not there yet, or OpenSSL cannot use it.
    const { version, cipher } = this.#layer;
    if (version === 'TLSv1.3' || cipher === undefined || this.peerCertificate === undefined) return false;
    return this.#refuses();
  }

  #refuses(): boolean {
    const { settings, isServer, serverHostname } = this.#options;
    if (settings.verifyMode === CERT_NONE) return false;
    const certificate = this.peerCertificate;
    if (certificate === undefined) {
      if (!isServer || settings.verifyMode !== CERT_REQUIRED) return false;
      const alert =
        this.#layer.version === 'TLSv1.3' ? ALERT_CERTIFICATE_REQUIRED : ALERT_DESCRIPTION_HANDSHAKE_FAILURE;
      this.#refuse(alert, (details) => sslError(NO_CERTIFICATE, details));
      return true;
    }
    const hostname = settings.checkHostname && serverHostname !== null ? serverHostname : undefined;
    const refusal = refusalFor(certificate, this.#layer.fault(), hostname, settings);
    if (refusal === undefined) return false;
    this.#refuse(alertFor(refusal), (details) => certVerificationError(refusal, details));
    return true;
  }

  #refuse(alert: number, makeError: (details: ErrorDetails) => OSError): void {
    const record = this.#alert(alert);
    if (record !== undefined) this.#host.onOutput(record, () => undefined);
    this.#fail(new Failure('SSL_ERROR_SSL', undefined, undefined, makeError));
  }

  /** The alert takes the place of the records that Node is about to write. */
  #alert(description: number): Buffer | undefined {
    const { isServer } = this.#options;
    const is13 = this.#layer.version === 'TLSv1.3';
    const hasSealed = !isServer && !is13 && this.#isSecure;
    if (!is13 && !hasSealed) return plainAlert(description);
    if (this.#serverHello === undefined) return undefined;
    return sealAlert(description, {
      serverHello: this.#serverHello,
      keylog: this.#keylog,
      sender: isServer ? 'server' : 'client',
      phase: isServer ? 'application' : 'handshake',
      // In TLS 1.2 the client's Finished was the first.
      sequence: is13 ? 0 : 1,
    });
  }

  #fail(failure: Failure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.onFailure(failure);
  }
}

const DECRYPTION_FAILED = {
  library: 'SSL',
  reason: 'DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  text: 'decryption failed or bad record mac',
};

/** The failure for an error of Node's TLS. */
function failureOf(error: Error): Failure {
  const told = opensslError(error) ?? { library: null, reason: null, text: error.message };
  // Two errors are in OpenSSL's queue where a record of TLS 1.2 cannot be decrypted. Node gives the first, the cipher's.
  const origin = told.library === 'PROV' && told.reason === 'CIPHER_OPERATION_FAILED' ? DECRYPTION_FAILED : told;
  return new Failure('SSL_ERROR_SSL', error, undefined, (details) => sslError(origin, { ...details, cause: error }));
}
