import { once } from 'node:events';
import net from 'node:net';
import * as socket from '../lib/index.ts';
import * as selectors from '../lib/selectors.ts';
import { ByteQueue } from '../lib/queues/byte-queue.ts';
import { collectGarbage } from './garbage.ts';
import { median } from './statistics.ts';
import type { Growth } from './growth.ts';

/**
 * A program that measures how the cost of operations grows with the length of a queue; it prints its results as JSON.
 */

/** How many times each size is measured. */
const ROUNDS = 5;
const MEBIBYTE = 1024 * 1024;

// The same total is queued at each size, in few long or many short queues, so the garbage collector has the same work.
const CHUNKS = 100_000;
const CONNECTIONS = 4096;
const WAITS = 10_000;

/** A measurement: prepares queues of `size`, and returns the nanoseconds of processor time of one operation. */
type Measure = (size: number) => Promise<number>;

async function pair(): Promise<[socket.Socket, socket.Socket]> {
  const listener = socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  listener.close();
  return [client, server];
}

async function perOperation(operations: number, run: () => void | Promise<void>): Promise<number> {
  // What the preparation has left, up to 128 MiB, would be collected meanwhile: that took five times the operations.
  await collectGarbage();
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / operations;
}

/** Receives byte by byte from a socket that holds `size` bytes, because they were peeked at. */
const receiveBytes: Measure = async (size) => {
  const [client, server] = await pair();
  const sending = client.sendall(Buffer.alloc(size));
  await server.recv(size, socket.MSG_PEEK | socket.MSG_WAITALL);
  await sending;
  const operations = 100_000;
  const cost = await perOperation(operations, async () => {
    for (let count = 0; count < operations; count += 1) await server.recv(1);
  });
  client.close();
  server.close();
  return cost;
};

/** Measures the queue itself, because the kernel would join the chunks. */
const queueChunks: Measure = async (size) => {
  const queues = Array.from({ length: CHUNKS / size }, () => new ByteQueue());
  const chunk = Buffer.alloc(1024);
  return await perOperation(CHUNKS, () => {
    for (const queue of queues) for (let count = 0; count < size; count += 1) queue.push(chunk);
    for (const queue of queues) for (let count = 0; count < size; count += 1) queue.take(chunk.length);
  });
};

/** Accepts connections that wait in the queue. */
const acceptQueued: Measure = async (size) => {
  const listeners = Array.from({ length: CONNECTIONS / size }, () => {
    return socket.createServer(['127.0.0.1', 0], { backlog: size });
  });
  const clients: net.Socket[] = [];
  for (const listener of listeners) {
    const [host, port] = listener.getsockname();
    for (let count = 0; count < size; count += 1) {
      const client = net.connect({ host, port });
      await once(client, 'connect');
      clients.push(client);
    }
  }
  const accepted: socket.Socket[] = [];
  const cost = await perOperation(CONNECTIONS, async () => {
    for (const listener of listeners) {
      for (let count = 0; count < size; count += 1) accepted.push((await listener.accept())[0]);
    }
  });
  for (const one of [...accepted, ...listeners]) one.close();
  for (const client of clients) client.destroy();
  return cost;
};

/** Makes waits with a time limit, and serves each with a byte. */
const serveWaiters: Measure = async (size) => {
  return await withPairs(WAITS / size, async (pairs) => {
    const waits = pairs.flatMap(([, server]) => Array.from({ length: size }, async () => await server.recv(1)));
    for (const [client] of pairs) await client.sendall(Buffer.alloc(size));
    await Promise.all(waits);
  });
};

/** Makes waits with a time limit, and aborts them, the last one first. */
const abortWaiters: Measure = async (size) => {
  return await withPairs(WAITS / size, async (pairs) => {
    const controllers = Array.from({ length: WAITS }, () => new AbortController());
    const waits = controllers.map(async ({ signal }, index) => {
      const server = pairs[Math.floor(index / size)]?.[1];
      await server?.recv(1, 0, { signal });
    });
    const settled = Promise.allSettled(waits);
    for (const controller of controllers.reverse()) controller.abort();
    await settled;
  });
};

/** Wakes a selector that has so many idle sockets besides, again and again. */
const wakeSelector: Measure = async (size) => {
  const [[one, other] = [], ...idle] = await Promise.all(Array.from({ length: 1 + size / 2 }, pair));
  if (one === undefined || other === undefined) throw new Error('there is no pair');
  const selector = new selectors.DefaultSelector();
  for (const sock of [one, ...idle.flat()]) selector.register(sock, selectors.EVENT_READ);
  await selector.select(0);
  const cost = await perOperation(WAITS, async () => {
    for (let count = 0; count < WAITS; count += 1) {
      await other.sendall('x');
      const [[key] = []] = await selector.select();
      await key?.fileobj.recv(1);
    }
  });
  selector.close();
  for (const sock of [one, other, ...idle.flat()]) sock.close();
  return cost;
};

/** Runs all waits over so many connections, and closes these. */
async function withPairs(
  count: number,
  run: (pairs: [socket.Socket, socket.Socket][]) => Promise<void>,
): Promise<number> {
  const pairs = await Promise.all(Array.from({ length: count }, pair));
  for (const [, server] of pairs) server.settimeout(60);
  const cost = await perOperation(WAITS, async () => await run(pairs));
  for (const one of pairs.flat()) one.close();
  return cost;
}

async function grow(title: string, unit: string, sizes: readonly number[], measure: Measure): Promise<Growth> {
  const costs = new Map<number, number[]>(sizes.map((size) => [size, []]));
  // The first round is a warm-up, and does not count.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [size, all] of costs) {
      const cost = await measure(size);
      if (round > 0) all.push(cost);
    }
  }
  return { title, unit, points: [...costs].map(([size, all]) => ({ size, nanoseconds: median(all) })) };
}

async function main(): Promise<void> {
  const growths = [
    await grow('`recv(1)` from a full queue', 'bytes', [MEBIBYTE, 64 * MEBIBYTE], receiveBytes),
    await grow('chunks through the queue', 'chunks', [1000, CHUNKS], queueChunks),
    await grow('`accept` of queued connections', 'connections', [256, CONNECTIONS], acceptQueued),
    await grow('waits with a time limit, served', 'waits', [100, WAITS], serveWaiters),
    await grow('waits with a time limit, aborted', 'waits', [100, WAITS], abortWaiters),
    await grow('wake-ups of a selector', 'idle sockets', [10, 1000, 5000], wakeSelector),
  ];
  console.log(JSON.stringify(growths));
}

void main();
