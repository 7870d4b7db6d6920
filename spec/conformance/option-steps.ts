import fc from 'fast-check';
import { call, constant, constantly, isDatagrams, oneOf, type Call, type Kind, type Weighted } from './kinds.ts';
import type { Value } from './program.ts';

const SOCKET_OPTIONS = ['SO_REUSEADDR', 'SO_KEEPALIVE', 'SO_TYPE', 'SO_DOMAIN', 'SO_PROTOCOL', 'SO_ACCEPTCONN'];
const TCP_OPTIONS = ['TCP_NODELAY', 'TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'];
const UDP4_OPTIONS = ['IP_TTL', 'IP_MULTICAST_TTL', 'IP_MULTICAST_LOOP', 'IP_MULTICAST_IF'];
const UDP6_OPTIONS = ['IPV6_UNICAST_HOPS', 'IPV6_MULTICAST_HOPS', 'IPV6_MULTICAST_LOOP', 'IPV6_MULTICAST_IF'];
const BUFFERS = ['SO_RCVBUF', 'SO_SNDBUF'];

/** Every option of a kind of socket in this library, by its level. New options are added here. */
const OPTIONS: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  tcp4: { SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST'], IPPROTO_TCP: TCP_OPTIONS, IPPROTO_IP: ['IP_TOS'] },
  tcp6: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_TCP: TCP_OPTIONS, IPPROTO_IPV6: ['IPV6_V6ONLY', 'IPV6_TCLASS'] },
  unix: { SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST'], IPPROTO_TCP: TCP_OPTIONS },
  unixdgram: { SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST', ...BUFFERS] },
  seqpacket: { SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST', ...BUFFERS] },
  udp4: {
    SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST', ...BUFFERS],
    IPPROTO_IP: ['IP_TOS', ...UDP4_OPTIONS, 'IP_ADD_MEMBERSHIP', 'IP_DROP_MEMBERSHIP'],
  },
  udp6: {
    SOL_SOCKET: [...SOCKET_OPTIONS, 'SO_BROADCAST', ...BUFFERS],
    IPPROTO_IPV6: ['IPV6_V6ONLY', 'IPV6_TCLASS', ...UDP6_OPTIONS, 'IPV6_JOIN_GROUP', 'IPV6_LEAVE_GROUP'],
  },
};

/**
 * The group that programs join, with the interface: `struct ip_mreq` and `struct ipv6_mreq`. Different ports keep the
 * programs apart.
 */
export const GROUP4: Value = { bytes: 'efff4d017f000001' };
export const GROUP6: Value = { bytes: 'ff110000000000000000000000004d0101000000' };

const numbers = oneOf(0, 1, 2, 300, -1, { bytes: '01000000' }, { bytes: '' });
const members = oneOf(
  GROUP4,
  GROUP4,
  GROUP4,
  GROUP6,
  GROUP6,
  GROUP6,
  // Not a group; an interface that does not exist; too short; not bytes.
  { bytes: '7f0000017f000001' },
  { bytes: 'efff4d0101020304' },
  { bytes: 'efff4d01' },
  1,
);
const interfaces = oneOf({ bytes: '7f000001' }, { bytes: '7f000001' }, { bytes: '00000000' }, 0, 1, 77, {
  bytes: '7f',
});

/** The values that an option is set to. */
function valuesOf(name: string): fc.Arbitrary<Value> {
  if (name.endsWith('_MEMBERSHIP') || name.endsWith('_GROUP')) return members;
  if (name.endsWith('_MULTICAST_IF')) return interfaces;
  // No small buffers: when one is full differs, because the kernel counts more than the bytes.
  if (BUFFERS.includes(name)) return oneOf(100_000, 300_000, { bytes: 'a0860100' });
  return numbers;
}

/** `struct linger`: on, with 0 seconds, so that close() resets the connection. */
const RESET: Value = { bytes: '0100000000000000' };

/** Steps that set and get options. */
export function optionCalls(kind: Kind): readonly Weighted<Call>[] {
  const all = Object.entries(OPTIONS[kind]).flatMap(([level, names]) => names.map((name) => ({ level, name })));
  const option = fc.constantFrom(...all);
  const query = (weight: number, ...rest: readonly fc.Arbitrary<Value>[]): Weighted<Call> => ({
    weight,
    arbitrary: fc
      .tuple(option, fc.tuple(...rest))
      .map(([{ level, name }, values]): Call => ['getsockopt', constant(level), constant(name), ...values]),
  });
  const set = option.chain(({ level, name }) =>
    valuesOf(name).map((value): Call => ['setsockopt', constant(level), constant(name), value]),
  );
  const setNothing = fc
    .tuple(option, oneOf(0, 3, 4, 8))
    .map(([{ level, name }, length]): Call => ['setsockopt', constant(level), constant(name), null, length]);
  return [
    { weight: isDatagrams(kind) ? 5 : 2, arbitrary: set },
    { weight: 1, arbitrary: setNothing },
    query(2),
    query(1, oneOf(0, 1, 3, 4, 8, 1024, 1025, -1)),
    call(1, 'setsockopt', constantly('SOL_SOCKET'), constantly('SO_LINGER'), oneOf(RESET, { bytes: '00' })),
    call(2, 'getsockopt', constantly('SOL_SOCKET'), oneOf(constant('SO_ERROR'), constant('SO_LINGER'))),
  ];
}
