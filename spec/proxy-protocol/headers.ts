import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { inetPton, AF_INET, AF_INET6 } from '../../lib/index.ts';
import { crc32c } from '../../lib/proxy-protocol/crc32c.ts';

/** PROXY headers, made by the text of the specification. */

export const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);

/** A TLV. */
export function tlv(type: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(type, bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** A header of version 2 around its content. */
export function version2(versionAndCommand: number, family: number, ...content: readonly Buffer[]): Buffer {
  const rest = Buffer.concat(content);
  const head = Buffer.of(versionAndCommand, family, rest.length >> 8, rest.length & 0xff);
  return Buffer.concat([SIGNATURE, head, rest]);
}

/** The addresses of a header of version 2, over IP. */
export function inetAddresses(source: readonly [string, number], destination: readonly [string, number]): Buffer {
  const packed = (host: string): Buffer => inetPton(isIPv4(host) ? AF_INET : AF_INET6, host);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source[1], 0);
  ports.writeUInt16BE(destination[1], 2);
  return Buffer.concat([packed(source[0]), packed(destination[0]), ports]);
}

/** Adds the checksum to the content of a header, as its last TLV. */
export function withChecksum(versionAndCommand: number, family: number, ...content: readonly Buffer[]): Buffer {
  const header = version2(versionAndCommand, family, ...content, tlv(3, Buffer.alloc(4)));
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}

const port = fc.integer({ min: 0, max: 0xffff });
const bytes = (most: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength: most }).map((array) => Buffer.from(array));
const ipv4 = fc.tuple(fc.ipV4(), port);
const ipv6 = fc.tuple(fc.ipV6(), port);
const tlvs = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 4, 5, 0x30, 0xe0), bytes(20)), { maxLength: 4 })
  .map((list) => Buffer.concat(list.map(([type, value]) => tlv(type, value))));

/** Any header that is right. */
export const headers: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(ipv4, ipv4).map(([[a, p], [b, q]]) => Buffer.from(`PROXY TCP4 ${a} ${b} ${p} ${q}\r\n`)),
  fc.tuple(ipv6, ipv6).map(([[a, p], [b, q]]) => Buffer.from(`PROXY TCP6 ${a} ${b} ${p} ${q}\r\n`)),
  fc.stringMatching(/^( [ -~]{0,80})?$/).map((rest) => Buffer.from(`PROXY UNKNOWN${rest}\r\n`)),
  fc
    .tuple(fc.constantFrom(0x11, 0x12), ipv4, ipv4, tlvs)
    .map(([family, a, b, more]) => withChecksum(0x21, family, inetAddresses(a, b), more)),
  fc
    .tuple(fc.constantFrom(0x21, 0x22), ipv6, ipv6, tlvs)
    .map(([family, a, b, more]) => version2(0x21, family, inetAddresses(a, b), more)),
  fc
    .tuple(fc.constantFrom(0x31, 0x32), bytes(216), tlvs)
    .map(([family, paths, more]) =>
      version2(0x21, family, Buffer.concat([paths, Buffer.alloc(216 - paths.length)]), more),
    ),
  tlvs.map((more) => version2(0x20, 0x00, more)),
  fc.tuple(fc.nat(255), bytes(300)).map(([family, content]) => version2(0x20, family === 0 ? 1 : family, content)),
);
