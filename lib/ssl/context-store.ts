import type { X509Certificate } from 'node:crypto';
import type { Trust } from './context-trust.ts';
import { firstOf, objectIdentifierOf, partsOf, Tag, type Element } from './der.ts';

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

/** The certificates of authorities, in the order of loading. */
export function authoritiesOf({ certificates }: Trust): readonly X509Certificate[] {
  return [...certificates.values()].filter((certificate) => certificate.ca || isOldAuthority(certificate));
}

const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NETSCAPE_CERT_TYPE = '2.16.840.1.113730.1.1';

/** The first byte of a BIT STRING of key usages that has keyCertSign (RFC 5280, 4.2.1.3). */
const KEY_CERT_SIGN = 0x04;
/** The authorities among the types of Netscape: for TLS, for mail, for programs. */
const ANY_AUTHORITY = 0x07;

/**
 * What X509_check_ca(3) takes for an authority besides those that say so by basicConstraints, which are the only ones
 * that Node's `ca` knows: roots of version 1, and certificates that may sign others or are of a type that does.
 */
function isOldAuthority(certificate: X509Certificate): boolean {
  const parts = partsOf(partsOf(firstOf(certificate.raw, Tag.SEQUENCE), Tag.SEQUENCE)[0], Tag.SEQUENCE);
  const isFirstVersion = parts[0]?.tag !== VERSION;
  const extensions = extensionsOf(parts);
  const usage = extensions.get(KEY_USAGE);
  if (usage !== undefined && !hasBits(usage, KEY_CERT_SIGN)) return false;
  if (extensions.has(BASIC_CONSTRAINTS)) return false;
  if (isFirstVersion && certificate.subject === certificate.issuer) return true;
  const type = extensions.get(NETSCAPE_CERT_TYPE);
  return usage !== undefined || (type !== undefined && hasBits(type, ANY_AUTHORITY));
}

/** The tags of the parts of a certificate that may be missing. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/** The contents of the extensions by their objects. */
function extensionsOf(parts: readonly Element[]): ReadonlyMap<string, Buffer> {
  const field = parts.find(({ tag }) => tag === EXTENSIONS);
  if (field === undefined) return new Map();
  const extensions = partsOf(firstOf(field.contents, Tag.SEQUENCE), Tag.SEQUENCE).map((one) => {
    const [id, ...rest] = partsOf(one, Tag.SEQUENCE);
    // Whether the extension is critical stands between the two, where it is.
    return [objectIdentifierOf(id?.contents ?? Buffer.of()), rest.at(-1)?.contents ?? Buffer.of()] as const;
  });
  return new Map(extensions);
}

/** Whether a BIT STRING has one of the bits in its first byte, which follows tag, length and the count of unused bits. */
function hasBits(bitString: Buffer, bits: number): boolean {
  return ((bitString[3] ?? 0) & bits) !== 0;
}
