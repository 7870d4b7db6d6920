import fc from 'fast-check';
import { fileSteps, filesOf } from './file-steps.ts';
import {
  connects,
  constant,
  isDatagrams,
  isUnix,
  kindsHere,
  listens,
  make,
  makePair,
  ownAddress,
  place,
  step,
  type Kind,
} from './kinds.ts';
import { hasKoffi } from '../support/koffi.ts';
import { GROUP4, GROUP6 } from './option-steps.ts';
import type { Manner, Program, Step, Value } from './program.ts';
import { calls } from './steps.ts';

/** The beginnings of programs, which give their steps sockets to work on. */
function beginnings(kind: Kind): fc.Arbitrary<Program> {
  if (kind === 'unixdgram') return ofUnixDatagrams(kind);
  return isDatagrams(kind) ? ofDatagrams(kind) : ofStreams(kind);
}

function ofStreams(kind: Kind): fc.Arbitrary<Program> {
  const limits = fc
    .constantFrom(null, null, 0, 0, 3600.25, 0.0505)
    .map((limit): Program => (limit === null ? [] : [step(1, 'settimeout', limit), step(2, 'settimeout', limit)]));
  const ready = limits.map((limit) => [...connects(kind), step(0, 'close'), ...limit]);
  return fc.oneof(
    { weight: 6, arbitrary: ready },
    { weight: 1, arbitrary: fc.constant<Program>(connects(kind)) },
    { weight: 1, arbitrary: fc.constant<Program>([...listens(kind), make(1, kind)]) },
    { weight: 1, arbitrary: fc.constant<Program>([make(0, kind), make(1, kind)]) },
    { weight: kind === 'tcp4' ? 2 : 0, arbitrary: limits.map((limit) => [...connectsByName(kind), ...limit]) },
    {
      weight: hasKoffi && isUnix(kind) ? 2 : 0,
      arbitrary: limits.map((limit) => [makePair(1, 2, kind), ...limit]),
    },
  );
}

/** A connection in which both ends use the name of this machine. */
const connectsByName = (kind: Kind): Program => [
  make(0, kind),
  step(0, 'bind', ['localhost', 0]),
  step(0, 'listen'),
  make(1, kind),
  step(1, 'settimeout', 2),
  step(1, 'connect', { named: 0 }),
  { on: 0, call: 'accept', args: [], into: 2 },
];

function ofUnixDatagrams(kind: Kind): fc.Arbitrary<Program> {
  const two: Program = [make(0, kind), step(0, 'bind', ownAddress(kind)), make(1, kind)];
  const both: Program = [...two, step(1, 'bind', ownAddress(kind, 'b'))];
  const connected: Program = [...two, step(1, 'connect', { address: 0 })];
  const pair: Program = [makePair(0, 1, kind)];
  return fc.constantFrom<Program>(
    ...[two, both, connected, pair].flatMap((first) => [first, [...first, step(0, 'settimeout', 0)]]),
    [...both, step(1, 'connect', { address: 0 }), step(0, 'connect', { address: 1 })],
    [make(0, kind), step(0, 'bind', ''), make(1, kind)],
  );
}

function ofDatagrams(kind: Kind): fc.Arbitrary<Program> {
  const two: Program = [make(0, kind), step(0, 'bind', ownAddress(kind)), make(1, kind)];
  const inFour = kind === 'udp4';
  const level = constant(inFour ? 'IPPROTO_IP' : 'IPPROTO_IPV6');
  const member: Program = [
    make(0, kind),
    step(0, 'settimeout', 0),
    step(0, 'bind', ['', 0]),
    step(0, 'setsockopt', level, constant(inFour ? 'IP_ADD_MEMBERSHIP' : 'IPV6_JOIN_GROUP'), inFour ? GROUP4 : GROUP6),
    make(1, kind),
    step(1, 'setsockopt', level, constant(inFour ? 'IP_MULTICAST_IF' : 'IPV6_MULTICAST_IF'), inFour ? HOST4 : 1),
  ];
  return fc.constantFrom<Program>(
    [...two, step(1, 'connect', { address: 0 })],
    [...two, step(1, 'bind', ownAddress(kind))],
    [...two, step(1, 'connect', { address: 0 }), step(0, 'connect', { address: 1 }), step(0, 'settimeout', 0)],
    [...two, step(0, 'settimeout', 0)],
    [make(0, kind)],
    ...(inFour ? [[make(0, kind), step(0, 'bind', ['localhost', 0]), make(1, kind)]] : []),
    member,
    [...member, step(1, 'sendto', { fill: 3 }, { group: [inFour ? 4 : 6, 0] })],
  );
}

/** 127.0.0.1, as an address of an interface. */
const HOST4: Value = { bytes: '7f000001' };

/** Much data from one end of a connection to the other, with both ends at work. */
function exchanges(): fc.Arbitrary<Step> {
  return fc
    .record({
      on: fc.constantFrom(1, 2),
      how: fc.constantFrom('send', 'sendall', 'sendmsg', 'sendfile'),
      size: fc.constantFrom(65_536, 200_000, 1 << 20),
      receives: fc.constantFrom('recv', 'recv_into', 'recvfrom', 'recvmsg', 'MSG_WAITALL'),
      part: fc.constantFrom(4096, 50_000, 1 << 20),
    })
    .map(({ on, how, size, receives, part }) => ({
      on,
      call: 'exchange',
      args: [how, size, receives, part],
      into: 3 - on,
    }));
}

/** Some calls do not use the default manner: a Buffer, a signal of their own, and six turns after them. */
const manner: fc.Arbitrary<Manner> = fc.record(
  {
    options: fc.constantFrom('none', 'empty', 'null', 'own', 'shared'),
    early: fc.boolean(),
    turns: fc.constantFrom(0, 0, 1, 2),
    memory: fc.constantFrom('pool', 'view', 'words', 'data', 'arraybuffer', 'shared', 'resizable'),
    transfers: fc.boolean(),
  },
  { requiredKeys: [] },
);

const inSomeManner = (arbitrary: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc.tuple(arbitrary, fc.option(manner, { nil: undefined })).map(([one, ours]) => {
    return ours === undefined || Object.keys(ours).length === 0 ? one : { ...one, ours };
  });

function steps(kind: Kind): fc.Arbitrary<Step> {
  const accept: fc.Arbitrary<Step> = fc
    .tuple(place, place)
    .map(([on, into]) => ({ on, call: 'accept', args: [], into }));
  const make1 = place.map((on) => make(on, kind));
  const copies: fc.Arbitrary<Step> = fc
    .tuple(place, fc.constantFrom('dup', 'dup', 'detach', 'fromfd'), place)
    .map(([on, how, into]) => ({ on, call: how, args: [], into }));
  const pairs = fc.tuple(place, place).map(([on, into]) => makePair(on, into, kind));
  const onOne = fc.tuple(place, calls(kind)).map(([on, [name, ...args]]) => step(on, name, ...args));
  const one = fc.oneof(
    { weight: 40, arbitrary: onOne },
    { weight: 1, arbitrary: make1 },
    { weight: isDatagrams(kind) ? 1 : 3, arbitrary: accept },
    { weight: isDatagrams(kind) || kind === 'seqpacket' ? 0 : 1, arbitrary: exchanges() },
    { weight: hasKoffi ? 2 : 0, arbitrary: copies },
    { weight: hasKoffi && isUnix(kind) ? 1 : 0, arbitrary: pairs },
  );
  return inSomeManner(one);
}

/** Programs of one kind of socket. */
function programsOf(kind: Kind): fc.Arbitrary<Program> {
  const rest = fc.array(steps(kind), { minLength: 1, maxLength: 12, size: 'max' });
  return fc.tuple(beginnings(kind), rest).map(([first, then]) => settled([...first, ...then]));
}

/**
 * Leaves out exchanges after a shutdown(): whether bytes that come after SHUT_RD have arrived already is chance.
 */
function settled(program: Program): Program {
  const shut = program.findIndex(({ call }) => call === 'shutdown');
  return program.filter(({ call }, at) => call !== 'exchange' || shut === -1 || at < shut);
}

/** Programs of files of one kind of socket, mixed with other calls. */
function filePrograms(kind: Kind): fc.Arbitrary<Program> {
  const one = fc.oneof({ weight: 6, arbitrary: inSomeManner(fileSteps) }, { weight: 1, arbitrary: steps(kind) });
  const rest = fc.array(one, { minLength: 1, maxLength: 12, size: 'max' });
  return fc.tuple(filesOf(kind), rest).map(([first, then]) => settled([...first, ...then]));
}

/** The weight of each kind. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  tcp4: 4,
  tcp6: 1,
  unix: 3,
  udp4: 3,
  udp6: 1,
  unixdgram: 3,
  seqpacket: 2,
};

/** Programs of all kinds that this machine has. */
export const programs: fc.Arbitrary<Program> = fc.oneof(
  ...kindsHere.map((kind) => ({ weight: WEIGHTS[kind], arbitrary: programsOf(kind) })),
  { weight: 2, arbitrary: filePrograms('tcp4') },
  { weight: 1, arbitrary: filePrograms('unix') },
);
