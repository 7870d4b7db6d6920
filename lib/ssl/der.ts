/**
 * A reader of DER (X.690), as far as certificates need it. OpenSSL has checked a certificate before it comes here; what it
 * has not checked is inside of the extensions.
 */

/** The bytes are not what they should be. */
export class MalformedDer extends RangeError {}

/** One element: its first identifier octet, and its contents. */
export interface Element {
  readonly tag: number;
  readonly contents: Buffer;
}

/** The identifier octets of elements, with the bit for constructed ones. */
export const Tag = Object.freeze({
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  T61_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
});

/** The elements that fill the bytes. */
export function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const { element, end } = elementAt(bytes, offset);
    elements.push(element);
    offset = end;
  }
  return elements;
}

/** The first element of the bytes, which must have this tag. */
export function firstOf(bytes: Buffer, tag: number): Element {
  const { element } = elementAt(bytes, 0);
  return expectTag(element, tag);
}

/** The elements inside of a constructed one. */
export function partsOf(element: Element | undefined, tag: number): Element[] {
  return elementsOf(expectTag(element, tag).contents);
}

/** The element, which must be there and have this tag. */
export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag === tag) return element;
  throw new MalformedDer(`element ${tag} expected (received ${element?.tag ?? 'none'})`);
}

function elementAt(bytes: Buffer, start: number): { readonly element: Element; readonly end: number } {
  const tag = byteAt(bytes, start);
  let offset = start + 1;
  // Tags above 30 go on in the next octets. None is of interest here.
  if ((tag & 0x1f) === 0x1f) while ((byteAt(bytes, offset++) & 0x80) !== 0);
  let length = byteAt(bytes, offset++);
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new MalformedDer(`length of ${count} octets`);
    length = 0;
    for (let index = 0; index < count; index++) length = length * 0x100 + byteAt(bytes, offset++);
  }
  const end = offset + length;
  if (end > bytes.length) throw new MalformedDer(`element of ${length} bytes in ${bytes.length - offset}`);
  return { element: { tag, contents: bytes.subarray(offset, end) }, end };
}

function byteAt(bytes: Buffer, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw new MalformedDer('the bytes end inside of an element');
  return byte;
}

/** The number of an INTEGER, which is a two's complement. */
export function integerOf(element: Element | undefined): bigint {
  const { contents } = expectTag(element, Tag.INTEGER);
  return contents.length === 0 ? 0n : BigInt.asIntN(contents.length * 8, BigInt(`0x${contents.toString('hex')}`));
}

/** The object that the contents of an OBJECT IDENTIFIER stand for: `'2.5.4.3'`. */
export function objectIdentifierOf(contents: Buffer): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of contents) {
    if (byte === 0x80 && arc === 0n) throw new MalformedDer('an object identifier with a zero before a number');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const last = contents.at(-1);
  if (last === undefined || (last & 0x80) !== 0) throw new MalformedDer('an object identifier that ends too early');
  const [first = 0n, ...others] = arcs;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...others].join('.');
}
