import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { serve } from '../../lib/serve/index.ts';
import type { Socket } from '../../lib/index.ts';
import { portOf } from '../support/peer.ts';
import { figures, growth, leakedDescriptors, megabytes, type Figures } from './figures.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from './part.ts';
import { start } from './start.ts';
import { listener, nameOf, TRANSPORTS, type Transport } from './transport.ts';
import type { Round, Told } from './crowd-clients.ts';

/** Many connections at once. The clients are another process: each has a descriptor for each connection. */

/** Seconds in which the clients of a round talk. */
const TALK = { most: 5, share: 0.05 };

/**
 * glibc keeps the memory that a process frees, in the pieces in which it was freed. It takes some rounds of the same size
 * until what is kept serves a further round.
 */
const WARM_UP = 3;

/** So many rounds after the warm-up are compared with it. */
const ROUNDS = 4;

/** Seconds after which a connection that the server still has counts as left over. */
const PATIENCE = 30;

interface Sum {
  rounds: number;
  answers: number;
  slowest: number;
  readonly server: Figures[];
  readonly clients: Figures[];
}

export async function crowd(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const clients = start('crowd-clients');
  const rows: (string | number)[][] = [];
  for (const [index, transport] of TRANSPORTS.entries()) {
    const seconds = deadline.left / (TRANSPORTS.length - index);
    const sum = await roundsOf(transport, clients, { ...extent, seconds }, mistakes);
    // Where the time is over before, the last round alone is compared with those before it.
    const warmUp = Math.min(WARM_UP, sum.rounds - 1);
    for (const side of ['server', 'clients'] as const) {
      const [first, last] = [sum[side][warmUp - 1], sum[side].at(-1)];
      if (first === undefined || last === undefined) continue;
      for (const text of growth(first, last, `${transport}, ${side}`, extent.runs)) mistakes.add(text);
      const held = [megabytes(first.rss, last.rss), `${first.descriptors} → ${last.descriptors}`];
      rows.push([
        `${transport}, ${side}`,
        extent.runs,
        `${warmUp} + ${sum.rounds - warmUp}`,
        sum.answers,
        `${sum.slowest} ms`,
        ...held,
        `${first.handles} → ${last.handles}`,
      ]);
    }
  }
  clients.disconnect();
  await once(clients, 'exit');
  return {
    head: ['', 'connections', 'rounds', 'answers', 'slowest answer', 'memory', 'descriptors', 'handles'],
    rows,
    conditions: [`Seed ${extent.seed}; ${deadline.taken}; ${mistakes.count} mistakes`],
    mistakes: mistakes.shown,
  };
}

async function roundsOf(transport: Transport, clients: ChildProcess, extent: Extent, mistakes: Mistakes): Promise<Sum> {
  const deadline = new Deadline(extent);
  const sum: Sum = { rounds: 0, answers: 0, slowest: 0, server: [], clients: [] };
  const listening = await listener(transport);
  const port = portOf(listening);
  const server = serve(listening, echo, {
    concurrency: 2 * extent.runs,
    setupTimeout: PATIENCE,
    onError: (error) => {
      // Clients that end by a reset are a part of the load.
      if (nameOf(error) !== 'ECONNRESET') mistakes.add(`${transport}, server: ${String(error)}`);
    },
  });
  const talk = Math.min(TALK.most, Math.max(0.5, extent.seconds * TALK.share));
  while (sum.rounds < WARM_UP + ROUNDS && (sum.rounds < 2 || !deadline.isOver)) {
    const round: Round = { transport, port, connections: extent.runs, seconds: talk, seed: extent.seed + sum.rounds };
    clients.send(round);
    const [told] = (await once(clients, 'message')) as [Told];
    for (const mistake of told.mistakes) mistakes.add(`${transport}, clients, seed ${round.seed}: ${mistake}`);
    if (!(await isIdle(server))) mistakes.add(`${transport}: ${server.active} connections are left over`);
    const first = sum.server[0];
    if (first !== undefined) await leakedDescriptors(first.descriptors, PATIENCE);
    sum.server.push(await figures());
    sum.clients.push(told.figures);
    sum.rounds += 1;
    sum.answers += told.answers;
    sum.slowest = Math.max(sum.slowest, told.slowest);
  }
  await server.close();
  return sum;
}

/** Whether the server has no connection any more, within the time for that. */
async function isIdle(server: { readonly active: number }): Promise<boolean> {
  const end = performance.now() + PATIENCE * 1000;
  while (server.active > 0) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

async function echo(conn: Socket): Promise<void> {
  for (let block = await conn.recv(65_536); block.length > 0; block = await conn.recv(65_536))
    await conn.sendall(block);
}
