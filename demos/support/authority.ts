// @peculiar/x509 needs it to be there first.
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const KEYS = { name: 'ECDSA', namedCurve: 'P-256' };

/** How long certificates last, in hours: as long as a demo may run. */
const LIFETIME = 24;

/**
 * A certificate authority for an afternoon. Its key exists only in the memory of this process, so that no other program
 * can make certificates in its name.
 */
export class Authority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(name: string): Promise<Authority> {
    const keys = await crypto.subtle.generateKey(KEYS, false, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      keys,
      ...lifetime(),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(keys, certificate);
  }

  /** The certificate that a client has to trust, in PEM. */
  get pem(): string {
    return `${this.#certificate.toString('pem')}\n`;
  }

  /** A key for a server, and its certificate for these names and IP addresses, both in PEM. */
  async issue(hosts: readonly x509.JsonGeneralName[]): Promise<string> {
    const keys = await crypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [hosts[0]?.value ?? ''] }],
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      ...lifetime(),
      extensions: [
        new x509.SubjectAlternativeNameExtension([...hosts]),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        // Clients that check as strictly as Python's default context want to know which key has signed.
        await x509.AuthorityKeyIdentifierExtension.create(this.#keys.publicKey),
      ],
    });
    const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`;
  }
}

/** From a minute ago, as the clocks of two machines differ. */
function lifetime(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + LIFETIME * 3_600_000) };
}
