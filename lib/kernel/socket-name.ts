import type { Address, AnyAddress } from '../common/addresses.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK } from '../common/constants.ts';
import { fsdecode } from '../common/file-names.ts';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../names/inet.ts';
import { indexOf, ifNameOf } from '../names/interfaces.ts';
import type { SocketName } from './socket-calls.ts';

/**
 * Addresses as the kernel has them, a `struct sockaddr` for each family, and as Python shows them. The family's number is
 * in the first two bytes, in the machine's order; ports and IP addresses have the highest byte first.
 */

/** An address of IPv4 or IPv6, whose host is numeric; an IPv6 host may have a zone. */
export interface InetName {
  readonly host: string;
  readonly port: number;
  readonly flowinfo?: number;
  readonly scopeid?: number;
}

/** `struct sockaddr_in` (ip(7)) or `struct sockaddr_in6` (ipv6(7)). */
export function inetName(family: number, { host, port, flowinfo = 0, scopeid = 0 }: InetName): SocketName {
  const [address = '', zone] = host.split('%');
  if (family === AF_INET) {
    const name = sized(16, AF_INET);
    name.writeUInt16BE(port, 2);
    parseIPv4(address)?.copy(name, 4);
    return name;
  }
  const name = sized(28, AF_INET6);
  name.writeUInt16BE(port, 2);
  name.writeUInt32BE(flowinfo, 4);
  parseIPv6(address)?.copy(name, 8);
  name.writeUInt32LE(zone === undefined ? scopeid : zoneIndex(zone), 24);
  return name;
}

/** `struct sockaddr_un` (unix(7)): a path ends with a NUL; no bytes at all let Linux choose an abstract name. */
export function unixName(path: Buffer): SocketName {
  const end = path.length === 0 || path[0] === 0 ? Buffer.alloc(0) : Buffer.alloc(1);
  return Buffer.concat([sized(2, AF_UNIX), path, end]);
}

/** `struct sockaddr_nl` (netlink(7)). */
export function netlinkName(pid: number, groups: number): SocketName {
  const name = sized(12, AF_NETLINK);
  name.writeUInt32LE(pid, 4);
  name.writeUInt32LE(groups, 8);
  return name;
}

/** `struct sockaddr_vm` (vsock(7)). */
export function vsockName(cid: number, port: number): SocketName {
  const name = sized(16, AF_VSOCK);
  name.writeUInt32LE(port, 4);
  name.writeUInt32LE(cid, 8);
  return name;
}

/** The fields of an address of AF_PACKET. */
export interface PacketName {
  /** The interface's index. */
  readonly index: number;
  /** The number of an Ethernet protocol. */
  readonly protocol: number;
  readonly pkttype: number;
  readonly hatype: number;
  /** Up to 8 bytes. */
  readonly address: Buffer;
}

/** `struct sockaddr_ll` (packet(7)). */
export function packetName({ index, protocol, pkttype, hatype, address }: PacketName): SocketName {
  const name = sized(20, AF_PACKET);
  name.writeUInt16BE(protocol, 2);
  name.writeInt32LE(index, 4);
  name.writeUInt16LE(hatype, 8);
  name.writeUInt8(pkttype, 10);
  name.writeUInt8(address.length, 11);
  address.copy(name, 12);
  return name;
}

/** The family of a name; −1 where it has none. */
export function familyOf(name: SocketName): number {
  return name.length < 2 ? -1 : name.readUInt16LE(0);
}

/**
 * An address as Python shows it (`makesockaddr`); `null` where there is none. The compiler takes it for an address of IP
 * or of a Unix socket: of others it knows the family, and what a socket's calls give.
 */
export function addressOf(name: SocketName): Address | null;
export function addressOf(name: SocketName): AnyAddress | null {
  switch (familyOf(name)) {
    case -1:
      return null;
    case AF_INET:
      return name.length < 8 ? null : [formatIPv4(name.subarray(4, 8)), name.readUInt16BE(2)];
    case AF_INET6:
      return name.length < 28 ? null : inet6Address(name);
    case AF_UNIX:
      return unixAddressOf(name.subarray(2));
    case AF_NETLINK:
      return name.length < 12 ? null : [name.readUInt32LE(4), name.readUInt32LE(8)];
    case AF_VSOCK:
      return name.length < 12 ? null : [name.readUInt32LE(8), name.readUInt32LE(4)];
    case AF_PACKET:
      return name.length < 12 ? null : packetAddress(name);
    default:
      return [familyOf(name), name.subarray(2)];
  }
}

function inet6Address(name: SocketName): AnyAddress {
  const flowinfo = name.readUInt32BE(4) & 0xf_ffff;
  return [formatIPv6(name.subarray(8, 24)), name.readUInt16BE(2), flowinfo, name.readUInt32LE(24)];
}

/** A path ends at its NUL; an abstract name is all of its bytes. */
function unixAddressOf(path: Buffer): string | Buffer {
  if (path.length > 0 && path[0] === 0) return Buffer.from(path);
  const end = path.indexOf(0);
  return fsdecode(end < 0 ? path : path.subarray(0, end));
}

function packetAddress(name: SocketName): AnyAddress {
  const index = name.readInt32LE(4);
  const length = Math.min(name.readUInt8(11), name.length - 12);
  return [
    index === 0 ? '' : (ifNameOf(index) ?? ''),
    name.readUInt16BE(2),
    name.readUInt8(10),
    name.readUInt16LE(8),
    Buffer.from(name.subarray(12, 12 + length)),
  ];
}

function zoneIndex(zone: string): number {
  return /^\d+$/.test(zone) ? Number(zone) : indexOf(zone);
}

function sized(size: number, family: number): Buffer {
  const name = Buffer.alloc(size);
  name.writeUInt16LE(family);
  return name;
}
