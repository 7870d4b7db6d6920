import { readdirSync } from 'node:fs';
import * as socket from '../../lib/index.ts';
import { serve } from '../../lib/serve/index.ts';
import * as ssl from '../../lib/ssl/index.ts';

/**
 * One end of many connections, as a process of its own: `end server <certificate>` or `end client <authority>`; without
 * the file there is no TLS. The parent says what to do, and each message is answered when it is done.
 */

/** What the parent says. */
export type Order =
  | { readonly do: 'listen' }
  | { readonly do: 'connect'; readonly port: number; readonly connections: number }
  /** Sends so many bytes by each of so many connections. */
  | { readonly do: 'fill'; readonly bytes: number; readonly connections: number }
  | { readonly do: 'measure' };

/** What a process holds, in bytes, and its descriptors. */
export interface Holding {
  readonly rss: number;
  readonly heap: number;
  readonly descriptors: number;
}

/** How many connections are made at once: fewer than any queue for them is long. */
const AT_ONCE = 50;

const conns: socket.Socket[] = [];

async function listen(certificate: string): Promise<unknown> {
  const plain = socket.createServer(['127.0.0.1', 0]);
  // A greeting each way, and then silence.
  const handler = async (conn: socket.Socket): Promise<void> => {
    await conn.recvExactly(1);
    await conn.sendall('x');
    conns.push(conn);
    await conn.recv(1);
  };
  const options = { concurrency: 1_000_000 };
  if (certificate === '') return serve(plain, handler, options).address[1];
  const context = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
  context.loadCertChain(certificate);
  return serve(await context.wrapSocket(plain, { serverSide: true }), handler, options).address[1];
}

async function connect(authority: string, port: number, connections: number): Promise<void> {
  const context = authority === '' ? undefined : ssl.createDefaultContext({ cafile: authority });
  let begun = conns.length;
  const meet = async (): Promise<void> => {
    while (begun < connections) {
      begun += 1;
      const plain = await socket.createConnection(['127.0.0.1', port]);
      const conn = (await context?.wrapSocket(plain, { serverHostname: 'localhost' })) ?? plain;
      await conn.sendall('x');
      await conn.recvExactly(1);
      conns.push(conn);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, meet));
}

async function fill(bytes: number, connections: number): Promise<void> {
  const block = Buffer.alloc(bytes);
  for (const conn of conns.slice(0, connections)) await conn.sendall(block);
}

async function measure(): Promise<Holding> {
  // What was freed is counted as used until it is collected.
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed, descriptors: readdirSync('/proc/self/fd').length };
}

const [, , , file = ''] = process.argv;

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'listen':
      return await listen(file);
    case 'connect':
      await connect(file, order.port, order.connections);
      return undefined;
    case 'fill':
      await fill(order.bytes, order.connections);
      return undefined;
    case 'measure':
      return await measure();
  }
}

process.on('message', (order: Order) => {
  void obey(order).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
