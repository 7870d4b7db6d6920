import { AF_INET, AF_INET6, inetPton } from '../../lib/index.ts';

/** Packets with headers that are made up for what programs have sent and received. */

/** The flags of TCP (RFC 9293, 3.1). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

const PROTOCOLS = { tcp: 6, udp: 17 };

/** From where to where a packet goes, as `host:port`. */
export interface Ends {
  readonly source: string;
  readonly target: string;
}

/** What a packet has. */
interface Segment {
  readonly protocol: 'tcp' | 'udp';
  /** The first of its bytes, as many as were kept. */
  readonly payload: Buffer;
  /** How many there were. */
  readonly length: number;
  readonly sequence?: number;
  readonly acknowledged?: number;
  readonly flags?: number;
}

/** A packet as far as its bytes were kept, and the length that it had. */
export function packet(
  { source, target }: Ends,
  segment: Segment,
): { readonly bytes: Buffer; readonly length: number } {
  const [from, to] = [addressOf(source), addressOf(target)];
  // Where one end is bound to all interfaces, its address is of the other's family.
  const isInet6 = from.host.length === 16 || to.host.length === 16;
  const hosts = [from, to].map(({ host }) => (isInet6 && host.length === 4 ? mapped(host) : host));
  const transport = segment.protocol === 'tcp' ? tcp(from.port, to.port, segment) : udp(from.port, to.port, segment);
  const length = transport.length + segment.length;
  const network = isInet6 ? inet6(hosts, segment.protocol, length) : inet4(hosts, segment.protocol, length);
  const bytes = Buffer.concat([network, transport, segment.payload.subarray(0, segment.length)]);
  return { bytes, length: network.length + length };
}

function tcp(source: number, target: number, { sequence = 0, acknowledged = 0, flags = 0 }: Segment): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(target, 2);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt32BE((flags & ACK) === 0 ? 0 : acknowledged, 8);
  header.writeUInt8(5 << 4, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(0xffff, 14);
  return header;
}

/** A checksum of 0 says that there is none (RFC 768). */
function udp(source: number, target: number, { length }: Segment): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(target, 2);
  header.writeUInt16BE(8 + length, 4);
  return header;
}

function inet4(hosts: readonly Buffer[], protocol: keyof typeof PROTOCOLS, length: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + length, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(PROTOCOLS[protocol], 9);
  const whole = Buffer.concat([header, ...hosts]);
  whole.writeUInt16BE(checksum(whole), 10);
  return whole;
}

function inet6(hosts: readonly Buffer[], protocol: keyof typeof PROTOCOLS, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(length, 4);
  header.writeUInt8(PROTOCOLS[protocol], 6);
  header.writeUInt8(64, 7);
  return Buffer.concat([header, ...hosts]);
}

/** The checksum of a header (RFC 1071). */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < header.length; offset += 2) sum += header.readUInt16BE(offset);
  sum = (sum >>> 16) + (sum & 0xffff);
  return ~(sum + (sum >>> 16)) & 0xffff;
}

/** The host and the port of a text such as `127.0.0.1:80` or `[::1]:80`; zeros for what is none. */
function addressOf(text: string): { readonly host: Buffer; readonly port: number } {
  const { host = '', port = '' } = /^\[?(?<host>[^\]%]*).*:(?<port>\d+)$/.exec(text)?.groups ?? {};
  const inet4Host = /^[\d.]+/.exec(text)?.[0];
  return { host: bytesOf(text.startsWith('[') ? host : (inet4Host ?? '')), port: Number(port) % 65_536 };
}

function bytesOf(host: string): Buffer {
  try {
    return Buffer.from(inetPton(host.includes(':') ? AF_INET6 : AF_INET, host));
  } catch {
    return Buffer.alloc(4);
  }
}

/** An IPv4 address within IPv6 (RFC 4291, 2.5.5.2). */
function mapped(host: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(10), Buffer.of(0xff, 0xff), host]);
}
