import { typeError } from '../common/arguments.ts';
import { checkTimeout, getdefaulttimeout } from '../common/timeouts.ts';
import { createConnection } from '../connection.ts';
import { awaited } from '../waiting/gate.ts';
import { CERT_NONE, CERT_REQUIRED, PROTOCOL_TLS_CLIENT } from './constants.ts';
import { namedArguments } from './context-arguments.ts';
import { checkPath, type FilePath } from './context-files.ts';
import { checkProtocol } from './context-versions.ts';
import { SSLContext } from './classes.ts';
import { DERCertToPEMCert } from './pem.ts';
import { checkRole } from './wrapping.ts';

/** How {@link getServerCertificate} asks. */
export interface ServerCertificateOptions {
  /** The protocol: `PROTOCOL_TLS_CLIENT` where it is left out. */
  readonly sslVersion?: number | undefined;
  /** A file of certificates that are trusted; without one, the server's certificate is not verified. */
  readonly caCerts?: FilePath | null | undefined;
  /** The time limit in seconds, or `null` for none; the default time limit where it is left out. */
  readonly timeout?: number | null | undefined;
}

const NAMES = ['sslVersion', 'caCerts', 'timeout'] as const;

/**
 * Connects to a server, and gives its certificate.
 *
 * @param address - `[host, port]`.
 * @param options - see {@link ServerCertificateOptions}; they may also be given in their places, `sslVersion` first.
 * @returns the certificate as PEM.
 * @throws what {@link createConnection} and {@link SSLSocket.doHandshake} throw; {@link SSLCertVerificationError} if
 * `caCerts` does not lead to it; TypeError for what is no address or no such option.
 * @see https://docs.python.org/3/library/ssl.html#ssl.get_server_certificate
 *
 * @example
 * ```ts
 * import * as ssl from 'await-socket/ssl';
 *
 * const seen = await ssl.getServerCertificate(['127.0.0.1', 1], { timeout: 5 }).catch((error: unknown) => error);
 * console.log(String(seen)); // ConnectionRefusedError: [Errno 111] Connection refused: connect 127.0.0.1:1
 * ```
 */
export function getServerCertificate(
  address: readonly [host: string, port: number],
  sslVersion?: number,
  caCerts?: FilePath | null,
  timeout?: number | null,
): Promise<string>;
export function getServerCertificate(
  address: readonly [host: string, port: number],
  options?: ServerCertificateOptions,
): Promise<string>;
export function getServerCertificate(
  address: readonly [host: string, port: number],
  ...given: readonly unknown[]
): Promise<string> {
  return awaited(() => {
    const { sslVersion, caCerts, timeout } = namedArguments(given, NAMES, 'getServerCertificate');
    if (!Array.isArray(address) || address.length !== 2) throw typeError('address must be [host, port]', address);
    const context = contextFor(checkProtocol(sslVersion ?? PROTOCOL_TLS_CLIENT), caCerts ?? null);
    return ask(address, context, timeout === undefined ? getdefaulttimeout() : checkTimeout(timeout));
  }, getServerCertificate);
}

function contextFor(protocol: number, caCerts: unknown): SSLContext {
  checkRole(protocol, false);
  const context = new SSLContext(protocol);
  context.checkHostname = false;
  context.verifyMode = CERT_NONE;
  if (caCerts === null) return context;
  context.verifyMode = CERT_REQUIRED;
  context.loadVerifyLocations(checkPath(caCerts, 'caCerts should be a valid filesystem path'));
  return context;
}

async function ask(
  address: readonly [host: string, port: number],
  context: SSLContext,
  timeout: number | null,
): Promise<string> {
  const sock = await createConnection(address, { timeout });
  // It closes the connection where the handshake fails.
  const secured = await context.wrapSocket(sock, { serverHostname: address[0] });
  try {
    return DERCertToPEMCert(secured.getpeercert(true) ?? Buffer.alloc(0));
  } finally {
    secured.close();
  }
}
