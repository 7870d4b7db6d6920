import fc from 'fast-check';
import { hasKoffi } from '../support/koffi.ts';
import { hasIPv6 } from '../support/network.ts';
import type { Program, Step, Value } from './program.ts';

/** The kinds of sockets. */
const KINDS = {
  tcp4: [{ name: 'AF_INET' }, { name: 'SOCK_STREAM' }],
  tcp6: [{ name: 'AF_INET6' }, { name: 'SOCK_STREAM' }],
  unix: [{ name: 'AF_UNIX' }, { name: 'SOCK_STREAM' }],
  udp4: [{ name: 'AF_INET' }, { name: 'SOCK_DGRAM' }],
  udp6: [{ name: 'AF_INET6' }, { name: 'SOCK_DGRAM' }],
  unixdgram: [{ name: 'AF_UNIX' }, { name: 'SOCK_DGRAM' }],
  seqpacket: [{ name: 'AF_UNIX' }, { name: 'SOCK_SEQPACKET' }],
} as const satisfies Record<string, readonly Value[]>;

export type Kind = keyof typeof KINDS;

/** Those that only the kernel makes. */
const KERNEL_KINDS: readonly Kind[] = ['unixdgram', 'seqpacket'];

/** Those that this machine has. */
export const kindsHere = (Object.keys(KINDS) as Kind[]).filter(
  (kind) => (hasIPv6 || !kind.endsWith('6')) && (hasKoffi || !KERNEL_KINDS.includes(kind)),
);

export const isDatagrams = (kind: Kind): boolean => kind.startsWith('udp') || kind === 'unixdgram';
export const isUnix = (kind: Kind): boolean => kind === 'unix' || KERNEL_KINDS.includes(kind);

export const step = (on: number, call: string, ...args: Value[]): Step => ({ on, call, args });
export const make = (on: number, kind: Kind): Step => step(on, 'socket', ...KINDS[kind]);
/** Two sockets that are connected to each other; here without waiting. */
export const makePair = (on: number, into: number, kind: Kind): Step => ({
  on,
  call: 'socketpair',
  args: KINDS[kind],
  into,
});
export const constant = (name: string): Value => ({ name });
export const oneOf = (...values: readonly Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);
export const constantly = (name: string): fc.Arbitrary<Value> => oneOf(constant(name));

/** A call with its arguments, and how often it is made. */
export interface Weighted<T> {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<T>;
}

/** A call without the place that it is made on. */
export type Call = readonly [name: string, ...args: readonly Value[]];

export const call = (weight: number, name: string, ...args: readonly fc.Arbitrary<Value>[]): Weighted<Call> => ({
  weight,
  arbitrary: fc.tuple(...args).map((values): Call => [name, ...values]),
});

/** The places of sockets, and after them those of their files: one for text, one for bytes. */
const PLACES = 4;
export const place = fc.integer({ min: 0, max: PLACES - 1 });
export const TEXT_FILE = PLACES;
export const BYTES_FILE = PLACES + 1;

/** An address that is to be bound. */
export function ownAddress(kind: Kind, path = 'a'): Value {
  if (isUnix(kind)) return { path };
  return [{ host: kind.endsWith('6') ? 6 : 4 }, 0];
}

export const listens = (kind: Kind): Program => [make(0, kind), step(0, 'bind', ownAddress(kind)), step(0, 'listen')];

/** A listener, and the two ends of a connection. */
export const connects = (kind: Kind): Program => [
  ...listens(kind),
  make(1, kind),
  step(1, 'connect', { address: 0 }),
  { on: 0, call: 'accept', args: [], into: 2 },
];
