import { randomBytes, type X509Certificate } from 'node:crypto';
import type { Address, AddressLike } from '../common/addresses.ts';
import { bytesOf, integer, rangeError, received, size, typeError, type Data } from '../common/arguments.ts';
import { signalOf, type WaitOptions } from '../common/call-options.ts';
import { called, methodOf, raised, showCallers } from '../common/stack.ts';
import { ADMIT } from '../core/accept.ts';
import { accept } from '../core/calls.ts';
import { coreOf, type Core } from '../core/core.ts';
import { writableBytesOf, type WritableData } from '../core/memory.ts';
import { Socket, type Connection, type Listener } from '../socket.ts';
import { awaited } from '../waiting/gate.ts';
import { decodeCertificate, type CertificateDict } from './certificates.ts';
import { cipherOf, sharedCiphersOf } from './agreed.ts';
import type { Cipher, CipherTuple } from './ciphers.ts';
import type { ClientHello } from './client-hello.ts';
import { namedArguments } from './context-arguments.ts';
import { withAlpnProtocols, withSniCallback } from './context-callbacks.ts';
import { loadChain, type Password } from './context-chain.ts';
import { chosenCiphers, DEFAULT_CIPHERS, DEFAULT_SECURITY_LEVEL, withCiphers } from './context-ciphers.ts';
import type { FilePath } from './context-files.ts';
import { loadDhParams, withCurve } from './context-groups.ts';
import { KeyLog } from './context-keylog.ts';
import { DEFAULT_OPTIONS, flags, truth } from './context-options.ts';
import type { Choices } from './context-choices.ts';
import { setContextDoor, settingsFor, settingsOf, type ContextSettings } from './context-settings.ts';
import { authoritiesOf, storeStats, type CertStoreStats } from './context-store.ts';
import { isPurpose } from './context-purpose.ts';
import { newStats, type SessionStats } from './context-stats.ts';
import { loadLocations, NO_TRUST, withDefaults, type CaData } from './context-trust.ts';
import { withCheckHostname, withVerifyMode } from './context-verify.ts';
import { checkProtocol, firstVersions, withMaximumVersion, withMinimumVersion } from './context-versions.ts';
import {
  CERT_NONE,
  CERT_REQUIRED,
  PROTOCOL_TLS,
  PROTOCOL_TLS_CLIENT,
  PROTOCOL_TLS_SERVER,
  Purpose,
  VERIFY_X509_TRUSTED_FIRST,
  type ExtendedKeyUsage,
} from './constants.ts';
import { ClientSource, ServerSource, type Chooser, type EngineSource, type Refused } from './engine-source.ts';
import { NotImplementedError } from './errors.ts';
import type { MemoryBIO } from './memory-bio.ts';
import { Secured } from './secured.ts';
import { bytesOfSession, type SSLSession } from './session.ts';
import { checkSession, currentSession } from './sessions.ts';
import { SSLObjectCore } from './ssl-object-core.ts';
import {
  alertOf,
  checkBio,
  checkBioWrap,
  checkMayWait,
  checkRole,
  checkStream,
  checkWrap,
  type BioWrap,
  type Wrap,
} from './wrapping.ts';

/** How many session tickets Node's servers send in TLS 1.3: OpenSSL's default. */
const NUM_TICKETS = 2;

/** What throws. */
const SYNCHRONOUS = [
  ...['checkHostname', 'keylogFilename', 'maximumVersion', 'minimumVersion', 'numTickets', 'options', 'sniCallback'],
  ...['verifyFlags', 'verifyMode', 'loadCertChain', 'loadDhParams', 'loadVerifyLocations', 'setAlpnProtocols'],
  ...['setCiphers', 'setEcdhCurve', 'setPskClientCallback', 'setPskServerCallback', 'setServernameCallback'],
  ...['getCaCerts', 'getCiphers', 'loadDefaultCerts', 'wrapBio'],
];

function noPreSharedKeys(callback: unknown): NotImplementedError {
  return raised(new NotImplementedError(`TLS with pre-shared keys is not supported ${received(callback)}`));
}

const CHAIN_NAMES = ['keyfile', 'password'] as const;
const LOCATION_NAMES = ['cafile', 'capath', 'cadata'] as const;

/** What {@link SSLContext.loadCertChain} takes besides the file of certificates. */
export interface CertChainOptions {
  readonly keyfile?: FilePath | null | undefined;
  readonly password?: Password | null | undefined;
}

/** What {@link SSLContext.loadVerifyLocations} takes. */
export interface VerifyLocations {
  readonly cafile?: FilePath | null | undefined;
  readonly capath?: FilePath | null | undefined;
  readonly cadata?: CaData | null | undefined;
}

/** A connection as an {@link SniCallback} sees it. */
export interface SniSocket {
  /** The context; another one takes effect at once, with its certificate. */
  context: SSLContext;
}

/**
 * Is called by a server when a client begins its handshake.
 *
 * It gets the connection, the host name that the client wants, as it was sent, or `null` for none, and the context that
 * the connection was made with. It gives nothing to go on, or the number of the alert that ends the handshake.
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- A callback that returns nothing is as good.
export type SniCallback = (socket: SniSocket, serverName: string | null, context: SSLContext) => number | null | void;

/** Whether a context has such a function; what was set is one or `null`. */
export function isSniCallback(value: unknown): value is SniCallback {
  return typeof value === 'function';
}

/**
 * What TLS connections have in common: certificates, keys, whom they trust, versions and ciphers. A context is made
 * once and used for many connections; each keeps what the context was when it was made.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl-contexts
 *
 * @example
 * ```ts
 * import * as ssl from 'await-socket/ssl';
 *
 * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
 * context.minimumVersion = ssl.TLSVersion.TLSv1_3;
 * context.options |= ssl.OP_NO_TICKET;
 * context.setAlpnProtocols(['h2', 'http/1.1']);
 * console.log(context.checkHostname, context.verifyMode === ssl.CERT_REQUIRED); // true true
 * ```
 */
export class SSLContext {
  /** Kept apart from the settings, which would lead to those before them, with all that was made of those. */
  #choices: Choices;
  #settings: ContextSettings;

  static {
    setContextDoor((context) => (#settings in context ? context.#settings : undefined));
    showCallers(SSLContext.prototype, SYNCHRONOUS);
  }

  /**
   * @param protocol - `PROTOCOL_TLS_CLIENT`, `PROTOCOL_TLS_SERVER`, `PROTOCOL_TLS` for both roles, or a single version.
   * A client's context checks certificates and host names; the others do not, until they are set to.
   * @throws TypeError if it is no integer; RangeError if it is no such protocol.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext
   */
  constructor(protocol: number | null = PROTOCOL_TLS) {
    const checked = called(SSLContext, () => checkProtocol(protocol ?? PROTOCOL_TLS));
    const isClient = checked === PROTOCOL_TLS_CLIENT;
    this.#choices = {
      protocol: checked,
      verifyMode: isClient ? CERT_REQUIRED : CERT_NONE,
      checkHostname: isClient,
      hostnameChecksCommonName: true,
      verifyFlags: VERIFY_X509_TRUSTED_FIRST,
      options: DEFAULT_OPTIONS,
      ...firstVersions(checked),
      ciphers: DEFAULT_CIPHERS,
      securityLevel: DEFAULT_SECURITY_LEVEL,
      alpnProtocols: [],
      sniCallback: null,
      postHandshakeAuth: false,
      keyLog: new KeyLog(),
      ecdhCurve: undefined,
      dhParams: undefined,
      chains: new Map(),
      trust: NO_TRUST,
      ticketKeys: randomBytes(48),
      stats: newStats(),
    };
    this.#settings = settingsFor(this.#choices);
  }

  #change(changes: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...changes };
    this.#settings = settingsFor(this.#choices);
  }

  /** The protocol that the context was made with. */
  get protocol(): number {
    return this.#settings.protocol;
  }

  /**
   * Whether a client compares the host name that it wants with the server's certificate. Setting it to `true` turns
   * `CERT_NONE` into `CERT_REQUIRED`.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.check_hostname
   */
  get checkHostname(): boolean {
    return this.#settings.checkHostname;
  }

  set checkHostname(value: boolean) {
    this.#change(withCheckHostname(this.#settings, value));
  }

  /**
   * Whether the peer's certificate is asked for and verified: `CERT_NONE`, `CERT_OPTIONAL` or `CERT_REQUIRED`.
   * RangeError for another number, and for `CERT_NONE` as long as {@link checkHostname} is on.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.verify_mode
   */
  get verifyMode(): number {
    return this.#settings.verifyMode;
  }

  set verifyMode(value: number) {
    this.#change(withVerifyMode(this.#settings, value));
  }

  /**
   * How certificates are verified: a set of `VERIFY_*` flags.
   *
   * @remarks Differs from Python in that Node can be told of few of them: see docs/differences.md.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.verify_flags
   */
  get verifyFlags(): number {
    return this.#settings.verifyFlags;
  }

  set verifyFlags(value: number) {
    this.#change({ verifyFlags: flags(value, 'verifyFlags') });
  }

  /**
   * The oldest version that is agreed on, one of {@link TLSVersion}. RangeError for what is no version, and where the
   * context's protocol is a single version.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.minimum_version
   */
  get minimumVersion(): number {
    return this.#settings.minimumVersion;
  }

  set minimumVersion(value: number) {
    this.#change(withMinimumVersion(this.#settings, value));
  }

  /**
   * The newest version that is agreed on; otherwise as {@link minimumVersion}.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.maximum_version
   */
  get maximumVersion(): number {
    return this.#settings.maximumVersion;
  }

  set maximumVersion(value: number) {
    this.#change(withMaximumVersion(this.#settings, value));
  }

  /**
   * A set of `OP_*` flags. JavaScript's `|=` and `&=` make a negative number of it, which is understood; it is read as
   * a positive one.
   *
   * @remarks Differs from Python in that some cannot be taken away: see docs/differences.md.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.options
   */
  get options(): number {
    return this.#settings.options;
  }

  set options(value: number) {
    this.#change({ options: flags(value, 'options') });
  }

  /**
   * OpenSSL's level of security, from 0 to 5: 2, unless the ciphers' `@SECLEVEL` says otherwise.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.security_level
   */
  get securityLevel(): number {
    return this.#settings.securityLevel;
  }

  /**
   * How many session tickets a server sends in TLS 1.3: 2. RangeError for a negative number, and where the context is
   * not a server's.
   *
   * @remarks Differs from Python in that another number is a NotImplementedError: Node cannot set it.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.num_tickets
   */
  get numTickets(): number {
    return NUM_TICKETS;
  }

  set numTickets(value: number) {
    const numTickets = size(value, 'numTickets', 'value must be non-negative');
    if (this.protocol !== PROTOCOL_TLS_SERVER) throw rangeError('SSLContext is not a server context.', value);
    if (numTickets !== NUM_TICKETS) {
      throw raised(new NotImplementedError(`Node sends ${NUM_TICKETS} session tickets and no other number`));
    }
  }

  /**
   * Whether a certificate's common name counts as a host name where it has no alternative names.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.hostname_checks_common_name
   */
  get hostnameChecksCommonName(): boolean {
    return this.#settings.hostnameChecksCommonName;
  }

  set hostnameChecksCommonName(value: boolean) {
    this.#change({ hostnameChecksCommonName: truth(value) });
  }

  /**
   * Whether a client lets a server ask for its certificate after the handshake, in TLS 1.3.
   *
   * @remarks Differs from Python in that it is kept without effect: Node cannot offer it.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.post_handshake_auth
   */
  get postHandshakeAuth(): boolean {
    return this.#settings.postHandshakeAuth;
  }

  set postHandshakeAuth(value: boolean) {
    this.#change({ postHandshakeAuth: truth(value) });
  }

  /**
   * The file that the secrets of connections are appended to, for programs such as Wireshark; `null` for none. It is
   * opened when it is set: OSError where that cannot be done.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.keylog_filename
   */
  get keylogFilename(): FilePath | null {
    return this.#settings.keyLog.filename;
  }

  set keylogFilename(value: FilePath | null) {
    this.#settings.keyLog.setFilename(value);
  }

  /**
   * What a server calls when a client begins its handshake; `null` for nothing. RangeError on a client's context.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.sni_callback
   */
  get sniCallback(): SniCallback | null {
    const { sniCallback } = this.#settings;
    return isSniCallback(sniCallback) ? sniCallback : null;
  }

  set sniCallback(value: SniCallback | null) {
    this.#change(withSniCallback(this.#settings, value));
  }

  /**
   * Sets {@link sniCallback}, as it was done before Python 3.7.
   *
   * @param callback - the function, or `null` for none.
   * @throws TypeError if it is no function; RangeError on a client's context.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_servername_callback
   */
  setServernameCallback(callback: SniCallback | null): void {
    if (callback !== null && typeof callback !== 'function') throw typeError('not a callable object', callback);
    this.sniCallback = callback;
  }

  /**
   * Loads a certificate of ours and its key. One of each type of key can be loaded, such as RSA and ECDSA.
   *
   * @param certfile - a file of PEM with the certificate, then those that lead to the peer's authorities.
   * @param keyfile - a file of PEM with the key; `certfile` has it where this is `null`.
   * @param password - what decrypts the key; a function is called only if the key is encrypted. `keyfile` and `password`
   * may be given as options.
   * @throws OSError if a file cannot be read; SSLError if it has no certificate or no key, if the key is not that of the
   * certificate, or if either is too weak; TypeError for what is no path and no password; RangeError for a password of
   * more than 1024 bytes.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_cert_chain
   *
   * @remarks Differs from Python in that no password is asked for at the terminal: an encrypted key without a password
   * is an SSLError.
   *
   * @example
   * ```ts
   * import { FileNotFoundError } from 'await-socket';
   * import * as ssl from 'await-socket/ssl';
   *
   * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);
   * try {
   *   context.loadCertChain('no-such-file.pem', { keyfile: 'no-such-key.pem', password: 'secret' });
   * } catch (error) {
   *   console.log(error instanceof FileNotFoundError); // true
   * }
   * ```
   */
  loadCertChain(certfile: FilePath, keyfile?: FilePath | null, password?: Password | null): void;
  loadCertChain(certfile: FilePath, options?: CertChainOptions): void;
  loadCertChain(certfile: FilePath, ...given: unknown[]): void {
    const { keyfile, password } = namedArguments(given, CHAIN_NAMES, 'loadCertChain');
    this.#change(loadChain(this.#settings, certfile, keyfile, password));
  }

  /**
   * Loads certificates that are trusted, and lists of revoked ones. At least one argument must be given.
   *
   * @param cafile - a file of PEM with certificates and lists.
   * @param capath - a folder of such files, whose names OpenSSL's `rehash` has made of the subjects.
   * @param cadata - certificates: a string of PEM, or bytes of DER, one after the other. All three may be given as
   * options.
   * @throws OSError if `cafile` cannot be read; SSLError if there is no certificate; TypeError if nothing is given, or
   * something of another type; RangeError if `cadata` is empty.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_verify_locations
   *
   * @remarks Differs from Python in that `capath` is read as a whole when the context is first used.
   *
   * @example
   * ```ts
   * import { rootCertificates } from 'node:tls';
   * import * as ssl from 'await-socket/ssl';
   *
   * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
   * context.loadVerifyLocations({ cadata: rootCertificates.slice(0, 3).join('\n') });
   * console.log(context.certStoreStats()); // { x509: 3, x509Ca: 3, crl: 0 }
   * ```
   */
  loadVerifyLocations(cafile?: FilePath | null, capath?: FilePath | null, cadata?: CaData | null): void;
  loadVerifyLocations(cafile: FilePath | null, options?: Pick<VerifyLocations, 'capath' | 'cadata'>): void;
  loadVerifyLocations(options?: VerifyLocations): void;
  loadVerifyLocations(...given: unknown[]): void {
    const { cafile, capath, cadata } = namedArguments(given, LOCATION_NAMES, 'loadVerifyLocations');
    this.#change({ trust: loadLocations(this.#settings.trust, cafile, capath, cadata) });
  }

  /**
   * Trusts the system's authorities: the file and the folder that `SSL_CERT_FILE` and `SSL_CERT_DIR` in the environment
   * name, or else those of {@link getDefaultVerifyPaths}. What is missing is passed over.
   *
   * @param purpose - whom they are to authenticate; it makes no difference on Linux.
   * @throws TypeError if it is none of {@link Purpose}.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_default_certs
   */
  loadDefaultCerts(purpose: ExtendedKeyUsage = Purpose.SERVER_AUTH): void {
    if (!isPurpose(purpose)) throw typeError('purpose must be Purpose.SERVER_AUTH or Purpose.CLIENT_AUTH', purpose);
    this.setDefaultVerifyPaths();
  }

  /**
   * Trusts the system's authorities, as {@link loadDefaultCerts} does.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_default_verify_paths
   */
  setDefaultVerifyPaths(): void {
    this.#change({ trust: withDefaults(this.#settings.trust) });
  }

  /**
   * Says which protocols are to be spoken over TLS, the one that is liked best first.
   *
   * @param protocols - their names, each of 1 to 255 characters of ASCII, such as `'h2'`.
   * @throws SSLError if a name is empty or too long; RangeError if it is not ASCII; TypeError if it is no string.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_alpn_protocols
   */
  setAlpnProtocols(protocols: Iterable<string>): void {
    this.#change(withAlpnProtocols(protocols));
  }

  /**
   * Sets the ciphers for TLS 1.2 and older; those of TLS 1.3 stay.
   *
   * @param ciphers - OpenSSL's list, such as `'ECDHE+AESGCM:!aNULL'`.
   * @throws SSLError if it leaves no cipher, or cannot be understood; TypeError if it is no string.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_ciphers
   *
   * @example
   * ```ts
   * import * as ssl from 'await-socket/ssl';
   *
   * const context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
   * context.setCiphers('ECDHE-RSA-AES128-GCM-SHA256');
   * console.log(context.getCiphers().at(-1)?.name); // ECDHE-RSA-AES128-GCM-SHA256
   * ```
   */
  setCiphers(ciphers: string): void {
    this.#change(withCiphers(this.#settings, ciphers));
  }

  /**
   * Lists the ciphers that are offered or accepted, the preferred one first.
   *
   * @returns what OpenSSL knows of each.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ciphers
   */
  getCiphers(): Cipher[] {
    return chosenCiphers(this.#settings);
  }

  /**
   * @param callback - is not looked at.
   * @throws NotImplementedError always, as in a Python whose OpenSSL has no pre-shared keys.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_psk_client_callback
   */
  setPskClientCallback(callback: unknown): never {
    throw noPreSharedKeys(callback);
  }

  /**
   * @param callback - is not looked at.
   * @throws NotImplementedError always, as in a Python whose OpenSSL has no pre-shared keys.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_psk_server_callback
   */
  setPskServerCallback(callback: unknown): never {
    throw noPreSharedKeys(callback);
  }

  /**
   * Sets the one group over which keys may be exchanged.
   *
   * @param name - OpenSSL's short name, such as `'prime256v1'` or `'X25519'`.
   * @throws RangeError if OpenSSL has no such curve; SSLError if TLS has none; TypeError if it is no name.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.set_ecdh_curve
   */
  setEcdhCurve(name: string | Uint8Array): void {
    this.#change(withCurve(name));
  }

  /**
   * Loads the parameters with which a server exchanges keys by DHE, in TLS 1.2 and older.
   *
   * @param path - a file of PEM with them.
   * @throws OSError if it cannot be read; SSLError if it has none, or they are too weak for {@link securityLevel}.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.load_dh_params
   */
  loadDhParams(path: FilePath): void {
    this.#change(loadDhParams(this.#settings, path));
  }

  /**
   * Counts what {@link loadVerifyLocations} has loaded.
   *
   * @returns how many certificates, how many of them are those of authorities, and how many lists of revoked ones.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.cert_store_stats
   */
  certStoreStats(): CertStoreStats {
    return storeStats(this.#settings.trust);
  }

  /**
   * Lists the authorities that are trusted.
   *
   * @param binaryForm - whether to give each certificate as bytes of DER.
   * @returns the certificates that were loaded; those in a `capath` are not among them.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.get_ca_certs
   */
  getCaCerts(binaryForm: true): Buffer[];
  getCaCerts(binaryForm?: false): CertificateDict[];
  getCaCerts(binaryForm?: boolean): CertificateDict[] | Buffer[];
  getCaCerts(binaryForm = false): CertificateDict[] | Buffer[] {
    const all = authoritiesOf(this.#settings.trust).map(({ raw }) => Buffer.from(raw));
    return binaryForm ? all : all.map((der) => decodeCertificate(der));
  }

  /**
   * Counts handshakes and sessions since the context was made.
   *
   * @returns how many were begun and made, and how many sessions were resumed.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.session_stats
   */
  sessionStats(): SessionStats {
    return { ...this.#settings.stats };
  }

  /**
   * Puts TLS on a socket. The socket is closed by that, as Python's `detach()` leaves it: its connection goes on in the
   * socket that this gives.
   *
   * @param sock - a socket of a stream: one that is connected, that will connect, or that listens. What it has received
   * and no call has taken belongs to TLS.
   * @param options - see {@link WrapOptions}; `signal` is for the calls of the socket.
   * @returns the socket with TLS, with the time limit of the other. A connection has done its handshake, unless
   * `doHandshakeOnConnect` says otherwise; if that fails, the connection is closed.
   * @throws TypeError for what is no socket or no such option; RangeError for `serverHostname` on the side of a server, and
   * where it is missing although the context checks it; {@link NotImplementedError} for datagrams; SSLError for a context
   * of the other role; what {@link SSLSocket.doHandshake} throws.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.wrap_socket
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   * import * as ssl from 'await-socket/ssl';
   *
   * const server = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
   * server.loadCertChain('localhost.pem');
   * const client = ssl.createDefaultContext({ cafile: 'localhost.pem' });
   *
   * const [one, two] = await socket.socketpair();
   * const [conn, sock] = await Promise.all([
   *   server.wrapSocket(one, { serverSide: true }),
   *   client.wrapSocket(two, { serverHostname: 'localhost' }),
   * ]);
   * await sock.sendall('hello');
   * console.log((await conn.recv(1024)).toString()); // hello
   * for (const each of [sock, conn]) each.close();
   * ```
   */
  wrapSocket(sock: Listener, options?: WrapOptions): Promise<SSLListener>;
  wrapSocket(sock: Connection, options?: WrapOptions): Promise<SSLConnection>;
  wrapSocket(sock: Socket, options?: WrapOptions): Promise<SSLSocket>;
  wrapSocket(sock: Socket, options?: WrapOptions): Promise<SSLSocket> {
    return awaited(() => SSLSocket.wrap(this, sock, options), methodOf(SSLContext.prototype, 'wrapSocket'));
  }

  /**
   * Puts TLS between two pieces of memory, for a program that moves the bytes itself.
   *
   * @param incoming - where the program writes what the peer has sent.
   * @param outgoing - where the program reads what is to be sent to the peer.
   * @param options - see {@link WrapBioOptions}.
   * @returns the object that has the calls of TLS.
   * @throws TypeError for what is no {@link MemoryBIO} or no such option; RangeError where `serverHostname` is missing
   * although the context checks it; SSLError for a context of the other role.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLContext.wrap_bio
   *
   * @remarks Differs from Python in that a client's context that checks host names needs one: Python leaves the check
   * out without it.
   */
  wrapBio(incoming: MemoryBIO, outgoing: MemoryBIO, options?: WrapBioOptions): SSLObject {
    const bios = { incoming: checkBio(incoming, 'incoming'), outgoing: checkBio(outgoing, 'outgoing') };
    const wrap = checkBioWrap(this, options);
    checkRole(this.protocol, wrap.serverSide);
    return new SSLObject({ ...bios, context: this, wrap });
  }
}

/** How {@link SSLContext.wrapSocket} wraps a socket. */
export interface WrapOptions {
  /** Whether this side is the server; `false` where it is left out. */
  readonly serverSide?: boolean | undefined;
  /** The name of the server that a client wants: for SNI, and for the check of its certificate. */
  readonly serverHostname?: string | null | undefined;
  /** Whether `wrapSocket()`, `connect()` and `accept()` wait for the handshake; `true` where it is left out. */
  readonly doHandshakeOnConnect?: boolean | undefined;
  /** Whether an end of the connection without `close_notify` counts as an end; `true` where it is left out. */
  readonly suppressRaggedEofs?: boolean | undefined;
  /** The session that a client resumes. */
  readonly session?: SSLSession | null | undefined;
}

/** How {@link SSLContext.wrapBio} wraps memory; as for {@link SSLContext.wrapSocket}. */
export type WrapBioOptions = Pick<WrapOptions, 'serverSide' | 'serverHostname' | 'session'>;

/** What a wrapped socket is made of. */
interface Made {
  readonly core: Core;
  readonly context: SSLContext;
  readonly wrap: Wrap;
  /** What files have read of the connection. */
  readonly readAhead?: Buffer;
}

/** Methods of a wrapped socket that throw. */
const SOCKET_SYNCHRONOUS = [
  ...['context', 'session', 'dup', 'getChannelBinding', 'getpeercert', 'verifyClientPostHandshake'],
];

/**
 * A socket with TLS, as {@link SSLContext.wrapSocket} makes it. It has every method of a {@link Socket}: what it sends is
 * encrypted, and what it receives is decrypted.
 *
 * `recvfrom()`, `recvfromInto()` and `sendto()` raise RangeError; `recvmsg()`, `recvmsgInto()` and `sendmsg()` raise
 * {@link NotImplementedError}; flags other than 0 raise RangeError.
 *
 * @remarks Differs from Python in `shutdown()`, which there takes TLS away and goes on in plain text: here it ends the
 * output with `close_notify`, and what the peer still sends can be received.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 * import * as ssl from 'await-socket/ssl';
 *
 * const server = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
 * server.loadCertChain('localhost.pem');
 * const client = ssl.createDefaultContext({ cafile: 'localhost.pem' });
 *
 * const listener = await server.wrapSocket(socket.createServer(['127.0.0.1', 0]), { serverSide: true });
 * const sock = await client.wrapSocket(socket.socket(), { serverHostname: 'localhost' });
 * const [[conn]] = await Promise.all([listener.accept(), sock.connect(listener.getsockname())]);
 * console.log(sock.version(), sock.getpeercert()?.subject); // TLSv1.3 [ [ [ 'commonName', 'localhost' ] ] ]
 *
 * await Promise.all([sock.unwrap(), conn.unwrap()]); // both sides end TLS
 * await sock.sendall('plain text');
 * console.log((await conn.recv(1024)).toString()); // plain text
 * for (const each of [sock, conn, listener]) each.close();
 * ```
 */
export class SSLSocket extends Socket {
  readonly #tls: Secured;
  readonly #wrap: Wrap;
  #context: SSLContext;
  #session: SSLSession | null;

  static {
    // TypeScript 6 sets the name that it gives the class here only after the class: `this` is the class in any case.
    showCallers(this.prototype, SOCKET_SYNCHRONOUS);
  }

  /** @throws TypeError always: `context.wrapSocket()` makes these sockets. */
  constructor();
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the types that programs see have the first alone
  constructor(made: Made);
  constructor(made?: Made) {
    if (made === undefined) throw raised(new TypeError('SSLContext.wrapSocket() makes an SSLSocket'));
    super(made.core);
    const { core, context, wrap } = made;
    this.#wrap = wrap;
    this.#context = context;
    this.#session = wrap.session;
    this.#tls = new Secured(core, {
      isServer: wrap.serverSide,
      serverHostname: wrap.serverHostname,
      suppressesRaggedEofs: wrap.suppressRaggedEofs,
      settings: settingsOf(context),
      session: () => (this.#session === null ? undefined : bytesOfSession(this.#session)),
      choose: SSLSocket.#chooser(new WeakRef(this), settingsOf(context)),
    });
    this.#tls.turnOn(made.readAhead);
  }

  /**
   * The context. A function for SNI sets another one here, whose certificate the client then sees.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.context
   */
  get context(): SSLContext {
    return this.#context;
  }

  set context(context: SSLContext) {
    settingsOf(context);
    this.#context = context;
  }

  /**
   * Whether this side is the server.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.server_side
   */
  get serverSide(): boolean {
    return this.#wrap.serverSide;
  }

  /**
   * The name of the server that the client wants, in ASCII; `null` for none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.server_hostname
   */
  get serverHostname(): string | null {
    return this.#wrap.serverHostname;
  }

  /**
   * The session, which a later connection can resume; `null` while the peer has sent none. Before the handshake a client
   * can set the one that it wants to resume; RangeError after it, and for a session of another context.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.session
   */
  get session(): SSLSession | null {
    this.#session = currentSession(this.#session, this.#tls.engine?.session, this.#context);
    return this.#session;
  }

  set session(session: SSLSession | null) {
    if (this.#wrap.serverSide) throw raised(new RangeError('Cannot set session for server-side SSLSocket.'));
    if (this.#tls.engine !== undefined) throw raised(new RangeError('Cannot set session after handshake.'));
    this.#session = checkSession(session, this.#context);
  }

  /**
   * Whether a session was resumed; `null` without TLS: before the connection, and after `unwrap()`.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.session_reused
   */
  get sessionReused(): boolean | null {
    return this.#tls.isOn ? (this.#tls.engine?.agreement?.isResumed ?? false) : null;
  }

  /**
   * Accepts a connection, as a socket that listens does, with TLS in the role of a server. Waits for its handshake too,
   * unless `doHandshakeOnConnect` says otherwise; a client whose handshake fails is closed.
   *
   * @param options - `signal` ends the wait.
   * @returns the connection, and the client's address.
   * @throws what {@link Socket.accept} and {@link doHandshake} throw.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket
   */
  override accept(options?: WaitOptions): Promise<[SSLConnection, Address]>;
  override accept(options?: WaitOptions): Promise<[SSLSocket, Address]> {
    return awaited(
      async () => {
        const signal = signalOf(options, 'accept');
        // Not in a private method: TypeScript 6.0 then has the static block use an undefined alias of the class.
        const make = (core: Core): SSLSocket => {
          core.className = 'ssl.SSLSocket';
          return new SSLSocket({ core, context: this.#context, wrap: this.#wrap });
        };
        const [conn, address] = await accept(this, make, options);
        if (this.#wrap.doHandshakeOnConnect) await conn.#shakeHands(signal);
        return [conn, address];
      },
      methodOf(SSLSocket.prototype, 'accept'),
    );
  }

  /** @internal */
  [ADMIT](accepted: Socket, signal: AbortSignal): Promise<SSLConnection>;
  /** @internal */
  async [ADMIT](accepted: Socket, signal: AbortSignal): Promise<SSLSocket> {
    const core = coreOf(accepted, 'accept').handOver('ssl.SSLSocket');
    const conn = new SSLSocket({ core, context: this.#context, wrap: this.#wrap });
    if (this.#wrap.doHandshakeOnConnect) await conn.#shakeHands(signal);
    return conn;
  }

  /**
   * Connects as {@link Socket.connect} does, and waits for the handshake, unless `doHandshakeOnConnect` says otherwise.
   *
   * @param address - the address of the server.
   * @param options - `signal` ends the wait.
   * @throws RangeError if it is connected already or wrapped as a server; what {@link Socket.connect} and {@link
   * doHandshake} throw.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket
   */
  override connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    return awaited(
      async () => {
        this.#checkMayConnect();
        await super.connect(address, options);
        await this.#afterConnect(signalOf(options, 'connect'));
      },
      methodOf(SSLSocket.prototype, 'connect'),
    );
  }

  /**
   * Connects as {@link Socket.connectEx} does, and waits for the handshake, whose errors are raised.
   *
   * @param address - the address of the server.
   * @param options - `signal` ends the wait.
   * @returns 0, or the number of what the system says of the connection.
   * @throws as {@link connect}, but for errors of the system.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket
   */
  override connectEx(address: AddressLike, options?: WaitOptions): Promise<number> {
    return awaited(
      async () => {
        this.#checkMayConnect();
        const errno = await super.connectEx(address, options);
        if (errno === 0) await this.#afterConnect(signalOf(options, 'connectEx'));
        return errno;
      },
      methodOf(SSLSocket.prototype, 'connectEx'),
    );
  }

  /**
   * Waits until the handshake is done.
   *
   * @param options - `signal` ends the wait; the handshake goes on.
   * @throws SSLError if the two sides cannot agree, or the peer refuses; {@link SSLCertVerificationError} if its
   * certificate is refused, of which the peer learns by an alert; {@link SSLEOFError} if the peer cuts the connection;
   * TimeoutError; OSError: ENOTCONN without a connection, EBADF.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.do_handshake
   */
  doHandshake(options?: WaitOptions): Promise<void> {
    return awaited(
      () => this.#tls.doHandshake(signalOf(options, 'doHandshake')),
      methodOf(SSLSocket.prototype, 'doHandshake'),
    );
  }

  /**
   * Ends TLS: sends `close_notify`, and waits for the peer's.
   *
   * @param options - `signal` ends the wait.
   * @returns this socket, which sends and receives plain text from now on.
   * @throws RangeError if there is no TLS; SSLError if bytes of the peer are left that no call has received, or before
   * the handshake is done; TimeoutError.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.unwrap
   */
  unwrap(options?: WaitOptions): Promise<this> {
    return awaited(
      async () => {
        const signal = signalOf(options, 'unwrap');
        if (!this.#tls.isOn) throw raised(new RangeError(`No SSL wrapper around ${String(this)}`));
        await this.#tls.unwrap(signal);
        return this;
      },
      methodOf(SSLSocket.prototype, 'unwrap'),
    );
  }

  /**
   * Receives bytes, as `recv()` does.
   *
   * @param len - at most so many bytes; 1024 where it is left out.
   * @param options - `signal` ends the wait.
   * @returns the bytes; none at the end of the stream.
   * @throws RangeError if there is no TLS; what `recv()` throws.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.read
   *
   * @remarks Differs from Python in that it takes no buffer: `recvInto()` does.
   */
  read(len = 1024, options?: WaitOptions): Promise<Buffer> {
    return awaited(
      () => {
        this.#checkOn('Read');
        return this.recv(len, options);
      },
      methodOf(SSLSocket.prototype, 'read'),
    );
  }

  /**
   * Sends bytes, as `send()` does.
   *
   * @param data - the bytes, or a string.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws RangeError if there is no TLS; what `send()` throws.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.write
   */
  write(data: Data, options?: WaitOptions): Promise<number> {
    return awaited(
      () => {
        this.#checkOn('Write');
        return this.send(data, options);
      },
      methodOf(SSLSocket.prototype, 'write'),
    );
  }

  /**
   * Tells how many bytes are decrypted and can be received at once.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.pending
   */
  pending(): number {
    return this.#tls.pending;
  }

  /**
   * Tells the version of TLS: `'TLSv1.3'`; `null` before the handshake is done.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.version
   */
  version(): string | null {
    return this.#tls.engine?.agreement?.version ?? null;
  }

  /**
   * Tells name, protocol and strength of the cipher; `null` before the handshake is done.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.cipher
   */
  cipher(): CipherTuple | null {
    return this.#tls.cipher;
  }

  /**
   * Lists the ciphers that the client offered and the server has; `null` on the side of the client.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.shared_ciphers
   */
  sharedCiphers(): CipherTuple[] | null {
    return this.#tls.sharedCiphers;
  }

  /**
   * Tells the protocol that ALPN has agreed on; `null` for none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.selected_alpn_protocol
   */
  selectedAlpnProtocol(): string | null {
    return this.#tls.engine?.agreement?.alpnProtocol ?? null;
  }

  /**
   * Tells the algorithm of the compression: always `null`, as OpenSSL 3 has none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.compression
   */
  compression(): null {
    return null;
  }

  /**
   * Gives bytes that only this connection has, by which a protocol above can bind itself to it.
   *
   * @param type - `'tls-unique'` (RFC 5929).
   * @returns the bytes; `null` before the handshake is done.
   * @throws RangeError for another type.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.get_channel_binding
   */
  getChannelBinding(type = 'tls-unique'): Buffer | null {
    if (type !== 'tls-unique') throw rangeError('channel binding type not implemented', type);
    return this.#tls.channelBinding;
  }

  /**
   * Gives the peer's certificate.
   *
   * @param binaryForm - whether to give its bytes, DER.
   * @returns its fields, none where it was not verified; `null` where the peer has shown none.
   * @throws RangeError before the handshake is done; OSError: ENOTCONN without TLS, EBADF.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.getpeercert
   */
  getpeercert(binaryForm?: false): CertificateDict | Record<string, never> | null;
  getpeercert(binaryForm: true): Buffer | null;
  getpeercert(binaryForm = false): CertificateDict | Record<string, never> | Buffer | null {
    const certificate = this.#tls.checkedCertificate;
    return peerCertificate(certificate, binaryForm, this.#tls.settings);
  }

  /**
   * Would ask a client of TLS 1.3 for its certificate after the handshake.
   *
   * @throws {@link NotImplementedError} always: Node has no call for it.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.verify_client_post_handshake
   */
  verifyClientPostHandshake(): never {
    throw raised(new NotImplementedError('Node has no call for authentication after the handshake'));
  }

  /**
   * Would make a second socket on the connection.
   *
   * @throws {@link NotImplementedError} always, as in Python: the two could not share the keys.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.dup
   */
  override dup(): never {
    throw raised(new NotImplementedError("Can't dup() SSLSocket instances"));
  }

  async #afterConnect(signal: AbortSignal | undefined): Promise<void> {
    this.#tls.turnOn();
    if (this.#wrap.doHandshakeOnConnect) await this.#tls.doHandshake(signal);
  }

  async #shakeHands(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#tls.doHandshake(signal);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #checkMayConnect(): void {
    if (this.#wrap.serverSide) throw raised(new RangeError("can't connect in server-side mode"));
    if (this.#tls.isOn) throw raised(new RangeError('attempt to connect already-connected SSLSocket!'));
  }

  #checkOn(what: string): void {
    if (!this.#tls.isOn) throw raised(new RangeError(`${what} on closed or unwrapped SSL socket.`));
  }

  /**
   * Chooses the settings for a client. The connection holds this for as long as no client has begun its handshake, and
   * must not hold the socket: a lost socket is closed.
   */
  static #chooser(socket: WeakRef<SSLSocket>, settings: ContextSettings): Chooser {
    return (serverName) => {
      const one = socket.deref();
      return one === undefined ? settings : settingsFrom(one, serverName);
    };
  }

  /** @internal */
  static async wrap(context: SSLContext, sock: unknown, options: unknown): Promise<SSLSocket> {
    const core = coreOf(sock, 'wrapSocket');
    const wrap = checkWrap(context, options);
    checkStream(core);
    core.checkOpen('wrapSocket');
    checkRole(context.protocol, wrap.serverSide);
    checkMayWait(core, wrap);
    const readAhead = core.takeReadAhead();
    const wrapped = new SSLSocket({ core: core.handOver('ssl.SSLSocket'), context, wrap, readAhead });
    if (wrapped.#tls.isOn && wrap.doHandshakeOnConnect) await wrapped.#shakeHands(undefined);
    return wrapped;
  }
}

/** A socket with TLS that listens: `for await` gives its connections, each after its handshake. */
export interface SSLListener extends SSLSocket {
  /** The connections, until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterator<[SSLConnection, Address], void, undefined>;
}

/** A socket with TLS that is connected: `for await` gives chunks. */
export interface SSLConnection extends SSLSocket {
  /** What is received, until the end of the stream. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, void, undefined>;
}

/** Asks the program which context a client gets. */
function settingsFrom(conn: SniSocket, serverName: string | null): ContextSettings | Refused {
  const { context } = conn;
  const { sniCallback } = context;
  const alert = sniCallback === null ? undefined : alertOf(() => sniCallback(conn, serverName, context));
  return alert ?? settingsOf(conn.context);
}

/** What an object is made of. */
interface MadeObject {
  readonly incoming: MemoryBIO;
  readonly outgoing: MemoryBIO;
  readonly context: SSLContext;
  readonly wrap: BioWrap;
}

/** Methods of an object that throw. */
const OBJECT_SYNCHRONOUS = ['context', 'session', 'getChannelBinding', 'getpeercert', 'verifyClientPostHandshake'];

/**
 * TLS without a socket, as {@link SSLContext.wrapBio} makes it: it reads what the peer has sent from one {@link
 * MemoryBIO}, and writes what is to be sent into another. The program moves the bytes.
 *
 * Where a call needs bytes of the peer's that `incoming` does not have, it raises {@link SSLWantReadError}: the program
 * sends what is in `outgoing`, writes what it receives into `incoming`, and calls again.
 *
 * @remarks Differs from Python in that the four calls which work on records, {@link doHandshake}, {@link read}, {@link
 * write} and {@link unwrap}, are awaited: Node does TLS in later turns of its loop. They wait for that and never for the
 * peer. Calls that are made at once take turns.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLObject
 *
 * @example
 * ```ts
 * import * as ssl from 'await-socket/ssl';
 *
 * const [incoming, outgoing] = [new ssl.MemoryBIO(), new ssl.MemoryBIO()];
 * const context = ssl.createDefaultContext();
 * const client = context.wrapBio(incoming, outgoing, { serverHostname: 'localhost' });
 * await client.doHandshake().catch((error: unknown) => console.log(error instanceof ssl.SSLWantReadError)); // true
 * console.log(outgoing.pending > 0); // true
 * ```
 */
export class SSLObject {
  readonly #core: SSLObjectCore;
  readonly #wrap: BioWrap;
  readonly #settings: ContextSettings;
  #context: SSLContext;
  #session: SSLSession | null;
  #hello: (() => ClientHello | undefined) | undefined;

  static {
    showCallers(SSLObject.prototype, OBJECT_SYNCHRONOUS);
  }

  /** @throws TypeError always: `context.wrapBio()` makes these objects. */
  constructor();
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- the types that programs see have the first alone
  constructor(made: MadeObject);
  constructor(made?: MadeObject) {
    if (made === undefined) throw raised(new TypeError('SSLContext.wrapBio() makes an SSLObject'));
    const { incoming, outgoing, context, wrap } = made;
    this.#wrap = wrap;
    this.#context = context;
    this.#session = wrap.session;
    this.#settings = settingsOf(context);
    this.#core = new SSLObjectCore({ incoming, outgoing, isServer: wrap.serverSide, source: () => this.#source() });
  }

  /**
   * The context. A function for SNI sets another one here, whose certificate the client then sees.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.context
   */
  get context(): SSLContext {
    return this.#context;
  }

  set context(context: SSLContext) {
    settingsOf(context);
    this.#context = context;
  }

  /**
   * Whether this side is the server.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.server_side
   */
  get serverSide(): boolean {
    return this.#wrap.serverSide;
  }

  /**
   * The name of the server that the client wants, in ASCII; `null` for none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.server_hostname
   */
  get serverHostname(): string | null {
    return this.#wrap.serverHostname;
  }

  /**
   * The session, as {@link SSLSocket.session} has it.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.session
   */
  get session(): SSLSession | null {
    this.#session = currentSession(this.#session, this.#core.engine?.session, this.#context);
    return this.#session;
  }

  set session(session: SSLSession | null) {
    if (this.#wrap.serverSide) throw raised(new RangeError('Cannot set session for server-side SSLSocket.'));
    if (this.#core.isEstablished) throw raised(new RangeError('Cannot set session after handshake.'));
    this.#session = checkSession(session, this.#context);
  }

  /**
   * Whether a session was resumed.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.session_reused
   */
  get sessionReused(): boolean {
    return this.#core.engine?.agreement?.isResumed ?? false;
  }

  /**
   * Does the handshake, as far as the bytes in `incoming` go. A call after its end does nothing.
   *
   * @throws {@link SSLWantReadError} if the peer has to send more; SSLError if the two sides cannot agree, or the peer
   * refuses; {@link SSLCertVerificationError} if its certificate is refused, and the alert that says so is in `outgoing`;
   * {@link SSLEOFError} at the end of `incoming`; {@link SSLSyscallError} after a handshake that has failed.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.do_handshake
   */
  doHandshake(): Promise<void> {
    return awaited(() => this.#core.doHandshake(), methodOf(SSLObject.prototype, 'doHandshake'));
  }

  /**
   * Reads bytes, and does the handshake first, if it is not done.
   *
   * @param len - at most so many bytes; 1024 where it is left out.
   * @returns the bytes; none where the peer has ended its output by `close_notify`.
   * @throws RangeError if the size is negative; {@link SSLWantReadError} if there are no bytes; {@link SSLEOFError} at the
   * end of `incoming`; {@link SSLZeroReturnError} where both sides have ended TLS; what {@link doHandshake} throws.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.read
   */
  read(len?: number): Promise<Buffer>;
  /**
   * @param len - at most so many bytes; as many as the memory has room for where it is more than that, 0 or negative.
   * @param buffer - memory that the bytes are written to.
   * @returns how many bytes were read.
   */
  read(len: number, buffer: WritableData): Promise<number>;
  read(len = 1024, buffer?: WritableData): Promise<Buffer | number> {
    return awaited<Buffer | number>(
      () => {
        const wanted = integer(len, 'len');
        if (buffer === undefined) {
          const most = size(wanted, 'len', 'size should not be negative');
          return most === 0 ? Buffer.alloc(0) : this.#core.read(most);
        }
        const target = writableBytesOf(buffer);
        const room = wanted > 0 ? target.subarray(0, wanted) : target;
        return room.length === 0 ? 0 : this.#core.readInto(room);
      },
      methodOf(SSLObject.prototype, 'read'),
    );
  }

  /**
   * Encrypts bytes into `outgoing`, and does the handshake first, if it is not done.
   *
   * @param data - the bytes, or a string.
   * @returns how many bytes were encrypted: all.
   * @throws SSLError after {@link unwrap}; {@link SSLZeroReturnError} after an alert of the peer's; {@link SSLEOFError}
   * where TLS has broken; what {@link doHandshake} throws.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.write
   */
  write(data: Data): Promise<number> {
    return awaited(() => this.#core.write(bytesOf(data)), methodOf(SSLObject.prototype, 'write'));
  }

  /**
   * Ends TLS: puts `close_notify` into `outgoing`, and looks for the peer's. What the peer has sent after it stays in
   * `incoming`.
   *
   * @throws {@link SSLWantReadError} if the peer's is missing; SSLError if bytes are left that no call has read, or before
   * the handshake is done; {@link SSLEOFError} at the end of `incoming`.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.unwrap
   */
  unwrap(): Promise<void> {
    return awaited(() => this.#core.unwrap(), methodOf(SSLObject.prototype, 'unwrap'));
  }

  /**
   * Tells how many bytes are decrypted that no call has read.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.pending
   */
  pending(): number {
    return this.#core.pending;
  }

  /**
   * Tells the version of TLS: `'TLSv1.3'`; `null` before the handshake is done.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.version
   */
  version(): string | null {
    return this.#core.engine?.agreement?.version ?? null;
  }

  /**
   * Tells name, protocol and strength of the cipher; `null` before the handshake is done.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.cipher
   */
  cipher(): CipherTuple | null {
    return cipherOf(this.#core.engine);
  }

  /**
   * Lists the ciphers that the client offered and the server has; `null` on the side of the client.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.shared_ciphers
   */
  sharedCiphers(): CipherTuple[] | null {
    return this.#core.engine === undefined ? null : sharedCiphersOf(this.#hello?.(), this.#settings);
  }

  /**
   * Tells the protocol that ALPN has agreed on; `null` for none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.selected_alpn_protocol
   */
  selectedAlpnProtocol(): string | null {
    return this.#core.engine?.agreement?.alpnProtocol ?? null;
  }

  /**
   * Tells the algorithm of the compression: always `null`, as OpenSSL 3 has none.
   *
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.compression
   */
  compression(): null {
    return null;
  }

  /**
   * Gives bytes that only this connection has, as {@link SSLSocket.getChannelBinding} does.
   *
   * @param type - `'tls-unique'` (RFC 5929).
   * @returns the bytes; `null` before the handshake is done.
   * @throws RangeError for another type.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.get_channel_binding
   */
  getChannelBinding(type = 'tls-unique'): Buffer | null {
    if (type !== 'tls-unique') throw rangeError('channel binding type not implemented', type);
    return this.#core.channelBinding;
  }

  /**
   * Gives the peer's certificate.
   *
   * @param binaryForm - whether to give its bytes, DER.
   * @returns its fields, none where it was not verified; `null` where the peer has shown none.
   * @throws RangeError before the handshake is done.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.getpeercert
   */
  getpeercert(binaryForm?: false): CertificateDict | Record<string, never> | null;
  getpeercert(binaryForm: true): Buffer | null;
  getpeercert(binaryForm = false): CertificateDict | Record<string, never> | Buffer | null {
    if (this.#core.engine === undefined) throw raised(new RangeError('handshake not done yet'));
    return peerCertificate(this.#core.certificate, binaryForm, this.#settings);
  }

  /**
   * Would ask a client of TLS 1.3 for its certificate after the handshake.
   *
   * @throws {@link NotImplementedError} always: Node has no call for it.
   * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.verify_client_post_handshake
   */
  verifyClientPostHandshake(): never {
    throw raised(new NotImplementedError('Node has no call for authentication after the handshake'));
  }

  #source(): EngineSource {
    const { serverSide, serverHostname } = this.#wrap;
    if (!serverSide) {
      const session = this.#session === null ? undefined : bytesOfSession(this.#session);
      return new ClientSource({ settings: this.#settings, serverHostname, session });
    }
    const source = new ServerSource(this.#settings, (serverName) => settingsFrom(this, serverName));
    this.#hello = () => source.hello;
    return source;
  }
}

/** A peer's certificate as `getpeercert()` gives it. */
function peerCertificate(
  certificate: X509Certificate | null,
  binaryForm: boolean,
  { verifyMode }: ContextSettings,
): CertificateDict | Record<string, never> | Buffer | null {
  if (certificate === null) return null;
  if (binaryForm) return certificate.raw;
  return verifyMode === CERT_NONE ? {} : decodeCertificate(certificate.raw);
}
