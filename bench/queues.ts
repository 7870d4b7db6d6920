import { once } from 'node:events';
import net from 'node:net';
import * as socket from '../lib/index.ts';
import { ByteQueue } from '../lib/queues/byte-queue.ts';
import { median } from './statistics.ts';
import type { Growth } from './growth.ts';

/** The program that measures how the cost of an operation grows with what is queued; it prints its results as JSON. */

/** How many times each size is measured. */
const ROUNDS = 5;
const MEBIBYTE = 1024 * 1024;

/** A measurement: prepares `size`, and gives how many nanoseconds one operation takes. */
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
  const start = performance.now();
  await run();
  return ((performance.now() - start) * 1e6) / operations;
}

/** A socket that holds `size` bytes, because they were peeked at, is received from byte by byte. */
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

/** The queue itself, because the kernel would make one chunk of many. */
const queueChunks: Measure = async (size) => {
  const queue = new ByteQueue();
  const chunk = Buffer.alloc(1024);
  // The same number of operations whatever the size, so that the compiler has had its time for each.
  const repeats = Math.max(1, 100_000 / size);
  return await perOperation(size * repeats, () => {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (let count = 0; count < size; count += 1) queue.push(chunk);
      for (let count = 0; count < size; count += 1) queue.take(chunk.length);
    }
  });
};

/** Connections that nobody has accepted yet are accepted. */
const acceptQueued: Measure = async (size) => {
  const listener = socket.createServer(['127.0.0.1', 0], { backlog: 4096 });
  const [host, port] = listener.getsockname() as [string, number];
  const clients: net.Socket[] = [];
  for (let count = 0; count < size; count += 1) {
    const client = net.connect({ host, port });
    await once(client, 'connect');
    clients.push(client);
  }
  const accepted: socket.Socket[] = [];
  const cost = await perOperation(size, async () => {
    for (let count = 0; count < size; count += 1) accepted.push((await listener.accept())[0]);
  });
  for (const conn of accepted) conn.close();
  for (const client of clients) client.destroy();
  listener.close();
  return cost;
};

/** Waits with a time limit are made, and each gets its byte. */
const serveWaiters: Measure = async (size) => {
  const [client, server] = await pair();
  server.settimeout(60);
  const cost = await perOperation(size, async () => {
    const waits = Array.from({ length: size }, async () => await server.recv(1));
    await client.sendall(Buffer.alloc(size));
    await Promise.all(waits);
  });
  client.close();
  server.close();
  return cost;
};

/** Waits with a time limit are made, and given up, the last one first. */
const abortWaiters: Measure = async (size) => {
  const [client, server] = await pair();
  server.settimeout(60);
  const cost = await perOperation(size, async () => {
    const controllers = Array.from({ length: size }, () => new AbortController());
    const waits = controllers.map(async ({ signal }) => await server.recv(1, 0, { signal }));
    const settled = Promise.allSettled(waits);
    for (const controller of controllers.reverse()) controller.abort();
    await settled;
  });
  client.close();
  server.close();
  return cost;
};

async function grow(title: string, unit: string, sizes: readonly number[], measure: Measure): Promise<Growth> {
  const largest = Math.max(...sizes);
  // For the compilers: one round does not count.
  for (const size of sizes) await measure(size);
  const costs = new Map<number, number[]>(sizes.map((size) => [size, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [size, all] of costs) {
      const repeats = Math.min(ROUNDS, Math.ceil(largest / size));
      for (let repeat = 0; repeat < repeats; repeat += 1) all.push(await measure(size));
    }
  }
  return { title, unit, points: [...costs].map(([size, all]) => ({ size, nanoseconds: median(all) })) };
}

async function main(): Promise<void> {
  const growths = [
    await grow('`recv(1)` from a full queue', 'bytes', [MEBIBYTE, 64 * MEBIBYTE], receiveBytes),
    await grow('chunks through the queue', 'chunks', [1000, 100_000], queueChunks),
    await grow('`accept` of queued connections', 'connections', [256, 4096], acceptQueued),
    await grow('waits with a time limit, served', 'waits', [100, 10_000], serveWaiters),
    await grow('waits with a time limit, aborted', 'waits', [100, 10_000], abortWaiters),
  ];
  console.log(JSON.stringify(growths));
}

void main();
