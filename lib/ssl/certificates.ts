import { raised } from '../common/stack.ts';
import { timeOf } from './certificate-times.ts';
import { Tag, elementsOf, expectTag, firstOf, integerOf, MalformedDer, objectIdentifierOf, partsOf } from './der.ts';
import type { Element } from './der.ts';
import { GeneralName, alternativeName, checkGeneralName, distinguishedName } from './x509-names.ts';
import { generalNames, utf8, type AlternativeName, type DistinguishedName } from './x509-names.ts';

/**
 * What a certificate says, in the form of Python's `getpeercert()`.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.SSLSocket.getpeercert
 */
export interface CertificateDict {
  /** Whom the certificate is for. */
  readonly subject: DistinguishedName;
  /** Who signed it. */
  readonly issuer: DistinguishedName;
  /** 1 to 3; nearly always 3. */
  readonly version: number;
  /** The issuer's number of the certificate, in hexadecimal digits. */
  readonly serialNumber: string;
  /** When it begins to be valid, as `certTimeToSeconds()` takes it. */
  readonly notBefore: string;
  /** When it ceases to be valid, as `certTimeToSeconds()` takes it. */
  readonly notAfter: string;
  /** The hosts and the like that it is for. */
  readonly subjectAltName?: readonly AlternativeName[];
  /** Where to ask whether it was revoked. */
  readonly OCSP?: readonly string[];
  /** Where the issuer's certificate is. */
  readonly caIssuers?: readonly string[];
  /** Where the issuer's list of revoked certificates is. */
  readonly crlDistributionPoints?: readonly string[];
}

const SUBJECT_ALT_NAME = '2.5.29.17';
const CRL_DISTRIBUTION_POINTS = '2.5.29.31';
const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';
const OCSP = '1.3.6.1.5.5.7.48.1';
const CA_ISSUERS = '1.3.6.1.5.5.7.48.2';

/** The parts of a certificate that programs ask for. */
interface Parts {
  readonly version: bigint;
  readonly serialNumber: bigint;
  readonly issuer: Element | undefined;
  readonly validity: readonly Element[];
  readonly subject: Element | undefined;
  /** The contents of the extensions, by their identifiers; `undefined` where one is there twice. */
  readonly extensions: ReadonlyMap<string, Buffer | undefined>;
}

/**
 * What a certificate says, as Python's `getpeercert()` gives it.
 *
 * @param der - the certificate in DER.
 * @throws RangeError if it is no certificate, or a text in it is not UTF-8.
 */
export function decodeCertificate(der: Buffer): CertificateDict {
  return readable(() => {
    const { version, serialNumber, issuer, validity, subject, extensions } = partsOfCertificate(der);
    const [notBefore, notAfter] = validity;
    return {
      subject: distinguishedName(subject),
      issuer: distinguishedName(issuer),
      version: Number(version) + 1,
      serialNumber: hexadecimal(serialNumber),
      notBefore: timeOf(notBefore),
      notAfter: timeOf(notAfter),
      ...present('subjectAltName', readExtension(extensions.get(SUBJECT_ALT_NAME), generalNames)?.map(alternativeName)),
      ...present('OCSP', accessLocations(extensions.get(AUTHORITY_INFO_ACCESS), OCSP)),
      ...present('caIssuers', accessLocations(extensions.get(AUTHORITY_INFO_ACCESS), CA_ISSUERS)),
      ...present('crlDistributionPoints', distributionPoints(extensions.get(CRL_DISTRIBUTION_POINTS))),
    };
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedDer)) throw error;
    throw raised(new RangeError(`no certificate in DER: ${error.message}`, { cause: error }));
  }
}

function partsOfCertificate(der: Buffer): Parts {
  const [certificate] = partsOf(firstOf(der, Tag.SEQUENCE), Tag.SEQUENCE);
  const fields = partsOf(certificate, Tag.SEQUENCE);
  const version = fields[0]?.tag === 0xa0 ? fields.shift() : undefined;
  const [serialNumber, , issuer, validity, subject, , ...others] = fields;
  const extensions = others.find(({ tag }) => tag === 0xa3);
  return {
    version: version === undefined ? 0n : integerOf(elementsOf(version.contents)[0]),
    serialNumber: integerOf(serialNumber),
    issuer,
    validity: partsOf(validity, Tag.SEQUENCE),
    subject,
    extensions: extensionsOf(extensions === undefined ? [] : partsOf(elementsOf(extensions.contents)[0], Tag.SEQUENCE)),
  };
}

function extensionsOf(elements: readonly Element[]): Parts['extensions'] {
  const extensions = new Map<string, Buffer | undefined>();
  for (const element of elements) {
    const parts = partsOf(element, Tag.SEQUENCE);
    const name = objectIdentifierOf(expectTag(parts[0], Tag.OBJECT_IDENTIFIER).contents);
    const { contents } = expectTag(parts.at(-1), Tag.OCTET_STRING);
    extensions.set(name, extensions.has(name) ? undefined : contents);
  }
  return extensions;
}

/** What an extension holds; nothing where it is absent or OpenSSL could not read it. */
function readExtension<T>(contents: Buffer | undefined, read: (contents: Buffer) => T): T | undefined {
  try {
    return contents === undefined ? undefined : read(contents);
  } catch (error) {
    if (error instanceof MalformedDer) return undefined;
    throw error;
  }
}

/** The number as OpenSSL prints it. Of one that takes several lines Python reads the first. */
function hexadecimal(number: bigint): string {
  const digits = (number < 0n ? -number : number).toString(16).toUpperCase();
  const bytes = digits.padStart(digits.length + (digits.length % 2), '0');
  const line = bytes.length > 70 ? `${bytes.slice(0, 70)}\\\n` : bytes;
  return number < 0n ? `-${line}` : line;
}

/** The addresses of one method of access, such as OCSP. */
function accessLocations(contents: Buffer | undefined, method: string): string[] | undefined {
  const descriptions = readExtension(contents, (bytes) =>
    partsOf(firstOf(bytes, Tag.SEQUENCE), Tag.SEQUENCE).map(accessDescription),
  );
  return uris(descriptions?.filter(({ type }) => type === method).map(({ location }) => location));
}

function accessDescription(description: Element): { readonly type: string; readonly location: Element | undefined } {
  const [type, location] = partsOf(description, Tag.SEQUENCE);
  checkGeneralName(location);
  return { type: objectIdentifierOf(expectTag(type, Tag.OBJECT_IDENTIFIER).contents), location };
}

/** The tags in a distribution point: its name, the reasons, and the issuer of the list. */
const DISTRIBUTION_POINT: readonly number[] = [0xa0, 0x81, 0xa2];
const FULL_NAME = 0xa0;

function distributionPoints(contents: Buffer | undefined): string[] | undefined {
  const names = readExtension(contents, (bytes) =>
    partsOf(firstOf(bytes, Tag.SEQUENCE), Tag.SEQUENCE).flatMap(distributionPointNames),
  );
  return uris(names);
}

function distributionPointNames(point: Element): Element[] {
  const parts = partsOf(point, Tag.SEQUENCE);
  const [name, , issuer] = DISTRIBUTION_POINT.map((tag) => parts.find((part) => part.tag === tag));
  const names = elementsOf(name?.contents ?? Buffer.alloc(0));
  const fullNames = names.filter(({ tag }) => tag === FULL_NAME).flatMap((one) => elementsOf(one.contents));
  for (const one of [...fullNames, ...elementsOf(issuer?.contents ?? Buffer.alloc(0))]) checkGeneralName(one);
  const isKnown = parts.every(({ tag }) => DISTRIBUTION_POINT.includes(tag));
  if (!isKnown || (name !== undefined && names.length !== 1)) throw new MalformedDer('distribution point');
  return fullNames;
}

function uris(names: readonly (Element | undefined)[] | undefined): string[] | undefined {
  const found = names?.flatMap((name) => (name?.tag === GeneralName.URI ? utf8(name.contents) : [])) ?? [];
  return found.length === 0 ? undefined : found;
}

/** An entry of a dict that is absent where there is no value. */
function present<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, T>>);
}
