import {
  AF_UNIX,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_RECVPATHMTU,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_REPAIR,
} from '../common/constants.ts';
import { NoKernel } from '../kernel/koffi.ts';
import type { Kernel } from '../kernel/libc.ts';
import { INT_SIZE, type Kind, type OptionSetting } from './option.ts';

/**
 * The options of Linux that setsockopt() refuses, because they change the result of a read on a descriptor that libuv
 * reads. libuv never reads a socket's error queue, and sees a socket with a queued error as readable for ever: Node 20
 * and 22 keep the process busy, and Node 24 and 26 end it with an assertion on a datagram socket.
 */

/** An option that is refused. */
export interface RefusedOption {
  readonly name: string;
  readonly level: number;
  readonly optname: number;
  /** The types of socket for which it is refused. Unix sockets queue no errors, so it is allowed on them. */
  readonly types: readonly number[];
  /** The offset in the value of the int that decides; 0 if left out. */
  readonly offset?: number;
  /** Which values of this int are refused. */
  readonly refuses: (value: number) => boolean;
  readonly reason: string;
}

const isOn = (value: number): boolean => value !== 0;
const hasAny =
  (bits: number) =>
  (value: number): boolean =>
    (value & bits) !== 0;

const DATAGRAMS = [SOCK_DGRAM];
const STREAMS = [SOCK_STREAM];
const BOTH = [SOCK_DGRAM, SOCK_STREAM];

const unreadable = (what: string): string =>
  `${what}, which Node cannot read: it would end the process or keep it busy for ever`;
const ERRORS = unreadable('it makes the kernel queue errors');
const TIMESTAMPS = unreadable('timestamps of sent data are queued as errors');

/** SOF_TIMESTAMPING_TX_HARDWARE, _TX_SOFTWARE, _TX_SCHED, _TX_ACK and _TX_COMPLETION (linux/net_tstamp.h). */
const TRANSMIT_FLAGS = 0x1 | 0x2 | 0x100 | 0x200 | 0x4_0000;
/** SOF_TXTIME_REPORT_ERRORS, in the second field of `struct sock_txtime` (linux/net_tstamp.h). */
const REPORT_ERRORS = 0x2;

/** The options whose numbers have no name in Python (asm-generic/socket.h, linux/in.h, linux/in6.h, linux/udp.h). */
const SO_TIMESTAMPING_OLD = 37;
const SO_TIMESTAMPING_NEW = 65;
const SO_WIFI_STATUS = 41;
const SO_TXTIME = 61;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const UDP_GRO = 104;

/** The size of the largest of their values, two C ints. */
const LARGEST = 2 * INT_SIZE;

/** The table. On TCP, IP_RECVERR and IPV6_RECVERR are harmless: errors only take effect earlier (ip(7)). */
export const REFUSED_OPTIONS: readonly RefusedOption[] = [
  {
    name: 'IP_RECVERR',
    level: IPPROTO_IP,
    optname: IP_RECVERR,
    types: DATAGRAMS,
    refuses: isOn,
    reason: ERRORS,
  },
  {
    name: 'IPV6_RECVERR',
    level: IPPROTO_IPV6,
    optname: IPV6_RECVERR,
    types: DATAGRAMS,
    refuses: isOn,
    reason: ERRORS,
  },
  ...[SO_TIMESTAMPING_OLD, SO_TIMESTAMPING_NEW].map((optname) => ({
    name: 'SO_TIMESTAMPING',
    level: SOL_SOCKET,
    optname,
    types: BOTH,
    refuses: hasAny(TRANSMIT_FLAGS),
    reason: TIMESTAMPS,
  })),
  {
    name: 'SO_WIFI_STATUS',
    level: SOL_SOCKET,
    optname: SO_WIFI_STATUS,
    types: BOTH,
    refuses: isOn,
    reason: unreadable('the state of sent data is queued as errors'),
  },
  {
    name: 'SO_TXTIME',
    level: SOL_SOCKET,
    optname: SO_TXTIME,
    types: BOTH,
    offset: 4,
    refuses: hasAny(REPORT_ERRORS),
    reason: ERRORS,
  },
  {
    name: 'UDP_GRO',
    level: IPPROTO_UDP,
    optname: UDP_GRO,
    types: DATAGRAMS,
    refuses: isOn,
    reason: 'it joins datagrams, and Node cannot learn where each of them ends',
  },
  {
    name: 'IPV6_RECVPATHMTU',
    level: IPPROTO_IPV6,
    optname: IPV6_RECVPATHMTU,
    types: DATAGRAMS,
    refuses: isOn,
    reason: 'Node would receive an empty datagram that no peer has sent',
  },
  // −1 turns it off too (tcp_repair_set in Linux).
  {
    name: 'TCP_REPAIR',
    level: IPPROTO_TCP,
    optname: TCP_REPAIR,
    types: STREAMS,
    refuses: (value) => value > 0,
    reason: "it makes Node's reads fail, and Node then closes the connection",
  },
];

/** Why a setting is refused on a kind of socket; `undefined` where it is not. */
export function reasonAgainst(kind: Kind, setting: OptionSetting): string | undefined {
  const row = REFUSED_OPTIONS.find((one) => isRefused(one, kind, setting));
  return row === undefined ? undefined : `${row.name}: ${row.reason}`;
}

/**
 * Why a socket that another program has made is refused: one of these options is on. `undefined` where none is, and
 * where the kernel cannot be asked.
 */
export function reasonAgainstDescriptor(descriptor: number, kernel: Kernel | NoKernel): string | undefined {
  if (kernel instanceof NoKernel) return undefined;
  const valueOf = (level: number, optname: number): Buffer => {
    const value = Buffer.alloc(LARGEST);
    // An error gives no bytes: the descriptor is no socket, or its family does not have the option.
    return value.subarray(0, Math.max(0, kernel.getsockopt(descriptor, level, optname, value)));
  };
  const numberOf = (optname: number): number => intIn(valueOf(SOL_SOCKET, optname), SOL_SOCKET, 0);
  const kind = { family: numberOf(SO_DOMAIN), type: numberOf(SO_TYPE) };
  const row = REFUSED_OPTIONS.find((one) => {
    const { level, optname } = one;
    return isRefused(one, kind, { level, optname, value: valueOf(level, optname), optlen: undefined });
  });
  return row === undefined ? undefined : `${row.name} is on: ${row.reason}`;
}

function isRefused(row: RefusedOption, { family, type }: Kind, { level, optname, value }: OptionSetting): boolean {
  if (family === AF_UNIX || value === null) return false;
  if (row.level !== level || row.optname !== optname || !row.types.includes(type)) return false;
  return row.refuses(intIn(value, level, row.offset ?? 0));
}

/** The int at an offset; 0 where the value is too short, which the kernel refuses. At IPPROTO_IP one byte is enough. */
function intIn(bytes: Buffer, level: number, offset: number): number {
  if (bytes.length >= offset + INT_SIZE) return bytes.readInt32LE(offset);
  return level === IPPROTO_IP ? (bytes[offset] ?? 0) : 0;
}
