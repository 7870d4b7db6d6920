import { join } from 'node:path';
import * as ssl from '../../lib/ssl/index.ts';

/**
 * Certificates and keys of spec/support/certificates/, where make.sh says what each is; all are for localhost, but for
 * other-name, which is for elsewhere.test.
 */
export type CertificateName =
  | 'server'
  | 'other-name'
  | 'expired'
  | 'untrusted'
  | 'self-signed'
  | 'client'
  | 'expired-client'
  | 'untrusted-client'
  | 'self-signed-client';

/** An authority: `ca` has signed all that is not untrusted. */
export type AuthorityName = 'ca' | 'other-ca';

/** The path of a certificate. */
export const certificateFile = (name: CertificateName | AuthorityName): string =>
  join(__dirname, 'certificates', `${name}.pem`);

/** The path of a certificate's key. */
export const keyFile = (name: CertificateName): string => join(__dirname, 'certificates', `${name}.key`);

/** The versions that every check of TLS runs over, for `describe.each`. */
export const VERSIONS = [
  ['TLSv1.2', ssl.TLSVersion.TLSv1_2],
  ['TLSv1.3', ssl.TLSVersion.TLSv1_3],
] as const;

/** What a context of these tests may be made with. */
export interface ContextChoices {
  /** The one version that it speaks. */
  readonly version?: number | undefined;
  readonly certificate?: CertificateName | undefined;
  /** Whom it believes. */
  readonly authority?: AuthorityName | undefined;
  readonly alpn?: readonly string[] | undefined;
}

function contextOf(protocol: number, { version, certificate, authority, alpn }: ContextChoices): ssl.SSLContext {
  const context = new ssl.SSLContext(protocol);
  if (version !== undefined) {
    context.maximumVersion = version;
    context.minimumVersion = version;
  }
  if (certificate !== undefined) context.loadCertChain(certificateFile(certificate), keyFile(certificate));
  if (authority !== undefined) context.loadVerifyLocations(certificateFile(authority));
  if (alpn !== undefined) context.setAlpnProtocols(alpn);
  return context;
}

/** The context of a server, whose certificate is `server` unless told otherwise. */
export function serverContext(choices: ContextChoices = {}): ssl.SSLContext {
  return contextOf(ssl.PROTOCOL_TLS_SERVER, { certificate: 'server', ...choices });
}

/** The context of a client, which believes `ca` unless told otherwise. */
export function clientContext(choices: ContextChoices = {}): ssl.SSLContext {
  return contextOf(ssl.PROTOCOL_TLS_CLIENT, { authority: 'ca', ...choices });
}

/** By what is documented of Node alone, a server's certificate can only be refused after a handshake of TLS 1.2. */
export const isDocumentedAlone = process.env.AWAIT_SOCKET_FAST_PATH === 'off';
