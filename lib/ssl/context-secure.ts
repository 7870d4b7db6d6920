import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import {
  OP_NO_TLSv1,
  OP_NO_TLSv1_1,
  OP_NO_TLSv1_2,
  OP_NO_TLSv1_3,
  TLSVersion,
  VERIFY_CRL_CHECK_LEAF,
  VERIFY_X509_PARTIAL_CHAIN,
} from './constants.ts';
import { fromNode } from './context-errors.ts';
import type { Choices } from './context-choices.ts';
import { withFolders } from './context-trust.ts';
import { versionRange } from './context-versions.ts';

/** The suites of TLS 1.3, as OpenSSL offers them; Python's `set_ciphers` leaves them alone. */
export const TLS13_SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

/**
 * A list that no issuer of a certificate has signed. Node checks for revocation only if it has a list, and OpenSSL then
 * refuses a certificate whose issuer has none, as it does in Python where the program has loaded none.
 */
const NO_CRL = `-----BEGIN X509 CRL-----
MIHCMGoCAQEwCgYIKoZIzj0EAwIwKTEnMCUGA1UEAwweTm8gY2VydGlmaWNhdGUg
aGFzIHRoaXMgaXNzdWVyFw0yNjExMjkwOTA3NDNaGA8yMTI2MTEwNTA5MDc0M1qg
DjAMMAoGA1UdFAQDAgEBMAoGCCqGSM49BAMCA0gAMEUCIQC08MQhqEQguxrTAZ2h
cT1YitbokwYFNDG1z+pCkQzxMAIgDYXHPDtrZbUWvzJ7n2NYBrbnaX/cgA5fdWC1
p2jscbo=
-----END X509 CRL-----
`;

/** Node's names of the versions that it has. */
const NAMES: Readonly<Record<number, SecureVersion>> = {
  [TLSVersion.TLSv1]: 'TLSv1',
  [TLSVersion.TLSv1_1]: 'TLSv1.1',
  [TLSVersion.TLSv1_2]: 'TLSv1.2',
  [TLSVersion.TLSv1_3]: 'TLSv1.3',
};

/** Python gives this to SSL_CTX_set_session_id_context(3); without one OpenSSL resumes no session of a client it verifies. */
const SESSION_ID_CONTEXT = 'Python';

/** The options of the context that Node makes connections with. */
export function secureOptionsOf(choices: Choices): SecureContextOptions {
  const { chains, trust, options, verifyFlags } = choices;
  const { certificates, crls } = withFolders(trust);
  const pairs = [...chains.values()];
  const { minVersion, maxVersion, barred } = versionsOf(choices);
  return {
    // An empty list is what keeps Node from trusting its own authorities.
    ca: [...certificates.values()].map(String),
    cert: pairs.map((chain) => chain.certificates),
    key: pairs.map(({ key }) => key.export({ type: 'pkcs8', format: 'pem' })),
    ciphers: `${TLS13_SUITES}:${cipherList(choices)}`,
    minVersion,
    maxVersion,
    secureOptions: options + (barred & ~options),
    sessionIdContext: SESSION_ID_CONTEXT,
    ticketKeys: choices.ticketKeys,
    allowPartialTrustChain: (verifyFlags & VERIFY_X509_PARTIAL_CHAIN) !== 0,
    ...((verifyFlags & VERIFY_CRL_CHECK_LEAF) !== 0 && { crl: crls.size > 0 ? [...crls] : NO_CRL }),
    ...(choices.ecdhCurve !== undefined && { ecdhCurve: choices.ecdhCurve }),
    ...(choices.dhParams !== undefined && { dhparam: choices.dhParams }),
  };
}

/** The context that Node makes connections with. */
export function makeSecureContext(choices: Choices): SecureContext {
  try {
    return createSecureContext(secureOptionsOf(choices));
  } catch (error) {
    throw fromNode(error);
  }
}

/** OpenSSL's list with the level of security, which `DEFAULT` and its like allow only at the end. */
export function cipherList({ ciphers, securityLevel }: Pick<Choices, 'ciphers' | 'securityLevel'>): string {
  return `${ciphers}:@SECLEVEL=${securityLevel}`;
}

/** SSL 3.0 is in no OpenSSL of Node's: as the newest version it leaves none. */
function versionsOf(choices: Choices): {
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  readonly barred: number;
} {
  const [oldest, newest] = versionRange(choices);
  return {
    minVersion: NAMES[oldest] ?? 'TLSv1',
    maxVersion: NAMES[newest] ?? 'TLSv1',
    barred: newest === TLSVersion.SSLv3 ? OP_NO_TLSv1 | OP_NO_TLSv1_1 | OP_NO_TLSv1_2 | OP_NO_TLSv1_3 : 0,
  };
}
