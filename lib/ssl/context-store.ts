import type { X509Certificate } from 'node:crypto';
import type { Trust } from './context-trust.ts';
import { CertificateForm } from './x509-extensions.ts';

/** How much a context has loaded; what is in the folders of `capath` does not count. */
export interface CertStoreStats {
  /** How many certificates. */
  readonly x509: number;
  /** How many of them are those of authorities. */
  readonly x509Ca: number;
  /** How many lists of revoked certificates. */
  readonly crl: number;
}

/** Python's `cert_store_stats`. */
export function storeStats(trust: Trust): CertStoreStats {
  return { x509: trust.certificates.size, x509Ca: authoritiesOf(trust).length, crl: trust.crls.size };
}

/** The certificates of authorities, in the order of loading. Node's `ca` knows those alone that state it. */
export function authoritiesOf({ certificates }: Trust): readonly X509Certificate[] {
  return [...certificates.values()].filter(({ ca, raw }) => ca || new CertificateForm(raw).authority !== 'none');
}
