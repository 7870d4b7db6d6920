import * as socket from '../../../lib/index.ts';
import type { Socket } from '../../../lib/index.ts';
import { connectedPair, listening } from '../../support/peer.ts';
import { figures, growth, megabytes } from '../figures.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from '../part.ts';
import { secured } from '../transport.ts';
import { DatagramProgram } from './datagrams.ts';
import { ListenerProgram } from './listeners.ts';
import { StreamProgram } from './streams.ts';

/** Random programs of concurrent tasks on one socket. */

/** How many programs run at a time. */
const WORKERS = 4;

/** After so many seconds a program hangs: one of its calls does not settle. */
const PATIENCE = 60;

/** The part of all calls that warms up. */
const WARM_UP = 0.1;

/** What a program has done. */
interface Ran {
  readonly calls: number;
  readonly mistakes: readonly string[];
}

async function tlsPair(): Promise<[Socket, Socket]> {
  const [client, server] = await connectedPair();
  return await Promise.all([secured(client, 'client'), secured(server, 'server')]);
}

async function udpPair(): Promise<[Socket, Socket]> {
  const pair = [0, 0].map(() => {
    const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    one.bind(['127.0.0.1', 0]);
    return one;
  });
  const [one, other] = pair;
  if (one === undefined || other === undefined) throw new RangeError('there are two');
  await Promise.all([one.connect(other.getsockname()), other.connect(one.getsockname())]);
  return [one, other];
}

async function ran(
  program: { readonly calls: number; readonly mistakes: readonly string[] },
  running: Promise<void>,
): Promise<Ran> {
  await running;
  return program;
}

const streams =
  (make: () => Promise<[Socket, Socket]>, hasFlags = true) =>
  async (seed: number): Promise<Ran> => {
    const program = new StreamProgram(seed, hasFlags);
    return await ran(program, program.run(await make()));
  };

/** The programs by the kind of their sockets. */
const KINDS: Readonly<Record<string, (seed: number) => Promise<Ran>>> = {
  TCP: streams(() => connectedPair()),
  Unix: streams(() => socket.socketpair()),
  TLS: streams(tlsPair, false),
  UDP: async (seed) => {
    const program = new DatagramProgram(seed);
    return await ran(program, program.run(await udpPair()));
  },
  listener: async (seed) => {
    const program = new ListenerProgram(seed);
    return await ran(program, program.run(listening()));
  },
};

const NAMES = Object.keys(KINDS);

export async function tasks(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const counts = new Map(NAMES.map((name) => [name, { programs: 0, calls: 0, milliseconds: 0 }]));
  let calls = 0;
  let next = extent.seed;
  const work = async (most: number): Promise<void> => {
    while (calls < most && !deadline.isOver && !mistakes.isFull) {
      const seed = next++;
      const name = NAMES[seed % NAMES.length] ?? '';
      const started = performance.now();
      try {
        const made = await settling(KINDS[name]?.(seed));
        for (const text of made.mistakes) mistakes.add(`seed ${seed} (${name}): ${text}`);
        calls += made.calls;
        const count = counts.get(name);
        if (count === undefined) continue;
        count.programs += 1;
        count.calls += made.calls;
        count.milliseconds = Math.max(count.milliseconds, Math.ceil(performance.now() - started));
      } catch (error) {
        mistakes.add(`seed ${seed} (${name}): ${String(error)}`);
      }
    }
  };
  const all = async (most: number): Promise<void> => {
    await Promise.all(Array.from({ length: WORKERS }, () => work(most)));
  };
  await all(extent.runs * WARM_UP);
  const first = await figures();
  await all(extent.runs);
  const last = await figures();
  for (const text of growth(first, last, 'the process', next - extent.seed)) mistakes.add(text);
  return {
    head: ['sockets', 'programs', 'calls', 'longest program'],
    rows: [...counts].map(([name, count]) => [name, count.programs, count.calls, `${count.milliseconds} ms`]),
    conditions: [
      `Seeds from ${extent.seed} on; ${calls.toLocaleString('en-US')} calls; ${deadline.taken}; ${mistakes.count} mistakes`,
      `Held after the first tenth and at the end: ${megabytes(first.rss, last.rss)}, ${first.descriptors} → ${last.descriptors} descriptors, ${first.handles} → ${last.handles} handles`,
    ],
    mistakes: mistakes.shown,
  };
}

/** A program that has to end in its time. */
async function settling(running: Promise<Ran> | undefined): Promise<Ran> {
  if (running === undefined) throw new TypeError('no such program');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('a call does not settle')), PATIENCE * 1000);
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
