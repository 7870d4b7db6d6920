import { randomBytes } from 'node:crypto';
import { rangeError, received, size, typeError } from '../common/arguments.ts';
import { called, raised, showCallers } from '../common/stack.ts';
import { decodeCertificate, type CertificateDict } from './certificates.ts';
import type { Cipher } from './ciphers.ts';
import { namedArguments } from './context-arguments.ts';
import { withAlpnProtocols, withSniCallback } from './context-callbacks.ts';
import { loadChain, type Password } from './context-chain.ts';
import { chosenCiphers, DEFAULT_CIPHERS, DEFAULT_SECURITY_LEVEL, withCiphers } from './context-ciphers.ts';
import type { FilePath } from './context-files.ts';
import { loadDhParams, withCurve } from './context-groups.ts';
import { KeyLog } from './context-keylog.ts';
import { DEFAULT_OPTIONS, flags, truth } from './context-options.ts';
import type { Choices } from './context-choices.ts';
import { setContextDoor, settingsFor, type ContextSettings } from './context-settings.ts';
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
import { NotImplementedError } from './errors.ts';

/** How many session tickets Node's servers send in TLS 1.3: OpenSSL's default. */
const NUM_TICKETS = 2;

/** What throws. */
const SYNCHRONOUS = [
  ...['checkHostname', 'keylogFilename', 'maximumVersion', 'minimumVersion', 'numTickets', 'options', 'sniCallback'],
  ...['verifyFlags', 'verifyMode', 'loadCertChain', 'loadDhParams', 'loadVerifyLocations', 'setAlpnProtocols'],
  ...['setCiphers', 'setEcdhCurve', 'setPskClientCallback', 'setPskServerCallback', 'setServernameCallback'],
  ...['getCaCerts', 'getCiphers', 'loadDefaultCerts'],
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
 */
export class SSLContext {
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
    this.#settings = settingsFor({
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
      numTickets: NUM_TICKETS,
      keyLog: new KeyLog(),
      ecdhCurve: undefined,
      dhParams: undefined,
      chains: new Map(),
      trust: NO_TRUST,
      ticketKeys: randomBytes(48),
      stats: newStats(),
    });
  }

  #change(changes: Partial<Choices>): void {
    this.#settings = settingsFor({ ...this.#settings, ...changes });
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
    return this.#settings.numTickets;
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
}
