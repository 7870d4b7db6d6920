import { createHash } from 'node:crypto';
import * as socket from '../../lib/index.ts';
import type { Socket } from '../../lib/index.ts';
import { connectedPair } from '../support/peer.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from './part.ts';
import { Chance } from './tasks/chance.ts';
import { secured } from './transport.ts';

/** Received memory that is kept, and looked at again after many more reads. */

/** One result in so many is kept. */
const ONE_IN = 50;

/** What one send has; received in pieces of many sizes. */
const SENT = 100_000;

const PAIRS: Readonly<Record<string, () => Promise<[Socket, Socket]>>> = {
  TCP: () => connectedPair(),
  Unix: () => socket.socketpair(),
  TLS: async () => {
    const [client, server] = await connectedPair();
    return await Promise.all([secured(client, 'client'), secured(server, 'server')]);
  },
};

function hashOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

export async function kept(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const rows: (string | number)[][] = [];
  for (const [name, make] of Object.entries(PAIRS)) rows.push([name, ...(await readsOf(name, make, extent, mistakes))]);
  return {
    head: ['', 'reads', 'results kept', 'bytes kept', 'changed'],
    rows,
    conditions: [`Seed ${extent.seed}; ${deadline.taken}; ${mistakes.count} mistakes`],
    mistakes: mistakes.shown,
  };
}

async function readsOf(
  name: string,
  make: () => Promise<[Socket, Socket]>,
  { seed, runs }: Extent,
  mistakes: Mistakes,
): Promise<number[]> {
  const chance = new Chance(seed);
  const [from, to] = await make();
  const all: { readonly bytes: Uint8Array; readonly hash: string }[] = [];
  const sending = pouring(from, chance);
  for (let read = 0; read < runs; read += 1) {
    const bytes = await reading(to, chance);
    if (read % ONE_IN === 0) all.push({ bytes, hash: hashOf(bytes) });
  }
  to.close();
  await sending;
  from.close();
  const changed = all.filter(({ bytes, hash }) => hashOf(bytes) !== hash).length;
  if (changed > 0) mistakes.add(`${name}: ${changed} of ${all.length} results have changed`);
  return [runs, all.length, all.reduce((sum, { bytes }) => sum + bytes.length, 0), changed];
}

/** Sends other bytes each time, until the peer has closed. */
async function pouring(one: Socket, chance: Chance): Promise<void> {
  try {
    for (;;) await one.sendall(Buffer.alloc(SENT, Buffer.from(Array.from({ length: 97 }, () => chance.upTo(256)))));
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
  }
}

/** One result, by any of the calls. */
async function reading(one: Socket, chance: Chance): Promise<Uint8Array> {
  const size = 1 + chance.upTo(chance.is(0.1) ? 70_000 : 3000);
  const way = chance.upTo(4);
  if (way === 0) return await one.recvExactly(size);
  if (way === 1) {
    const memory = new Uint8Array(size);
    return memory.subarray(0, await one.recvInto(memory));
  }
  return await one.recv(size);
}
