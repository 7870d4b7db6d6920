import fc from 'fast-check';
import type { Program, Step, Value } from './program.ts';

/** The kinds of sockets that there are. */
const KINDS = {
  tcp4: [{ name: 'AF_INET' }, { name: 'SOCK_STREAM' }],
  tcp6: [{ name: 'AF_INET6' }, { name: 'SOCK_STREAM' }],
  unix: [{ name: 'AF_UNIX' }, { name: 'SOCK_STREAM' }],
  udp4: [{ name: 'AF_INET' }, { name: 'SOCK_DGRAM' }],
  udp6: [{ name: 'AF_INET6' }, { name: 'SOCK_DGRAM' }],
} as const satisfies Record<string, readonly Value[]>;

type Kind = keyof typeof KINDS;

const step = (on: number, call: string, ...args: Value[]): Step => ({ on, call, args });
const make = (on: number, kind: Kind): Step => step(on, 'socket', ...KINDS[kind]);
const constant = (name: string): Value => ({ name });
const oneOf = (...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

/** `struct linger`: on, with 0 seconds, so that close() resets the connection. */
const RESET: Value = { bytes: '0100000000000000' };
const PLACES = 4;
const place = fc.integer({ min: 0, max: PLACES - 1 });

function ownAddress(kind: Kind, path = 'a'): Value {
  if (kind === 'unix') return { path };
  return [{ host: kind.endsWith('6') ? 6 : 4 }, 0];
}

const listens = (kind: Kind): Program => [make(0, kind), step(0, 'bind', ownAddress(kind)), step(0, 'listen')];

const connects = (kind: Kind): Program => [
  ...listens(kind),
  make(1, kind),
  step(1, 'connect', { address: 0 }),
  { on: 0, call: 'accept', args: [], into: 2 },
];

/** What programs begin with, so that their steps have something to work on. */
const beginnings: Readonly<Record<Kind, fc.Arbitrary<Program>>> = {
  tcp4: ofStreams('tcp4'),
  tcp6: ofStreams('tcp6'),
  unix: ofStreams('unix'),
  udp4: ofDatagrams('udp4'),
  udp6: ofDatagrams('udp6'),
};

function ofStreams(kind: Kind): fc.Arbitrary<Program> {
  const limits = fc.constantFrom<Program>([], [step(1, 'settimeout', 0), step(2, 'settimeout', 0)]);
  const ready = limits.map((limit) => [...connects(kind), step(0, 'close'), ...limit]);
  return fc.oneof(
    { weight: 6, arbitrary: ready },
    { weight: 1, arbitrary: fc.constant<Program>(connects(kind)) },
    { weight: 1, arbitrary: fc.constant<Program>([...listens(kind), make(1, kind)]) },
    { weight: 1, arbitrary: fc.constant<Program>([make(0, kind), make(1, kind)]) },
  );
}

function ofDatagrams(kind: Kind): fc.Arbitrary<Program> {
  const two: Program = [make(0, kind), step(0, 'bind', ownAddress(kind)), make(1, kind)];
  return fc.constantFrom<Program>(
    [...two, step(1, 'connect', { address: 0 })],
    [...two, step(1, 'bind', ownAddress(kind))],
    [...two, step(1, 'connect', { address: 0 }), step(0, 'connect', { address: 1 }), step(0, 'settimeout', 0)],
    [...two, step(0, 'settimeout', 0)],
    [make(0, kind)],
  );
}

const size = oneOf(1, 2, 10, 10, 1000, 50_000, 0, -1);
const room = oneOf(0, 1, 10, 100, 30_000).map((n): Value => ({ room: Number(n) }));
const flags = fc.oneof(
  { weight: 4, arbitrary: oneOf(0) },
  { weight: 2, arbitrary: oneOf(constant('MSG_PEEK'), constant('MSG_DONTWAIT'), constant('MSG_DONTWAIT')) },
  { weight: 1, arbitrary: oneOf(constant('MSG_WAITALL'), constant('MSG_NOSIGNAL'), 2 | 64, 256 | 64, 2 | 256) },
);
const sendFlags = fc.oneof(
  { weight: 4, arbitrary: oneOf(0) },
  { weight: 1, arbitrary: oneOf(constant('MSG_DONTWAIT'), constant('MSG_NOSIGNAL')) },
);
const data = oneOf(1, 1, 3, 10, 100, 5000, 0).map((n): Value => ({ fill: Number(n) }));
const bad = oneOf(null, true, -1, 1.5, 'x', [], { number: 'nan' }, { number: 'inf' }, 2 ** 31, -(2 ** 31) - 1, {
  bytes: '00',
});

/** Steps by how often they are made, for all kinds of sockets. */
function calls(kind: Kind): fc.Arbitrary<readonly [string, ...Value[]]> {
  const isStream = !kind.startsWith('udp');
  const address = fc.oneof(
    { weight: 6, arbitrary: place.map((of): Value => ({ address: of })) },
    { weight: 1, arbitrary: oneOf(ownAddress(kind, 'none'), ownAddress(kind, 'a')) },
    { weight: 1, arbitrary: oneOf(ownAddress('tcp4'), ownAddress('tcp6'), ownAddress('unix'), '') },
  );
  const call = (weight: number, name: string, ...args: readonly fc.Arbitrary<Value>[]) => ({
    weight,
    arbitrary: fc.tuple(...args).map((values): readonly [string, ...Value[]] => [name, ...values]),
  });
  const optionCall = (weight: number, name: string, ...rest: readonly fc.Arbitrary<Value>[]) => ({
    weight,
    arbitrary: fc
      .tuple(option(kind), fc.tuple(...rest))
      .map(([names, values]): readonly [string, ...Value[]] => [name, ...names, ...values]),
  });
  return fc.oneof(
    call(8, 'recv', size, flags),
    call(3, 'recv_into', room, oneOf(0, 0, 1, 10, -1), flags),
    call(3, 'recvfrom', size, flags),
    call(3, 'recvfrom_into', room, oneOf(0, 0, 1, 10), flags),
    call(3, 'recvmsg', size, oneOf(0, 0, 100, -1), flags),
    call(3, 'recvmsg_into', fc.array(room, { maxLength: 3 }), oneOf(0), flags),
    call(10, 'send', data, sendFlags),
    call(3, 'sendall', data, sendFlags),
    call(isStream ? 2 : 10, 'sendto', data, address),
    call(isStream ? 1 : 3, 'sendto', data, sendFlags, address),
    call(2, 'sendmsg', fc.array(data, { maxLength: 3 })),
    call(isStream ? 1 : 3, 'sendmsg', fc.array(data, { maxLength: 3 }), oneOf([]), sendFlags, address),
    call(4, 'shutdown', oneOf(0, 1, 2, constant('SHUT_WR'), 3)),
    call(4, 'close'),
    call(1, 'settimeout', oneOf(null, 0.05, 0, 0, -1)),
    call(1, 'setblocking', oneOf(true, false)),
    call(1, 'gettimeout'),
    call(1, 'getblocking'),
    call(1, 'fileno'),
    call(3, 'getsockname'),
    call(4, 'getpeername'),
    call(1, 'listen'),
    call(1, 'listen', oneOf(0, 5, -1)),
    call(2, 'bind', fc.oneof(address, oneOf(ownAddress(kind)))),
    call(isStream ? 2 : 4, 'connect', address),
    call(1, 'connect_ex', address),
    call(1, 'setsockopt', constantly('SOL_SOCKET'), constantly('SO_LINGER'), oneOf(RESET, { bytes: '00' })),
    optionCall(2, 'setsockopt', oneOf(0, 1, 2, 300, -1, { bytes: '01000000' }, { bytes: '' })),
    optionCall(2, 'getsockopt'),
    optionCall(1, 'getsockopt', oneOf(0, 1, 3, 4, 8, 1024, 1025, -1)),
    call(2, 'getsockopt', constantly('SOL_SOCKET'), oneOf(constant('SO_ERROR'), constant('SO_LINGER'))),
    call(1, 'recv', bad),
    call(1, 'send', bad),
    // In Python a limit of more than 24 days wraps around, and nothing after it can be compared.
    call(
      1,
      'settimeout',
      bad.filter((value) => value !== 2 ** 31),
    ),
    call(1, 'connect', bad),
    call(1, 'listen', bad),
  );
}

function constantly(name: string): fc.Arbitrary<Value> {
  return fc.constant<Value>(constant(name));
}

const SOCKET_OPTIONS = ['SO_REUSEADDR', 'SO_KEEPALIVE', 'SO_TYPE', 'SO_DOMAIN', 'SO_PROTOCOL', 'SO_ACCEPTCONN'];
const TCP_OPTIONS = ['TCP_NODELAY', 'TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT'];
const IP_OPTIONS = { IPPROTO_IP: ['IP_TOS'], IPPROTO_IPV6: ['IPV6_V6ONLY', 'IPV6_TCLASS'] };

/** Every option that a kind of socket has here, by its level. Options to come are added here. */
const OPTIONS: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  tcp4: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_TCP: TCP_OPTIONS, IPPROTO_IP: IP_OPTIONS.IPPROTO_IP },
  tcp6: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_TCP: TCP_OPTIONS, IPPROTO_IPV6: IP_OPTIONS.IPPROTO_IPV6 },
  unix: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_TCP: TCP_OPTIONS },
  udp4: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_IP: IP_OPTIONS.IPPROTO_IP },
  udp6: { SOL_SOCKET: SOCKET_OPTIONS, IPPROTO_IPV6: IP_OPTIONS.IPPROTO_IPV6 },
};

/** The level and the name of an option. */
function option(kind: Kind): fc.Arbitrary<readonly Value[]> {
  const all = Object.entries(OPTIONS[kind]).flatMap(([level, names]) => names.map((name) => [level, name]));
  return fc.constantFrom(...all.map((pair) => pair.map(constant)));
}

function steps(kind: Kind): fc.Arbitrary<Step> {
  const accept: fc.Arbitrary<Step> = fc
    .tuple(place, place)
    .map(([on, into]) => ({ on, call: 'accept', args: [], into }));
  const make1 = fc.tuple(place, fc.constantFrom(kind)).map(([on, of]) => make(on, of));
  const onOne = fc.tuple(place, calls(kind)).map(([on, [name, ...args]]) => step(on, name, ...args));
  return fc.oneof(
    { weight: 40, arbitrary: onOne },
    { weight: 1, arbitrary: make1 },
    { weight: kind.startsWith('udp') ? 1 : 3, arbitrary: accept },
  );
}

/** Programs of one kind of socket. */
function programsOf(kind: Kind): fc.Arbitrary<Program> {
  const rest = fc.array(steps(kind), { minLength: 1, maxLength: 12, size: 'max' });
  return fc.tuple(beginnings[kind], rest).map(([first, then]) => [...first, ...then]);
}

/** Programs of all kinds. */
export const programs: fc.Arbitrary<Program> = fc.oneof(
  { weight: 4, arbitrary: programsOf('tcp4') },
  { weight: 1, arbitrary: programsOf('tcp6') },
  { weight: 3, arbitrary: programsOf('unix') },
  { weight: 3, arbitrary: programsOf('udp4') },
  { weight: 1, arbitrary: programsOf('udp6') },
);
