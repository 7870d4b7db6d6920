import type * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import type { Options } from './options.ts';
import { tell } from './tell.ts';

/** Puts TLS on a connection, with --tls. */
export async function secure(sock: socket.Socket, host: string | null, options: Options): Promise<socket.Socket> {
  if (!options.tls) return sock;
  const { listen, servername = host } = options;
  sock.settimeout(options.timeout ?? null);
  const ssock = await contextFor(options).wrapSocket(sock, {
    serverSide: listen === true,
    serverHostname: listen ? null : servername,
    // An end that the other side has not signed may be an attacker's: it is an error, not the end of the output.
    suppressRaggedEofs: false,
  });
  for (const line of described(ssock)) tell(options, line);
  return ssock;
}

function contextFor({ listen, ca, insecure, alpn, cert, key }: Options): ssl.SSLContext {
  const purpose = listen ? ssl.Purpose.CLIENT_AUTH : ssl.Purpose.SERVER_AUTH;
  const context = ssl.createDefaultContext(purpose, { cafile: ca });
  // As OpenSSL's own program and curl do: many authorities that people make for themselves lack fields of RFC 5280.
  context.verifyFlags &= ~ssl.VERIFY_X509_STRICT;
  // A server that is given authorities asks its clients for certificates of theirs.
  if (listen && ca !== undefined) context.verifyMode = ssl.CERT_REQUIRED;
  if (insecure) {
    context.checkHostname = false;
    context.verifyMode = ssl.CERT_NONE;
  }
  if (alpn !== undefined) context.setAlpnProtocols(alpn.split(','));
  if (cert !== undefined) context.loadCertChain(cert, key);
  return context;
}

/** What `openssl s_client` says about a connection, in a few lines. */
function described(sock: ssl.SSLSocket): string[] {
  const lines = [`${sock.version() ?? 'no version'}, ${sock.cipher()?.[0] ?? 'no cipher'}`];
  const protocol = sock.selectedAlpnProtocol();
  if (protocol !== null) lines.push(`ALPN: ${protocol}`);
  const certificate = sock.getpeercert();
  if (certificate !== null && 'subject' in certificate) {
    const { subject, issuer, notBefore, notAfter, subjectAltName = [] } = certificate;
    lines.push(
      `subject: ${nameOf(subject)}`,
      `issuer: ${nameOf(issuer)}`,
      `valid: ${notBefore} to ${notAfter}`,
      `names: ${subjectAltName.map(([kind, value]) => `${kind}:${String(value)}`).join(', ')}`,
    );
  }
  return lines;
}

function nameOf(name: ssl.DistinguishedName): string {
  return name.flatMap((attributes) => attributes.map(([key, value]) => `${key}=${String(value)}`)).join(', ');
}
