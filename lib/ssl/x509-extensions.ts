import { elementsOf, firstOf, objectIdentifierOf, partsOf, Tag, type Element } from './der.ts';

/** One of a certificate's extensions. */
export interface Extension {
  readonly isCritical: boolean;
  /** What it says, in DER. */
  readonly value: Buffer;
}

/** The objects of extensions (RFC 5280, 4.2). */
export const ExtensionId = Object.freeze({
  SUBJECT_KEY_IDENTIFIER: '2.5.29.14',
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALT_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  AUTHORITY_KEY_IDENTIFIER: '2.5.29.35',
  NETSCAPE_CERT_TYPE: '2.16.840.1.113730.1.1',
});

/** The bits of the first byte of keyUsage (RFC 5280, 4.2.1.3). */
export const KeyUsage = Object.freeze({ CRL_SIGN: 0x02, KEY_CERT_SIGN: 0x04 });

/** The authorities among the types of Netscape: for TLS, for mail, for programs. */
const ANY_AUTHORITY = 0x07;

/** The tags of the parts of a certificate that may be missing. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/** What a certificate is by its form and its extensions; OpenSSL's `ex_flags` say the same. */
export class CertificateForm {
  /** 1 to 3. */
  readonly version: number;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Names, as their elements. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Whether it names the algorithm of its signature alike in both places. */
  readonly isConsistent: boolean;

  /** @param der - a certificate that OpenSSL has read. */
  constructor(der: Buffer) {
    const [body, outerAlgorithm] = partsOf(firstOf(der, Tag.SEQUENCE), Tag.SEQUENCE);
    const parts = partsOf(body, Tag.SEQUENCE);
    const hasVersion = parts[0]?.tag === VERSION;
    const [, algorithm, issuer, , subject] = hasVersion ? parts.slice(1) : parts;
    this.version = hasVersion ? (parts[0]?.contents.at(-1) ?? 0) + 1 : 1;
    this.extensions = extensionsOf(parts);
    this.issuer = issuer?.contents ?? Buffer.of();
    this.subject = subject?.contents ?? Buffer.of();
    this.isConsistent = outerAlgorithm !== undefined && algorithm?.contents.equals(outerAlgorithm.contents) === true;
  }

  /** Whether basicConstraints says that it is an authority's, and how many others may follow it. */
  get basicConstraints(): { readonly isAuthority: boolean; readonly hasPathLength: boolean } | undefined {
    const extension = this.extensions.get(ExtensionId.BASIC_CONSTRAINTS);
    if (extension === undefined) return undefined;
    const parts = partsOf(firstOf(extension.value, Tag.SEQUENCE), Tag.SEQUENCE);
    return {
      isAuthority: parts.some(({ tag, contents }) => tag === BOOLEAN && contents[0] !== 0),
      hasPathLength: parts.some(({ tag }) => tag === Tag.INTEGER),
    };
  }

  /** Whether keyUsage has one of these bits; `undefined` where there is no such extension. */
  hasUsage(bits: number): boolean | undefined {
    return this.#hasBits(ExtensionId.KEY_USAGE, bits);
  }

  /**
   * What X509_check_ca(3) gives: whether it is an authority's, `'stated'` by basicConstraints or `'assumed'` as it was
   * before there were any.
   */
  get authority(): 'none' | 'stated' | 'assumed' {
    const maySign = this.hasUsage(KeyUsage.KEY_CERT_SIGN);
    if (maySign === false) return 'none';
    const constraints = this.basicConstraints;
    if (constraints !== undefined) return constraints.isAuthority ? 'stated' : 'none';
    const isRoot = this.version === 1 && this.subject.equals(this.issuer);
    const isOfType = this.#hasBits(ExtensionId.NETSCAPE_CERT_TYPE, ANY_AUTHORITY);
    return [isRoot, maySign, isOfType].includes(true) ? 'assumed' : 'none';
  }

  /** Whether the first byte of a BIT STRING has a bit; tag, length and a count stand before it. */
  #hasBits(id: string, bits: number): boolean | undefined {
    const extension = this.extensions.get(id);
    return extension === undefined ? undefined : ((extension.value[3] ?? 0) & bits) !== 0;
  }
}

const BOOLEAN = 0x01;

function extensionsOf(parts: readonly Element[]): ReadonlyMap<string, Extension> {
  const field = parts.find(({ tag }) => tag === EXTENSIONS);
  if (field === undefined) return new Map();
  const all = elementsOf(firstOf(field.contents, Tag.SEQUENCE).contents).map((one) => {
    const [id, ...rest] = partsOf(one, Tag.SEQUENCE);
    const isCritical = rest.some(({ tag, contents }) => tag === BOOLEAN && contents[0] !== 0);
    return [
      objectIdentifierOf(id?.contents ?? Buffer.of()),
      { isCritical, value: rest.at(-1)?.contents ?? Buffer.of() },
    ] as const;
  });
  return new Map(all);
}
