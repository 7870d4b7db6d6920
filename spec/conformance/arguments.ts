import { make, step, type Kind } from './kinds.ts';
import type { Program, Step, Value } from './program.ts';

/**
 * Every method with every bad argument, on fresh, bound, listening, connected and closed sockets: short programs, the
 * same in each run.
 */

const BAD: readonly Value[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'x',
  [],
  { list: [] },
  { bytes: '' },
  { bytes: '00' },
  { number: 'nan' },
  { number: 'inf' },
  { number: '-inf' },
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 40,
];

const PORTS: readonly Value[] = [
  null,
  true,
  -1,
  1.5,
  '80',
  65536,
  2 ** 31,
  2 ** 40,
  { number: 'nan' },
  { bytes: '00' },
];
/** Hosts that need no name server: for other names, Python's error depends on whether a server answers. */
const HOSTS: readonly Value[] = [null, true, 1, 1.5, { bytes: '00' }, 'a\0b', [], '::1', { bytes: 'ff' }];

/** Values that are no addresses. */
const ADDRESSES: readonly Value[] = [
  ...BAD,
  [{ host: 4 }],
  [{ host: 4 }, 0, 0],
  { list: [] },
  ...PORTS.map((port): Value => [{ host: 4 }, port]),
  ...HOSTS.map((host): Value => [host, 0]),
];

const ADDRESSES6: readonly Value[] = [
  ...ADDRESSES,
  [{ host: 6 }, 0, 0, 0, 0],
  ...PORTS.map((port): Value => [{ host: 6 }, port]),
  ...[null, -1, 1.5, 2 ** 20, 'x'].map((flowinfo): Value => [{ host: 6 }, 0, flowinfo]),
  ...[null, -1, 1.5, 2 ** 32, 'x'].map((scopeid): Value => [{ host: 6 }, 0, 0, scopeid]),
];

/** Paths that bind() cannot make in the current folder. */
const PATHS: readonly Value[] = [
  ...BAD.filter((value) => value !== 'x'),
  { path: 'a\0b' },
  { path: 'no/folder' },
  'a'.repeat(108),
  'a'.repeat(200),
  [{ path: 'a' }],
];

const ONE: Value = { fill: 1 };
const ROOM: Value = { room: 4 };

/** The arguments of a call; `undefined` stands for each one that a bad value replaces. */
type Shape = readonly (Value | undefined | readonly [undefined])[];

const FILE: Value = { file: 1 };
const keyword = (name: string, value: Value): Value => ({ keywords: { encoding: 'utf-8', [name]: value } });

/** Good and bad arguments of `makefile()`. */
const FILE_KEYWORDS = [
  // Without large sizes: Python would allocate such a buffer.
  ...BAD.filter((value) => !(Number(value) > 1e6)).map((value) => keyword('buffering', value)),
  ...[...BAD, '\n', '\r', '\r\n', 'a', '\n\n'].map((value) => keyword('newline', value)),
  ...[...BAD, 'nope', 'latin-1', 'UTF8'].map((value) => keyword('encoding', value)),
  ...['strict', 'nope', 1].map((value) => keyword('errors', value)),
];

const SHAPES: Readonly<Record<string, readonly Shape[]>> = {
  accept: [[]],
  close: [[]],
  family: [[]],
  fileno: [[]],
  getblocking: [[]],
  getpeername: [[]],
  getsockname: [[]],
  gettimeout: [[]],
  makefile: [
    [],
    [undefined],
    ...['r', 'w', 'rb', 'rwb'].flatMap((mode) => FILE_KEYWORDS.map((one): Shape => [mode, one])),
  ],
  proto: [[]],
  sendfile: [
    [FILE, undefined],
    [FILE, 0, undefined],
  ],
  setblocking: [[undefined]],
  timeout: [[]],
  type: [[]],
  recv: [[], [undefined], [1, undefined]],
  recv_into: [[], [undefined], [ROOM, undefined], [ROOM, 0, undefined], [ROOM, 5], [{ room: 0 }]],
  recvfrom: [[], [undefined], [1, undefined]],
  recvfrom_into: [[], [undefined], [ROOM, undefined], [ROOM, 0, undefined], [ROOM, 5]],
  recvmsg: [[], [undefined], [1, undefined], [1, 0, undefined]],
  recvmsg_into: [[], [undefined], [[undefined]], [[ROOM], undefined], [[ROOM], 0, undefined]],
  send: [[], [undefined], [ONE, undefined]],
  sendall: [[], [undefined], [ONE, undefined]],
  sendto: [[], [ONE], [undefined, { address: 0 }], [ONE, undefined, { address: 0 }]],
  sendmsg: [[], [undefined], [[undefined]], [[ONE], undefined], [[ONE], [], undefined]],
  shutdown: [[], [undefined]],
  listen: [[undefined]],
  settimeout: [[], [undefined]],
  setsockopt: [
    [],
    [{ name: 'SOL_SOCKET' }],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_KEEPALIVE' }],
    [undefined, { name: 'SO_KEEPALIVE' }, 1],
    [{ name: 'SOL_SOCKET' }, undefined, 1],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_KEEPALIVE' }, undefined],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_LINGER' }, undefined],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_KEEPALIVE' }, null, undefined],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_KEEPALIVE' }, 1, undefined],
  ],
  getsockopt: [
    [],
    [{ name: 'SOL_SOCKET' }],
    [undefined, { name: 'SO_KEEPALIVE' }],
    [{ name: 'SOL_SOCKET' }, undefined],
    [{ name: 'SOL_SOCKET' }, { name: 'SO_KEEPALIVE' }, undefined],
  ],
};

const ADDRESSED: Readonly<Record<string, readonly Shape[]>> = {
  bind: [[], [undefined]],
  connect: [[], [undefined]],
  connect_ex: [[], [undefined]],
  sendto: [
    [ONE, undefined],
    [ONE, 0, undefined],
  ],
  sendmsg: [[[ONE], [], 0, undefined]],
};

const ADDRESSES_OF: Readonly<Record<Kind, readonly Value[]>> = {
  tcp4: ADDRESSES,
  tcp6: ADDRESSES6,
  unix: PATHS,
  unixdgram: PATHS,
  seqpacket: PATHS,
  udp4: ADDRESSES,
  udp6: ADDRESSES6,
};

/** Replaces `undefined` in a list of arguments by a value. */
function filled(shape: Shape, value: Value): Value[] {
  return shape.map((part) => (part === undefined ? value : isOpenList(part) ? [value] : part));
}

function isOpenList(part: Shape[number]): part is readonly [undefined] {
  return Array.isArray(part) && part.length === 1 && part[0] === undefined;
}

/**
 * Values that are left out: sizes for which Python would allocate memory, and read-only bytes, which JavaScript lacks.
 */
function isBeyond(call: string, shape: Shape, value: Value): boolean {
  if (call.endsWith('_into') && typeof value === 'object' && value !== null && 'bytes' in value) return true;
  const isSize = shape.length < (call === 'recvmsg' ? 3 : 2) && ['recv', 'recvfrom', 'recvmsg'].includes(call);
  return isSize && typeof value === 'number' && value > 1e6;
}

function callsOf(shapes: typeof SHAPES, values: readonly Value[]): Step[] {
  return Object.entries(shapes).flatMap(([call, lists]) =>
    lists.flatMap((shape) =>
      values
        .slice(0, shape.some((part) => part === undefined || isOpenList(part)) ? undefined : 1)
        .filter((value) => !isBeyond(call, shape, value))
        .map((value) => ({ on: 0, call, args: filled(shape, value), ...(call === 'makefile' ? { into: 1 } : {}) })),
    ),
  );
}

/** The methods and attributes whose arguments are tried. */
export const TRIED = [...Object.keys(SHAPES), ...Object.keys(ADDRESSED)];

/** The number of calls in a program, each on a socket of its own. */
const CALLS = 20;

/** All programs of a kind of socket: each makes a socket in some state, and one call, again and again. */
export function argumentPrograms(kind: Kind): Program[] {
  const fresh = make(0, kind);
  const calls = [...callsOf(SHAPES, BAD), ...callsOf(ADDRESSED, ADDRESSES_OF[kind])];
  return inPrograms(
    calls.flatMap((call) => [fresh, step(0, 'settimeout', 0), call, fresh, step(0, 'close'), call]),
    6 * CALLS,
  );
}

function inPrograms(steps: readonly Step[], length: number): Program[] {
  const count = Math.ceil(steps.length / length);
  return Array.from({ length: count }, (_, index) => steps.slice(index * length, (index + 1) * length));
}

/** Calls that make a socket of a kind that does not exist. */
export function makingPrograms(): Program[] {
  const families: readonly Value[] = [...BAD, { name: 'AF_INET' }, { name: 'AF_INET6' }, { name: 'AF_UNIX' }, 99];
  const types: readonly Value[] = [...BAD, { name: 'SOCK_STREAM' }, { name: 'SOCK_DGRAM' }, { name: 'SOCK_RDM' }, 99];
  const protos: readonly Value[] = [...BAD, 6, 17, 41, 99];
  const triples = families.flatMap((family) => types.flatMap((type) => protos.map((proto) => [family, type, proto])));
  const steps = triples.map((args): Step => ({ on: 0, call: 'socket', args }));
  return inPrograms(steps, 6 * CALLS);
}
