import { createHook } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { once, type EventEmitter } from 'node:events';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { operations, secured, type OperationName, type Peer } from './operations.ts';
import type { Figures } from './figures.ts';
import { CERTIFICATE, type Places } from './places.ts';

/**
 * A process that is counted: `node program.js resources | bytes [OPERATION] | clients | accepted | secured | calls OPERATION
 * TIMES`. It prints JSON.
 */

/** How many operations come before the counting, so that work that is done only once is not counted. */
const WARM_UP = 500;
/** A multiple of 128: every so many immediate results go through the event loop (rule 11). */
const TIMES = 2560;
/**
 * The same, for bytes: enough operations that the occasional jumps of the heap's size make no difference, and few
 * enough that all their allocations fit into V8's new space, so that no garbage is collected in between.
 */
const MANY_TIMES = 10_240;
/** Milliseconds, longer than the library waits until it watches open sockets for their loss. */
const UNTIL_WATCHED = 300;
const CONNECTIONS = 2000;
const TLS_CONNECTIONS = 400;

const names = Object.keys(operations) as OperationName[];

async function start(): Promise<Peer & { end(): Promise<unknown> }> {
  const here = dirname(process.argv[1] ?? '');
  const folder = join(here, '..', '..');
  const worker = new Worker(join(here, 'peer.js'), { workerData: folder });
  const [places] = (await once(worker, 'message')) as [Places];
  const certificate = join(folder, CERTIFICATE);
  return { places, certificate, ask: (what) => worker.postMessage(what), end: async () => await worker.terminate() };
}

/** Counts each operation with `counted`, and returns the figures of one operation. */
async function perOperation(
  peer: Peer,
  times: number,
  counted: (perform: () => Promise<void>) => Promise<Record<string, number>>,
  asked: readonly OperationName[] = names,
): Promise<Figures> {
  const figures: Record<string, Record<string, number>> = {};
  for (const name of asked) {
    await operations[name](peer, WARM_UP + times, async (perform) => {
      await perform(WARM_UP);
      const sums = await counted(async () => await perform(times));
      figures[name] = Object.fromEntries(Object.entries(sums).map(([kind, sum]) => [kind, sum / times]));
    });
  }
  return figures;
}

async function resources(peer: Peer): Promise<Figures> {
  let promises = 0;
  let timers = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') promises += 1;
      else if (type === 'Timeout') timers += 1;
    },
  });
  const figures = await perOperation(peer, TIMES, async (perform) => {
    promises = timers = 0;
    hook.enable();
    await perform();
    hook.disable();
    return { promises, timers };
  });
  return { ...figures, ...(await listeners(peer)) };
}

/**
 * The number of listeners on Node's object under a socket, Node's own among them. The libuv backend makes no object.
 */
async function listeners(peer: Peer): Promise<Figures> {
  const clients: EventEmitter[] = [];
  const servers: EventEmitter[] = [];
  const datagrams: EventEmitter[] = [];
  const noting = (made: EventEmitter[]) => (message: unknown) => {
    made.push((message as { socket: EventEmitter }).socket);
  };
  subscribe('net.server.socket', noting(servers));
  subscribe('udp.socket', noting(datagrams));
  const connect = Reflect.get(net.Socket.prototype, 'connect') as (...args: unknown[]) => net.Socket;
  Reflect.set(net.Socket.prototype, 'connect', function (this: net.Socket, ...args: unknown[]) {
    clients.push(this);
    return Reflect.apply(connect, this, args);
  });
  const listener = socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  await client.sendall('m');
  await server.recv(1);
  await server.sendall('m');
  await client.recv(1);
  const datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await datagram.sendto('m', peer.places.udp);
  await datagram.recvfrom(1);
  const figures = {
    'a client': { listeners: most(clients) },
    'an accepted connection': { listeners: most(servers) },
    'a datagram socket': { listeners: most(datagrams) },
  };
  for (const one of [client, server, listener, datagram]) one.close();
  return figures;
}

function most(emitters: readonly EventEmitter[]): number {
  const counts = emitters.map((emitter) =>
    emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0),
  );
  return Math.max(0, ...counts);
}

function collect(): void {
  if (gc === undefined) throw new Error('it needs --expose-gc');
  gc();
}

async function bytes(peer: Peer, operation: string): Promise<Figures> {
  let collected = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) collected = Math.max(collected, startTime);
  });
  observer.observe({ entryTypes: ['gc'] });
  const counted = async (perform: () => Promise<void>): Promise<Record<string, number>> => {
    await settled();
    const start = performance.now();
    const before = process.memoryUsage().heapUsed;
    await perform();
    const allocated = process.memoryUsage().heapUsed - before;
    const end = performance.now();
    // The observer is called in a later turn.
    await settled();
    if (collected > start && collected < end)
      throw new Error('a garbage collection came in between: the count of bytes is incomplete');
    return { bytes: allocated };
  };
  const asked = names.filter((name) => operation === '' || name === operation);
  return await perOperation(peer, MANY_TIMES, counted, asked);
}

/** The memory of an idle connection; `make` makes so many. */
async function perConnection(
  make: (count: number) => Promise<socket.Socket[]>,
  connections = CONNECTIONS,
): Promise<number> {
  const warm = await make(connections / 10);
  await settled();
  const before = process.memoryUsage().heapUsed;
  const all = await make(connections);
  await settled();
  const bytes = process.memoryUsage().heapUsed - before;
  for (const one of [...warm, ...all]) one.close();
  return bytes / connections;
}

async function clients({ places }: Peer): Promise<Figures> {
  const heap = await perConnection(async (count) => {
    const all: socket.Socket[] = [];
    while (all.length < count) {
      const sock = socket.socket();
      await sock.connect(places.tcp);
      all.push(sock);
    }
    return all;
  });
  return { 'a client': { heap } };
}

async function overTls(peer: Peer): Promise<Figures> {
  const heap = await perConnection(async (count) => {
    const all: socket.Socket[] = [];
    while (all.length < count) all.push(await secured(peer));
    return all;
  }, TLS_CONNECTIONS);
  return { 'a client of TLS': { heap } };
}

async function accepted(peer: Peer): Promise<Figures> {
  const listener = socket.createServer(['127.0.0.1', 0], { backlog: CONNECTIONS });
  const [, port] = listener.getsockname();
  const heap = await perConnection(async (count) => {
    peer.ask({ port, visits: 0, connections: count });
    const all: socket.Socket[] = [];
    while (all.length < count) all.push((await listener.accept())[0]);
    return all;
  });
  listener.close();
  return { 'an accepted connection': { heap } };
}

async function settled(): Promise<void> {
  await setTimeout(UNTIL_WATCHED);
  // A collection in one turn may free more for a collection in the next.
  for (let turn = 0; turn < 4; turn += 1) {
    collect();
    await setImmediate();
  }
}

const programs: Readonly<Record<string, (peer: Peer, operation: string) => Promise<Figures>>> = {
  resources,
  bytes,
  clients,
  accepted,
  secured: overTls,
};

async function main(what: string, operation: string, times: number): Promise<void> {
  const peer = await start();
  const count = programs[what];
  if (count !== undefined) console.log(JSON.stringify(await count(peer, operation)));
  else await operations[operation as OperationName](peer, times, async (perform) => await perform(times));
  await peer.end();
}

void main(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4]));
