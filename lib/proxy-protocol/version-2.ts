import { unixAddress, type Address } from '../common/addresses.ts';
import { AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, SOCK_DGRAM, SOCK_STREAM } from '../common/constants.ts';
import { fsdecode } from '../common/file-names.ts';
import { formatIPv4, formatIPv6 } from '../names/inet.ts';
import { ProxyProtocolError, wrong } from './errors.ts';
import type { ProxyHeader } from './header.ts';
import { checkSum, NO_VALUES, splitTlvs, valuesOf } from './tlvs.ts';

/** How such a header begins. */
export const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Version 2, with each of its commands. */
export const LOCAL = 0x20;
export const PROXY = 0x21;

/** Families with types. */
export const UNSPECIFIED = 0x00;
export const TCP_OVER_IPV4 = 0x11;
export const TCP_OVER_IPV6 = 0x21;

/** The bytes before the addresses: the signature, version and command, family and type, the length of the rest. */
export const HEAD = SIGNATURE.length + 4;

/** The most bytes of such a header. HAProxy makes it in a buffer of this size (`tune.bufsize`). */
export const LONGEST_HEADER = 16_384;

/** Addresses: their family and type, how many bytes they have, and how they are read. */
interface Format {
  readonly family: number;
  readonly type: number;
  readonly length: number;
  readonly addresses: (bytes: Buffer) => readonly [source: Address | null, destination: Address | null];
}

const inet = (bytes: Buffer): readonly [Address, Address] => [
  [formatIPv4(bytes.subarray(0, 4)), bytes.readUInt16BE(8)],
  [formatIPv4(bytes.subarray(4, 8)), bytes.readUInt16BE(10)],
];
const inet6 = (bytes: Buffer): readonly [Address, Address] => [
  [formatIPv6(bytes.subarray(0, 16)), bytes.readUInt16BE(32), 0, 0],
  [formatIPv6(bytes.subarray(16, 32)), bytes.readUInt16BE(34), 0, 0],
];
const unix = (bytes: Buffer): readonly [Address, Address] => [
  pathOf(bytes.subarray(0, 108)),
  pathOf(bytes.subarray(108, 216)),
];

const WITHOUT_ADDRESSES: Format = { family: AF_UNSPEC, type: 0, length: 0, addresses: () => [null, null] };

/** The formats by their byte; no other may be sent. */
const FORMATS: ReadonlyMap<number, Format> = new Map([
  [UNSPECIFIED, WITHOUT_ADDRESSES],
  [TCP_OVER_IPV4, { family: AF_INET, type: SOCK_STREAM, length: 12, addresses: inet }],
  [0x12, { family: AF_INET, type: SOCK_DGRAM, length: 12, addresses: inet }],
  [TCP_OVER_IPV6, { family: AF_INET6, type: SOCK_STREAM, length: 36, addresses: inet6 }],
  [0x22, { family: AF_INET6, type: SOCK_DGRAM, length: 36, addresses: inet6 }],
  [0x31, { family: AF_UNIX, type: SOCK_STREAM, length: 216, addresses: unix }],
  [0x32, { family: AF_UNIX, type: SOCK_DGRAM, length: 216, addresses: unix }],
]);

/**
 * Reads the header, which begins with the signature.
 *
 * @returns the header, or how many bytes belong to it that are missing.
 */
export function parseVersion2(bytes: Buffer): ProxyHeader | number {
  if (bytes.length < HEAD) return HEAD - bytes.length;
  const [versionAndCommand, byte, rest] = [bytes.readUInt8(12), bytes.readUInt8(13), bytes.readUInt16BE(14)];
  if (versionAndCommand !== LOCAL && versionAndCommand !== PROXY) {
    throw wrong(`a PROXY header of an unknown version or command: 0x${versionAndCommand.toString(16)}`);
  }
  const isLocal = versionAndCommand === LOCAL;
  const format = isLocal ? WITHOUT_ADDRESSES : FORMATS.get(byte);
  if (format === undefined) throw wrong(`a PROXY header of an unknown family: 0x${byte.toString(16)}`);
  if (rest < format.length) throw wrong(`a PROXY header of ${rest} bytes has no room for its addresses`);
  const length = HEAD + rest;
  if (length > LONGEST_HEADER) throw wrong(`the PROXY header has ${length} bytes; ${LONGEST_HEADER} are read at most`);
  if (bytes.length < length) return length - bytes.length;
  return isLocal ? localHeader(bytes, byte) : clientsHeader(bytes, format);
}

function clientsHeader(bytes: Buffer, { family, type, length, addresses }: Format): ProxyHeader {
  const content = bytes.subarray(HEAD);
  const [source, destination] = addresses(content);
  const tlvs = splitTlvs(content.subarray(length));
  checkSum(bytes, tlvs);
  return { version: 2, command: 'PROXY', family, type, source, destination, ...valuesOf(tlvs) };
}

/**
 * A header whose addresses have no meaning, and neither has its family. HAProxy puts TLVs there, and no addresses; what
 * cannot be read as TLVs is ignored.
 */
function localHeader(bytes: Buffer, byte: number): ProxyHeader {
  const values = byte === UNSPECIFIED ? valuesIn(bytes.subarray(HEAD)) : NO_VALUES;
  checkSum(bytes, values.tlvs);
  return { version: 2, command: 'LOCAL', family: AF_UNSPEC, type: 0, source: null, destination: null, ...values };
}

function valuesIn(content: Buffer): typeof NO_VALUES {
  try {
    return valuesOf(splitTlvs(content));
  } catch (error) {
    if (error instanceof ProxyProtocolError) return NO_VALUES;
    throw error;
  }
}

/** A path ends at its first NUL; an abstract name begins with one. */
function pathOf(bytes: Buffer): Address {
  const end = bytes.indexOf(0, 1);
  const name = end === -1 ? bytes : bytes.subarray(0, end);
  return name.length === 1 && name[0] === 0 ? '' : unixAddress(fsdecode(name));
}
