import type { ClientTask, ServerTask, Settings } from './tasks.ts';

/** A measurement: an exchange, and which side of it the contenders take. */
export interface Row {
  /** Its name on the command line. */
  readonly name: string;
  /** The table and the chart that it belongs to. */
  readonly group: Group;
  /** Its name in the table. */
  readonly title: string;
  readonly client: ClientTask;
  readonly server: ServerTask;
  /** The side that the contenders take in turn. */
  readonly contender: 'client' | 'server';
  /** The contenders for the other side: the first one that this machine has takes it. */
  readonly peers: readonly ContenderName[];
  readonly unit: Unit;
  readonly settings: Settings;
  /** The settings in which the plain code differs from the contenders. */
  readonly plain?: Partial<Settings>;
  /** The most rounds, for a row whose rounds take long. */
  readonly rounds?: number;
  /** The length of the warm-up, in turns: longer where an operation is slow. */
  readonly warmUp?: number;
  /** The least seconds of a turn, for a row in which many connections are served in turn. */
  readonly seconds?: number;
  /** Whether the contender and the other side have a processor each. */
  readonly apart?: true;
  /** Whether it runs over a Unix path, not over TCP. */
  readonly unix?: true;
  /** What the ratio compares; by default the processor time of both sides. */
  readonly by?: Measure;
  /** Each turn is the first of a fresh process, and this many operations long. */
  readonly coldTimes?: number;
  /** Each turn is the whole life of a program. */
  readonly isProgram?: true;
}

/** What a ratio compares: the processor time of both sides or of the contender's process, or the time on the clock. */
export type Measure = 'both' | 'own' | 'clock';

/** The tables, in their order, with what stands above them. */
export const groups = {
  streams: 'One connection',
  connections: 'Connections',
  cold: 'The first moments of a process',
  datagrams: 'Datagrams',
  tls: 'Over TLS',
} as const;

export type Group = keyof typeof groups;

/** The unit: operations, or bytes. */
export type Unit = 'operations' | 'bytes';

export const contenderNames = [
  'data',
  'onread',
  'for-await',
  'promise-socket',
  'await-socket',
  'await-socket-documented-path',
  'python-blocking',
  'python-asyncio',
  'deno',
  'bun',
] as const;

export type ContenderName = (typeof contenderNames)[number];

/** A contender, or the library of an earlier commit. */
export type Contestant = ContenderName | 'before';

/** Other runtimes, which npx fetches where they are asked for. */
export const runtimeNames = ['deno', 'bun'] as const;

export type RuntimeName = (typeof runtimeNames)[number];

export function isRuntime(name: ContenderName): name is RuntimeName {
  return runtimeNames.some((runtime) => runtime === name);
}

/** Blocking Python costs least, and so hides least of the contenders' cost. */
const fastest: readonly ContenderName[] = ['python-blocking', 'data'];

const ordinary: Settings = { size: 64, connections: 1, way: 'plain', connected: false };
const large = 65_536;
const small = 1024;

const pingPong = {
  group: 'streams',
  client: 'echo',
  server: 'echo',
  peers: fastest,
  unit: 'operations',
  settings: ordinary,
} as const;
const receiving = {
  group: 'streams',
  client: 'receive',
  server: 'source',
  contender: 'client',
  peers: fastest,
  unit: 'bytes',
} as const;
const sending = {
  group: 'streams',
  client: 'send',
  server: 'sink',
  contender: 'client',
  peers: fastest,
  unit: 'bytes',
} as const;

const crowd = {
  group: 'connections',
  client: 'crowd',
  server: 'echo',
  contender: 'server',
  peers: ['onread'],
  unit: 'operations',
} as const;
const visiting = {
  group: 'connections',
  server: 'accept',
  peers: fastest,
  unit: 'operations',
  settings: ordinary,
} as const;
const datagrams = { group: 'datagrams', peers: fastest, unit: 'operations' } as const;
const datagramEcho = { ...datagrams, client: 'datagram-echo', server: 'datagram-echo', contender: 'client' } as const;
const datagramSend = { ...datagrams, client: 'datagram-send', server: 'datagram-hole', contender: 'client' } as const;
const datagramBurst = {
  ...datagrams,
  client: 'datagram-burst',
  server: 'datagram-burst',
  contender: 'server',
} as const;
const connected: Settings = { ...ordinary, connected: true };

const tls = {
  group: 'tls',
  contender: 'client',
  peers: ['data'],
  unit: 'operations',
  settings: ordinary,
} as const;

export const rows: readonly Row[] = [
  { ...pingPong, name: 'ping-pong-client', title: 'ping-pong, client', contender: 'client' },
  { ...pingPong, name: 'ping-pong-server', title: 'ping-pong, server', contender: 'server' },
  {
    ...pingPong,
    name: 'ping-pong-into',
    title: 'ping-pong, `recvInto`',
    contender: 'client',
    settings: { ...ordinary, way: 'into' },
  },
  { ...receiving, name: 'recv-64k', title: '`recv(65536)`', settings: { ...ordinary, size: large } },
  {
    ...receiving,
    name: 'recv-into-64k',
    title: '`recvInto` 64 KiB',
    settings: { ...ordinary, size: large, way: 'into' },
  },
  { ...receiving, name: 'recv-1k', title: '`recv(1024)`', settings: { ...ordinary, size: small } },
  {
    ...receiving,
    name: 'readline',
    title: '`readline`',
    client: 'readline',
    unit: 'operations',
    settings: { ...ordinary, size: large },
  },
  {
    ...receiving,
    name: 'recv-line',
    title: '`recvLine`',
    client: 'recv-line',
    unit: 'operations',
    settings: { ...ordinary, size: large },
  },
  {
    ...receiving,
    name: 'readline-bytes',
    title: "`readline` of `makefile('rb')`",
    client: 'recv-line',
    unit: 'operations',
    settings: { ...ordinary, size: large, way: 'file' },
  },
  { ...sending, name: 'send-64k', title: '`sendall` 64 KiB', settings: { ...ordinary, size: large } },
  { ...sending, name: 'send-1k', title: '`sendall` 1 KiB', settings: { ...ordinary, size: small } },
  {
    ...sending,
    name: 'write-1k',
    title: "1 KiB through `makefile('wb')`",
    settings: { ...ordinary, size: small, way: 'file' },
  },
  {
    ...sending,
    name: 'write-1k-large',
    title: "1 KiB through a `makefile('wb')` of 128 KiB",
    settings: { ...ordinary, size: small, way: 'large file' },
  },
  {
    ...receiving,
    name: 'duplex-recv-64k',
    title: '64 KiB out of `toDuplex()`',
    settings: { ...ordinary, size: large, way: 'stream' },
  },
  {
    ...sending,
    name: 'duplex-send-64k',
    title: '64 KiB into `toDuplex()`',
    settings: { ...ordinary, size: large, way: 'stream' },
  },
  { ...pingPong, name: 'unix-ping-pong', title: 'Unix ping-pong', contender: 'client', unix: true },
  {
    ...crowd,
    name: 'crowd-1000',
    title: '1,000 connections',
    settings: { ...ordinary, connections: 1000 },
    rounds: 7,
    seconds: 0.5,
  },
  {
    ...pingPong,
    group: 'connections',
    name: 'selector-ping-pong',
    title: 'ping-pong, server with a selector',
    contender: 'server',
    settings: { ...ordinary, way: 'selector' },
  },
  {
    ...crowd,
    name: 'selector-1000',
    title: '1,000 connections, one selector',
    settings: { ...ordinary, connections: 1000, way: 'selector' },
    rounds: 7,
    seconds: 0.5,
  },
  {
    ...crowd,
    name: 'crowd-5000',
    title: '5,000 connections',
    settings: { ...ordinary, connections: 5000 },
    rounds: 4,
    seconds: 1,
  },
  {
    ...crowd,
    name: 'rush-10000',
    title: '10,000 connections at once',
    client: 'rush',
    settings: { ...ordinary, connections: 10_000 },
    rounds: 6,
    apart: true,
  },
  { ...visiting, name: 'connect', title: '`connect`', client: 'connect', contender: 'client' },
  { ...visiting, name: 'accept', title: '`accept`', client: 'visit', contender: 'server' },
  {
    ...pingPong,
    group: 'connections',
    name: 'first-byte',
    title: 'first byte of `createConnection`',
    client: 'first-byte',
    contender: 'client',
    // V8 still compiles after the usual warm-up (seen with perf), and does so only for the library.
    warmUp: 100,
  },
  {
    ...pingPong,
    group: 'cold',
    name: 'cold-ping-pong',
    title: 'the first 20,000 round trips',
    contender: 'client',
    by: 'own',
    coldTimes: 20_000,
    rounds: 9,
  },
  {
    ...pingPong,
    group: 'cold',
    name: 'cold-server',
    title: 'the first 1,000 connections of a server',
    client: 'first-byte',
    contender: 'server',
    by: 'own',
    coldTimes: 1000,
    rounds: 9,
  },
  {
    ...pingPong,
    group: 'cold',
    name: 'cold-client',
    title: 'the first 1,000 connections of a client',
    client: 'connect',
    server: 'accept',
    contender: 'client',
    by: 'own',
    coldTimes: 1000,
    rounds: 9,
  },
  {
    ...datagramEcho,
    group: 'cold',
    name: 'cold-udp-ping-pong',
    title: 'the first 20,000 round trips over UDP',
    settings: ordinary,
    by: 'own',
    coldTimes: 20_000,
    rounds: 9,
  },
  {
    ...visiting,
    group: 'cold',
    name: 'start',
    title: 'a program that connects and exits',
    client: 'connect',
    contender: 'client',
    by: 'clock',
    isProgram: true,
  },
  { ...datagramEcho, name: 'udp-ping-pong', title: 'UDP ping-pong', settings: ordinary },
  {
    ...datagramEcho,
    name: 'udp-ping-pong-connected',
    title: 'UDP ping-pong, connected (the plain code is not)',
    settings: connected,
    plain: { connected: false },
  },
  { ...datagramSend, name: 'udp-send', title: 'UDP send', settings: ordinary },
  { ...datagramSend, name: 'udp-send-connected', title: 'UDP send, connected', settings: connected },
  { ...datagramBurst, name: 'udp-receive', title: 'UDP receive', settings: ordinary },
  { ...datagramBurst, name: 'udp-flood', title: 'UDP flood', settings: ordinary, by: 'own' },
  {
    ...datagramBurst,
    name: 'udp-flood-segments',
    title: 'UDP flood, sent by `UDP_SEGMENT`',
    settings: { ...ordinary, way: 'segments' },
    by: 'own',
  },
  {
    ...datagramSend,
    name: 'udp-send-many',
    title: 'UDP sends, many at once',
    client: 'datagram-send-many',
    settings: ordinary,
    by: 'own',
  },
  { ...datagramBurst, name: 'udp-receive-connected', title: 'UDP receive, connected', settings: connected },
  { ...tls, name: 'tls-ping-pong', title: 'TLS ping-pong', client: 'tls-echo', server: 'tls-echo' },
  {
    ...tls,
    name: 'tls-recv-64k',
    title: '`recv(65536)` over TLS',
    client: 'tls-receive',
    server: 'tls-source',
    unit: 'bytes',
    settings: { ...ordinary, size: large },
  },
  {
    ...tls,
    name: 'tls-send-64k',
    title: '`sendall` 64 KiB over TLS',
    client: 'tls-send',
    server: 'tls-sink',
    unit: 'bytes',
    settings: { ...ordinary, size: large },
  },
  {
    ...tls,
    name: 'tls-handshake-client',
    title: 'handshakes of a client',
    client: 'tls-connect',
    server: 'tls-accept',
    // A context is made in each turn.
    seconds: 0.5,
    rounds: 9,
  },
  {
    ...tls,
    name: 'tls-handshake-server',
    title: 'handshakes of a server',
    client: 'tls-visit',
    server: 'tls-accept',
    contender: 'server',
    seconds: 0.5,
    rounds: 9,
  },
];
