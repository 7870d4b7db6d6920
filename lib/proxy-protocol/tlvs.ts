import {
  PP2_CLIENT_CERT_CONN,
  PP2_CLIENT_CERT_SESS,
  PP2_CLIENT_SSL,
  PP2_SUBTYPE_SSL_CIPHER,
  PP2_SUBTYPE_SSL_CN,
  PP2_SUBTYPE_SSL_KEY_ALG,
  PP2_SUBTYPE_SSL_SIG_ALG,
  PP2_SUBTYPE_SSL_VERSION,
  PP2_TYPE_ALPN,
  PP2_TYPE_AUTHORITY,
  PP2_TYPE_CRC32C,
  PP2_TYPE_NETNS,
  PP2_TYPE_SSL,
  PP2_TYPE_UNIQUE_ID,
} from './constants.ts';
import { crc32c } from './crc32c.ts';
import { wrong } from './errors.ts';
import type { ProxyHeader, ProxySsl, ProxyTlv } from './header.ts';

/** The bytes of type and length. */
const HEAD = 3;

/** The part of a header that TLVs give. */
type Values = Pick<ProxyHeader, 'tlvs' | 'alpn' | 'authority' | 'uniqueId' | 'netns' | 'ssl'>;

/** Splits bytes into TLVs. */
export function splitTlvs(bytes: Buffer): ProxyTlv[] {
  const tlvs: ProxyTlv[] = [];
  for (let start = 0; start < bytes.length;) {
    if (start + HEAD > bytes.length) throw wrong('the PROXY header ends within a TLV');
    const end = start + HEAD + bytes.readUInt16BE(start + 1);
    if (end > bytes.length) throw wrong('a TLV is longer than its PROXY header');
    tlvs.push({ type: bytes.readUInt8(start), value: bytes.subarray(start + HEAD, end) });
    start = end;
  }
  return tlvs;
}

/** What TLVs mean. */
export function valuesOf(tlvs: readonly ProxyTlv[]): Values {
  const ssl = find(tlvs, PP2_TYPE_SSL);
  return {
    tlvs,
    alpn: text(tlvs, PP2_TYPE_ALPN),
    authority: text(tlvs, PP2_TYPE_AUTHORITY),
    uniqueId: find(tlvs, PP2_TYPE_UNIQUE_ID) ?? null,
    netns: text(tlvs, PP2_TYPE_NETNS),
    ssl: ssl === undefined ? null : sslOf(ssl),
  };
}

/** The values of a header that has none. */
export const NO_VALUES: Values = valuesOf([]);

/** Checks the checksum of a header, where it has one: it is that of the header with zeros in its place. */
export function checkSum(header: Buffer, tlvs: readonly ProxyTlv[]): void {
  const sum = find(tlvs, PP2_TYPE_CRC32C);
  if (sum === undefined) return;
  if (sum.length !== 4) throw wrong(`the checksum of the PROXY header has ${sum.length} bytes, and not 4`);
  const copy = Buffer.from(header);
  copy.fill(0, sum.byteOffset - header.byteOffset, sum.byteOffset - header.byteOffset + 4);
  if (crc32c(copy) !== sum.readUInt32BE()) throw wrong('the checksum of the PROXY header is wrong');
}

/** The bytes of `client` and `verify`. */
const SSL_HEAD = 5;

function sslOf(value: Buffer): ProxySsl {
  if (value.length < SSL_HEAD) throw wrong(`the TLV about TLS has ${value.length} bytes, and not at least ${SSL_HEAD}`);
  const client = value.readUInt8(0);
  const verify = value.readUInt32BE(1);
  const tlvs = splitTlvs(value.subarray(SSL_HEAD));
  const hasCertificate = (client & (PP2_CLIENT_CERT_CONN | PP2_CLIENT_CERT_SESS)) !== 0;
  return {
    client,
    verify,
    isVerified: (client & PP2_CLIENT_SSL) !== 0 && hasCertificate && verify === 0,
    version: text(tlvs, PP2_SUBTYPE_SSL_VERSION),
    cn: text(tlvs, PP2_SUBTYPE_SSL_CN),
    cipher: text(tlvs, PP2_SUBTYPE_SSL_CIPHER),
    sigAlg: text(tlvs, PP2_SUBTYPE_SSL_SIG_ALG),
    keyAlg: text(tlvs, PP2_SUBTYPE_SSL_KEY_ALG),
    tlvs,
  };
}

/** The first value of a type. */
function find(tlvs: readonly ProxyTlv[], type: number): Buffer | undefined {
  return tlvs.find((tlv) => tlv.type === type)?.value;
}

function text(tlvs: readonly ProxyTlv[], type: number): string | null {
  return find(tlvs, type)?.toString() ?? null;
}
