import { raised } from '../common/stack.ts';
import { Tag, elementsOf, expectTag, firstOf, MalformedDer, objectIdentifierOf, partsOf, type Element } from './der.ts';
import { sslError } from './errors.ts';
import { objectName } from './object-names.ts';

/** The names in certificates: those of subjects and issuers, and the alternative ones (RFC 5280, 4.1.2.4 and 4.2.1.6). */

/**
 * What a name says: OpenSSL's long name of the attribute, or its numbers, and the text. An attribute of bits has bytes
 * instead, `null` for none.
 */
export type Attribute = readonly [name: string, value: AttributeValue];

/** The value of an {@link Attribute}. */
export type AttributeValue = string | Buffer | null;

/** The name of a subject or an issuer: attributes in the groups in which the certificate has them. */
export type DistinguishedName = readonly (readonly Attribute[])[];

/** One of the names that a certificate is for, such as `['DNS', 'example.org']`. */
export type AlternativeName =
  readonly [kind: string, value: string] | readonly [kind: 'DirName', value: DistinguishedName];

/** The kinds of GeneralName by their tags. */
export const GeneralName = Object.freeze({
  OTHER: 0xa0,
  EMAIL: 0x81,
  DNS: 0x82,
  X400: 0xa3,
  DIRECTORY: 0xa4,
  EDI_PARTY: 0xa5,
  URI: 0x86,
  IP: 0x87,
  REGISTERED_ID: 0x88,
});

/** Names of other kinds that OpenSSL prints, and the type of their text. It prints no others. */
const OTHER_NAMES: Readonly<Record<string, readonly [name: string, tag: number]>> = {
  '1.3.6.1.4.1.311.20.2.3': ['UPN', Tag.UTF8_STRING],
  '1.3.6.1.5.5.7.8.5': ['XmppAddr', Tag.UTF8_STRING],
  '1.3.6.1.5.5.7.8.7': ['SRVName', Tag.IA5_STRING],
  '1.3.6.1.5.5.7.8.8': ['NAIRealm', Tag.UTF8_STRING],
  '1.3.6.1.5.5.7.8.9': ['SmtpUTF8Mailbox', Tag.UTF8_STRING],
};

/** The groups of attributes that make up a name; OpenSSL leaves out those that are empty. */
function groupsOf(name: Element | undefined): (readonly [type: string, value: Element | undefined])[][] {
  const groups = partsOf(name, Tag.SEQUENCE).map((group) => partsOf(group, Tag.SET));
  return groups.filter((group) => group.length > 0).map((group) => group.map(typeAndValue));
}

function typeAndValue(attribute: Element): readonly [type: string, value: Element | undefined] {
  const [type, value] = partsOf(attribute, Tag.SEQUENCE);
  return [objectIdentifierOf(expectTag(type, Tag.OBJECT_IDENTIFIER).contents), value];
}

/** The name of a subject or an issuer, as Python gives it. */
export function distinguishedName(name: Element | undefined): DistinguishedName {
  return groupsOf(name).map((group) => group.map(([type, value]): Attribute => [objectName(type), valueOf(value)]));
}

function valueOf(element: Element | undefined): AttributeValue {
  const value = readValue(element);
  if (value === undefined) throw sslError({ library: null, reason: null, text: 'unknown error' });
  return value;
}

/** The value of an attribute; `undefined` where it has a type that OpenSSL lets it have and Python cannot show. */
function readValue(element: Element | undefined): AttributeValue | undefined {
  switch (element?.tag) {
    case Tag.UTF8_STRING:
      return readUtf8(element.contents);
    // OpenSSL reads T.61 as Latin-1, as all others do.
    case Tag.NUMERIC_STRING:
    case Tag.PRINTABLE_STRING:
    case Tag.T61_STRING:
    case Tag.IA5_STRING:
      return element.contents.toString('latin1');
    case Tag.BMP_STRING:
      return codePoints(element.contents, 2);
    case Tag.UNIVERSAL_STRING:
      return codePoints(element.contents, 4);
    case Tag.BIT_STRING:
      return bits(element.contents);
    case Tag.SEQUENCE:
      return undefined;
    default:
      throw new MalformedDer(`attribute of type ${element?.tag ?? 'none'}`);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readUtf8(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new MalformedDer('text that is not UTF-8', { cause });
  }
}

/** The bytes of a BIT STRING. The first of them says how many bits at the end do not count: OpenSSL clears them. */
function bits([unused = 8, ...bytes]: Buffer): Buffer | null {
  if (unused > 7) throw new MalformedDer(`${unused} unused bits`);
  const last = bytes.pop();
  return last === undefined ? null : Buffer.from([...bytes, last & (0xff << unused)]);
}

function codePoints(bytes: Buffer, width: number): string {
  if (bytes.length % width !== 0) throw new MalformedDer(`text of ${bytes.length} bytes, ${width} a letter`);
  const points = Array.from({ length: bytes.length / width }, (_, index) => bytes.readUIntBE(index * width, width));
  const isText = points.every((point) => point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff));
  if (!isText) throw new MalformedDer('text that is not Unicode');
  return points.map((point) => String.fromCodePoint(point)).join('');
}

/** The alternative names in a list of them. OpenSSL reads all of a list or nothing. */
export function generalNames(contents: Buffer): Element[] {
  const names = elementsOf(firstOf(contents, Tag.SEQUENCE).contents);
  for (const name of names) checkGeneralName(name);
  return names;
}

/** Checks that OpenSSL could read a name. */
export function checkGeneralName(name: Element | undefined): void {
  switch (name?.tag) {
    case GeneralName.DIRECTORY:
      for (const [, value] of groupsOf(elementsOf(name.contents)[0]).flat()) readValue(value);
      return;
    case GeneralName.REGISTERED_ID:
      objectIdentifierOf(name.contents);
      return;
    case GeneralName.OTHER:
      otherNameOf(name.contents);
      return;
    case GeneralName.EMAIL:
    case GeneralName.DNS:
    case GeneralName.X400:
    case GeneralName.EDI_PARTY:
    case GeneralName.URI:
    case GeneralName.IP:
      return;
    default:
      throw new MalformedDer(`name of kind ${name?.tag ?? 'none'}`);
  }
}

/** An alternative name, as Python gives it. */
export function alternativeName({ tag, contents }: Element): AlternativeName {
  switch (tag) {
    case GeneralName.EMAIL:
      return ['email', utf8(contents)];
    case GeneralName.DNS:
      return ['DNS', utf8(contents)];
    case GeneralName.URI:
      return ['URI', utf8(contents)];
    case GeneralName.DIRECTORY:
      return ['DirName', distinguishedName(elementsOf(contents)[0])];
    case GeneralName.IP:
      return ['IP Address', addressText(contents)];
    case GeneralName.REGISTERED_ID:
      return ['Registered ID', objectName(objectIdentifierOf(contents))];
    case GeneralName.X400:
      return ['X400Name', '<unsupported>'];
    case GeneralName.EDI_PARTY:
      return ['EdiPartyName', '<unsupported>'];
    default:
      return ['othername', otherName(contents)];
  }
}

/** Text that OpenSSL takes as it is, whatever its bytes; Python alone wants UTF-8. */
export function utf8(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw raised(new RangeError(`the text is not UTF-8: ${bytes.toString('latin1')}`, { cause }));
  }
}

/** IPv6 addresses come with all of their eight numbers, and in capitals. */
function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '<invalid>';
  return Array.from({ length: 8 }, (_, index) =>
    bytes
      .readUInt16BE(index * 2)
      .toString(16)
      .toUpperCase(),
  ).join(':');
}

function otherNameOf(contents: Buffer): { readonly type: string; readonly value: Element | undefined } {
  const [type, tagged] = elementsOf(contents);
  const [value] = elementsOf(expectTag(tagged, 0xa0).contents);
  return { type: objectIdentifierOf(expectTag(type, Tag.OBJECT_IDENTIFIER).contents), value };
}

function otherName(contents: Buffer): string {
  const { type, value } = otherNameOf(contents);
  const known = OTHER_NAMES[type];
  if (known === undefined || value?.tag !== known[1]) return '<unsupported>';
  return `${known[0]}:${utf8(firstLine(value.contents))}`;
}

/** What C's printf() and a reader of lines leave of a text. */
function firstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  const text = end === -1 ? bytes : bytes.subarray(0, end);
  return text.subarray(0, text.includes('\n') ? text.indexOf('\n') + 1 : text.length);
}
