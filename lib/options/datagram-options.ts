import * as constants from '../common/constants.ts';
import { AF_INET, AF_INET6, SOCK_DGRAM } from '../common/constants.ts';
import type { ErrorCode } from '../common/errno.ts';
import { intBytes } from '../common/int-bytes.ts';
import { inetAton, inetNtop } from '../names/inet.ts';
import { ifNameindex, inet4Of, scopedHost } from '../names/interfaces.ts';
import { between, failure, flag, type Kind, type Option } from './option.ts';

/**
 * The options that only datagram sockets have, with the values that Linux makes of those that are set (ip(7), ipv6(7)).
 */

const ofDatagrams = (_support: unknown, { type }: Kind): boolean => type === SOCK_DGRAM;
const ofFamily =
  (wanted: number): NonNullable<Option['available']> =>
  (_support, { family, type }) =>
    type === SOCK_DGRAM && family === wanted;

/** The kernel doubles the size that is asked for, and has a least one (socket(7); Linux 6.18). */
const doubled =
  (least: number) =>
  (value: number): number =>
    Math.max(least, 2 * (value < 0 ? LARGEST : Math.min(value, LARGEST)));
const LARGEST = 0x3fff_ffff;

const RCVBUF: Option = {
  initial: 212_992,
  keep: doubled(2304),
  apply: (target, values) => target.setReceiveBuffer?.(values.of(RCVBUF) / 2),
  current: (target) => target.receiveBuffer,
  available: ofDatagrams,
};
const SNDBUF: Option = {
  initial: 212_992,
  keep: doubled(4608),
  apply: (target, values) => target.setSendBuffer?.(values.of(SNDBUF) / 2),
  current: (target) => target.sendBuffer,
  available: ofDatagrams,
};

const BROADCAST: Option = {
  initial: 0,
  keep: flag,
  apply: (target, values) => target.setBroadcast?.(values.of(BROADCAST) === 1),
};

/** The hop limit of packets: −1 is the system's default. */
const hops = (family: number, initial: number, least: number, set: 'setTTL' | 'setMulticastTTL'): Option => {
  const option: Option = {
    initial,
    keep: (value) => (value === -1 ? initial : between(least, 255)(value)),
    apply: (target, values) => target[set]?.(values.of(option)),
    available: ofFamily(family),
  };
  return option;
};

const loop = (family: number, keep: (value: number) => number): Option => {
  const option: Option = {
    initial: 1,
    keep,
    apply: (target, values) => target.setMulticastLoopback?.(values.of(option) === 1),
    available: ofFamily(family),
  };
  return option;
};

/**
 * An interface is given by the four bytes of one of its addresses, or by a `struct ip_mreq` or `ip_mreqn`.
 */
const MULTICAST_IF: Option = {
  initial: 0,
  struct: {
    size: 4,
    parse: (bytes) => interfaceOf(bytes, 'EADDRNOTAVAIL').readInt32LE(0),
    format: (value) => intBytes(value),
  },
  apply: (target, values) => {
    const address = intBytes(values.of(MULTICAST_IF));
    return target.setMulticastInterface?.(inetNtop(AF_INET, address));
  },
  available: ofFamily(AF_INET),
};

const MULTICAST_IF6: Option = {
  initial: 0,
  keep: (index) => {
    if (index !== 0 && !isInterface(index)) throw failure('ENODEV', 'setsockopt');
    return index;
  },
  apply: (target, values) => target.setMulticastInterface?.(scopedHost('::', values.of(MULTICAST_IF6))),
  available: ofFamily(AF_INET6),
};

/**
 * `struct ip_mreq` is a group and an interface's address; `struct ip_mreqn` has the interface's index after them
 * (ip(7)).
 */
const membership = (does: 'addMembership' | 'dropMembership'): Option => ({
  initial: 0,
  perform: {
    size: 8,
    prepare: (bytes) => {
      const group = inetNtop(AF_INET, bytes.subarray(0, 4));
      const address = inetNtop(AF_INET, interfaceOf(bytes, 'ENODEV'));
      return (target) => target[does]?.(group, address === '0.0.0.0' ? undefined : address);
    },
  },
  available: ofDatagrams,
});

/** `struct ipv6_mreq` is a group and an interface's index (ipv6(7)). */
const membership6 = (does: 'addMembership' | 'dropMembership'): Option => ({
  initial: 0,
  perform: {
    size: 20,
    prepare: (bytes) => {
      const group = inetNtop(AF_INET6, bytes.subarray(0, 16));
      const index = bytes.readUInt32LE(16);
      // Node replaces an interface that does not exist by the one that the system prefers (Node 20 to 26).
      if (index !== 0 && !isInterface(index)) {
        throw failure(does === 'addMembership' ? 'ENODEV' : 'EADDRNOTAVAIL', 'setsockopt');
      }
      return (target) => target[does]?.(group, index === 0 ? undefined : scopedHost('::', index));
    },
  },
  available: ofFamily(AF_INET6),
});

/**
 * The bytes of the interface's address: all of them, or those within a structure, or the address of the interface with
 * the index in it.
 */
function interfaceOf(bytes: Buffer, unknown: ErrorCode): Buffer {
  if (bytes.length < 8) return bytes.subarray(0, 4);
  const index = bytes.length < 12 ? 0 : bytes.readInt32LE(8);
  if (index === 0) return bytes.subarray(4, 8);
  const address = inet4Of(index);
  if (address === undefined) throw failure(unknown, 'setsockopt');
  return inetAton(address);
}

function isInterface(index: number): boolean {
  return ifNameindex().some(([known]) => known === index);
}

/** At SOL_SOCKET. */
export const socketRows: readonly (readonly [number, Option])[] = [
  [constants.SO_BROADCAST, BROADCAST],
  [constants.SO_RCVBUF, RCVBUF],
  [constants.SO_SNDBUF, SNDBUF],
];

/** At IPPROTO_IP. */
export const inetRows: readonly (readonly [number, Option])[] = [
  [constants.IP_TTL, hops(AF_INET, 64, 1, 'setTTL')],
  [constants.IP_MULTICAST_TTL, hops(AF_INET, 1, 0, 'setMulticastTTL')],
  [constants.IP_MULTICAST_LOOP, loop(AF_INET, flag)],
  [constants.IP_MULTICAST_IF, MULTICAST_IF],
  [constants.IP_ADD_MEMBERSHIP, membership('addMembership')],
  [constants.IP_DROP_MEMBERSHIP, membership('dropMembership')],
];

/** At IPPROTO_IPV6. */
export const inet6Rows: readonly (readonly [number, Option])[] = [
  [constants.IPV6_UNICAST_HOPS, hops(AF_INET6, 64, 1, 'setTTL')],
  [constants.IPV6_MULTICAST_HOPS, hops(AF_INET6, 1, 0, 'setMulticastTTL')],
  [constants.IPV6_MULTICAST_LOOP, loop(AF_INET6, between(0, 1))],
  [constants.IPV6_MULTICAST_IF, MULTICAST_IF6],
  [constants.IPV6_JOIN_GROUP, membership6('addMembership')],
  [constants.IPV6_LEAVE_GROUP, membership6('dropMembership')],
];
