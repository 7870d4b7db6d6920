/** Makes DER (X.690), for certificates that no program would make. */

/** An element of the tag with these contents. */
export function element(tag: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((piece) => Buffer.from(piece)));
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

/** The contents of an OBJECT IDENTIFIER. */
export function objectIdentifier(identifier: string): Buffer {
  const [first = 0n, second = 0n, ...others] = identifier.split('.').map(BigInt);
  return Buffer.from([first * 40n + second, ...others].flatMap(base128));
}

function base128(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}

export const oid = (identifier: string): Buffer => element(0x06, objectIdentifier(identifier));
export const sequence = (...contents: readonly Buffer[]): Buffer => element(0x30, ...contents);

/** What makes up a certificate; each in DER, but for the serial number's contents. */
export interface CertificateParts {
  /** The number of the version, one less than the version; left out for version 1. */
  readonly version?: number;
  readonly serialNumber?: Buffer;
  readonly issuer?: Buffer;
  readonly subject?: Buffer;
  readonly notBefore?: Buffer;
  readonly notAfter?: Buffer;
  readonly extensions?: readonly Buffer[];
}

/** A name of one attribute a group. */
export function name(...attributes: readonly (readonly [type: string, tag: number, text: string | Buffer])[]): Buffer {
  return sequence(...attributes.map(([type, tag, text]) => element(0x31, sequence(oid(type), element(tag, text)))));
}

export function extension(identifier: string, contents: Buffer, critical = false): Buffer {
  return sequence(oid(identifier), ...(critical ? [element(0x01, Buffer.from([0xff]))] : []), element(0x04, contents));
}

/** A certificate with these parts. Its signature is none, and its key is that of Ed25519. */
export function certificate(parts: CertificateParts): Buffer {
  const algorithm = sequence(oid('1.3.101.112'));
  const { version, extensions } = parts;
  const time = element(0x17, '200101000000Z');
  const tbs = sequence(
    ...(version === undefined ? [] : [element(0xa0, element(0x02, Buffer.from([version])))]),
    element(0x02, parts.serialNumber ?? Buffer.from([1])),
    algorithm,
    parts.issuer ?? name(['2.5.4.3', 0x0c, 'issuer']),
    sequence(parts.notBefore ?? time, parts.notAfter ?? time),
    parts.subject ?? name(['2.5.4.3', 0x0c, 'subject']),
    sequence(algorithm, element(0x03, Buffer.alloc(33))),
    ...(extensions === undefined ? [] : [element(0xa3, sequence(...extensions))]),
  );
  return sequence(tbs, algorithm, element(0x03, Buffer.alloc(65)));
}

/** A certificate in PEM. */
export function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}
