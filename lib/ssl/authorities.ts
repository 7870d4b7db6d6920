import type { X509Certificate } from 'node:crypto';

/** The certificates that a context trusts, found by their subjects: a system has some 150. */
export class Authorities {
  readonly #bySubject = new Map<string, X509Certificate[]>();

  constructor(certificates: Iterable<X509Certificate>) {
    for (const certificate of certificates) {
      const others = this.#bySubject.get(certificate.subject);
      if (others === undefined) this.#bySubject.set(certificate.subject, [certificate]);
      else others.push(certificate);
    }
  }

  /** Whether a certificate is itself one of them. */
  has(certificate: X509Certificate): boolean {
    const found = this.#bySubject.get(certificate.subject) ?? [];
    return found.some((other) => other.raw.equals(certificate.raw));
  }

  /** The one that has signed a certificate. */
  issuerOf(certificate: X509Certificate): X509Certificate | undefined {
    return this.#bySubject.get(certificate.issuer)?.find((authority) => isIssuedBy(certificate, authority));
  }

  /**
   * The chain from a peer's certificate to the one that is trusted, or as far as it goes. Those that are trusted come
   * before those that the peer has sent, as OpenSSL looks for them.
   */
  chainOf(certificate: X509Certificate): readonly X509Certificate[] {
    const chain = [certificate];
    let last = certificate;
    while (!isIssuedBy(last, last)) {
      const next = this.issuerOf(last) ?? last.issuerCertificate;
      if (next === undefined || chain.includes(next)) break;
      chain.push(next);
      last = next;
    }
    return chain;
  }
}

/** Whether the issuer's key has signed the certificate. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
