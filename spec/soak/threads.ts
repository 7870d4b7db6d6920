import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { portOf } from '../support/peer.ts';
import { openDescriptors } from '../support/peer-observed.ts';
import { leakedDescriptors } from './figures.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from './part.ts';
import { Chance } from './tasks/chance.ts';
import { nameOf } from './transport.ts';

/** Worker threads that are ended while their sockets listen, connect, send and receive. */

export async function threads(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const chance = new Chance(extent.seed);
  const listener = socket.createServer(['127.0.0.1', 0]);
  // A first one loads what stays.
  await endedInMidFlight(listener, chance, mistakes);
  const before = openDescriptors();
  let ended = 0;
  let connections = 0;
  for (; ended < extent.runs && !deadline.isOver && !mistakes.isFull; ended += 1) {
    connections += await endedInMidFlight(listener, chance, mistakes);
  }
  const leaked = await leakedDescriptors(before, 20);
  if (leaked > 0) mistakes.add(`${leaked} descriptors are left`);
  listener.close();
  return {
    head: ['workers', 'connections cut', 'descriptors'],
    rows: [[ended, connections, `${before} → ${before + leaked}`]],
    conditions: [`Seed ${extent.seed}; ${deadline.taken}; ${mistakes.count} mistakes`],
    mistakes: mistakes.shown,
  };
}

/** Starts a worker that connects to the listener, and ends it after some turns; gives the number of its connections. */
async function endedInMidFlight(listener: socket.Socket, chance: Chance, mistakes: Mistakes): Promise<number> {
  const worker = new Worker(join(__dirname, 'threads-worker.ts'), {
    execArgv: ['--require', require.resolve('ts-node/register')],
    workerData: portOf(listener),
  });
  worker.once('error', (error) => mistakes.add(`the worker failed: ${String(error)}`));
  const stop = new AbortController();
  const talks: Promise<void>[] = [];
  const accepting = (async () => {
    for (;;) {
      const [conn] = await listener.accept({ signal: stop.signal });
      talks.push(cut(conn, mistakes));
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) mistakes.add(String(error));
  });
  await once(worker, 'message');
  for (let turns = chance.upTo(200); turns > 0; turns -= 1) await setImmediate();
  await worker.terminate();
  // What has connected by then was accepted by Node already.
  for (let turns = 0; turns < 20; turns += 1) await setImmediate();
  stop.abort();
  await accepting;
  await Promise.all(talks);
  return talks.length;
}

/** This end of a connection: it sends and receives until the other end is gone, which must show. */
async function cut(conn: socket.Socket, mistakes: Mistakes): Promise<void> {
  using ours = conn;
  ours.settimeout(30);
  try {
    for (;;) {
      const block = await ours.recv(65_536);
      if (block.length === 0) return;
      await ours.sendall(block);
    }
  } catch (error) {
    const name = nameOf(error);
    if (name === undefined || name === 'ETIMEDOUT') mistakes.add(`this end saw ${String(error)}`);
  }
}
