import { createHash } from 'node:crypto';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { hasKoffi } from '../support/koffi.ts';
import { connectedPair } from '../support/peer.ts';
import { SSLSocket } from '../../lib/ssl/index.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from './part.ts';
import { Chance } from './tasks/chance.ts';
import { secured } from './transport.ts';

/** Received memory that is kept, and looked at again after as many more reads. */

/** One result in so many is kept. */
const ONE_IN = 50;

/** What one send to a stream has; received in pieces of many sizes. */
const SENT = 100_000;

/** The longest datagram. */
const DATAGRAM = 1400;

/** So many datagrams come at once: such a flood is read in bulk. */
const FLOOD = 40;

type Pair = [from: Socket, to: Socket];

/** Streams, and sockets that keep messages apart. */
const STREAMS: Readonly<Record<string, () => Promise<Pair>>> = {
  TCP: () => connectedPair(),
  Unix: () => socket.socketpair(),
  TLS: async () => {
    const [client, server] = await connectedPair();
    return await Promise.all([secured(client, 'client'), secured(server, 'server')]);
  },
  ...(hasKoffi && { 'a stream of the kernel': async () => socket.socketpairSync() }),
};
const MESSAGES: Readonly<Record<string, () => Promise<Pair>>> = {
  UDP: async () => {
    const pair: Pair = [datagrams(), datagrams()];
    await pair[0].connect(pair[1].getsockname());
    return pair;
  },
  ...(hasKoffi && {
    'Unix datagrams': async () => socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM),
    SOCK_SEQPACKET: async () => socket.socketpairSync(socket.AF_UNIX, socket.SOCK_SEQPACKET),
  }),
};

function datagrams(): Socket {
  const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  one.bind(['127.0.0.1', 0]);
  return one;
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

export async function kept(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const rows: (string | number)[][] = [];
  for (const [name, make] of Object.entries({ ...STREAMS, ...MESSAGES }))
    rows.push([name, ...(await readsOf(name, await make(), extent, mistakes))]);
  return {
    head: ['', 'reads', 'results kept', 'bytes kept', 'changed'],
    rows,
    conditions: [`Seed ${extent.seed}; ${deadline.taken}; ${mistakes.count} mistakes`],
    mistakes: mistakes.shown,
  };
}

async function readsOf(name: string, [from, to]: Pair, { seed, runs }: Extent, mistakes: Mistakes): Promise<number[]> {
  const chance = new Chance(seed);
  const all: { readonly bytes: Uint8Array; readonly hash: string }[] = [];
  const sending =
    name in STREAMS
      ? pouring(from, 1, () => SENT, chance)
      : pouring(from, FLOOD, () => 1 + chance.upTo(DATAGRAM), chance);
  const file = name in STREAMS ? to.makefile('rb') : undefined;
  const reading = readingBy(to, file, chance);
  for (let read = 0; read < runs; read += 1) {
    const bytes = await reading();
    if (read % ONE_IN === 0) all.push({ bytes, hash: hashOf(bytes) });
  }
  for (let read = 0; read < runs; read += 1) await reading();
  await file?.close();
  to.close();
  await sending;
  from.close();
  const changed = all.filter(({ bytes, hash }) => hashOf(bytes) !== hash).length;
  if (changed > 0) mistakes.add(`${name}: ${changed} of ${all.length} results have changed`);
  return [2 * runs, all.length, all.reduce((sum, { bytes }) => sum + bytes.length, 0), changed];
}

/** Sends other bytes each time, so many blocks at once, until the peer has closed. */
async function pouring(one: Socket, blocks: number, length: () => number, chance: Chance): Promise<void> {
  const block = (): Buffer => Buffer.alloc(length(), Buffer.from(Array.from({ length: 97 }, () => chance.upTo(256))));
  try {
    for (;;) await Promise.all(Array.from({ length: blocks }, () => one.sendall(block())));
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
  }
}

/** Reads once, by one of the calls. */
function readingBy(one: Socket, file: socket.BufferedReader | undefined, chance: Chance): () => Promise<Uint8Array> {
  const ways: ((size: number) => Promise<Uint8Array>)[] = [
    (size) => one.recv(size),
    async (size) => {
      const memory = new Uint8Array(size);
      return memory.subarray(0, await one.recvInto(memory));
    },
  ];
  if (file !== undefined)
    ways.push(
      (size) => one.recvExactly(size),
      (size) => file.read(size),
    );
  // Python's sockets with TLS refuse them.
  if (!(one instanceof SSLSocket)) {
    ways.push(
      (size) => one.recv(size, socket.MSG_PEEK),
      async (size) => (await one.recvfrom(size))[0],
      async (size) => (await one.recvmsg(size))[0],
    );
  }
  return () => chance.among(ways)(1 + chance.upTo(chance.is(0.1) ? 70_000 : 3000));
}
