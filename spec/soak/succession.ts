import { SHUT_WR, type Socket } from '../../lib/index.ts';
import { portOf, recvAll, reset } from '../support/peer.ts';
import { turns } from '../support/peer-observed.ts';
import { figures, growth, leakedDescriptors, megabytes } from './figures.ts';
import { Deadline, Mistakes, type Extent, type Outcome } from './part.ts';
import { connected, listener, nameOf, secured, TRANSPORTS, type Transport } from './transport.ts';

/** Connections one after another, with four kinds of endings. */

/** A handshake takes so many times as long as a connection. */
const TLS_SHARE = 20;

/** The part of the time for those without TLS. */
const TCP_TIME = 0.75;

/** The part of all connections that warms up. */
const WARM_UP = 0.1;

const MESSAGE = Buffer.from('one message');

export async function succession(extent: Extent): Promise<Outcome> {
  const deadline = new Deadline(extent);
  const mistakes = new Mistakes();
  const rows: (string | number)[][] = [];
  for (const transport of TRANSPORTS) {
    const runs = transport === 'TCP' ? extent.runs : Math.ceil(extent.runs / TLS_SHARE);
    const seconds = deadline.left * (transport === 'TCP' ? TCP_TIME : 1);
    rows.push(await onesOf(transport, { ...extent, runs, seconds }, mistakes));
  }
  return {
    head: ['', 'connections', 'a second', 'memory', 'descriptors', 'handles'],
    rows,
    conditions: [`${deadline.taken}; ${mistakes.count} mistakes`],
    mistakes: mistakes.shown,
  };
}

async function onesOf(transport: Transport, extent: Extent, mistakes: Mistakes): Promise<(string | number)[]> {
  const deadline = new Deadline(extent);
  const listening = await listener('TCP');
  const port = portOf(listening);
  let done = 0;
  const upTo = async (most: number, isOver: () => boolean): Promise<void> => {
    for (; done < most && !isOver() && !mistakes.isFull; done += 1) {
      try {
        await one(transport, listening, port, done);
      } catch (error) {
        mistakes.add(`${transport}, connection ${done}: ${nameOf(error) ?? `no OSError: ${String(error)}`}`);
      }
    }
  };
  const started = performance.now();
  const warm = new Deadline({ ...extent, seconds: extent.seconds * WARM_UP });
  await upTo(extent.runs * WARM_UP, () => warm.isOver);
  const before = await figures();
  await upTo(extent.runs, () => deadline.isOver);
  const speed = Math.round((done / (performance.now() - started)) * 1000);
  const leaked = await leakedDescriptors(before.descriptors, 10);
  if (leaked > 0) mistakes.add(`${transport}: ${leaked} descriptors are left`);
  const after = await figures();
  listening.close();
  for (const text of growth(before, after, transport, done)) mistakes.add(text);
  const held = [`${before.descriptors} → ${after.descriptors}`, `${before.handles} → ${after.handles}`];
  return [transport, done, speed, megabytes(before.rss, after.rss), ...held];
}

/** One connection: a message there, and back but for an ending by force. */
async function one(transport: Transport, listening: Socket, port: number, index: number): Promise<void> {
  const [client, server] = await Promise.all([connected(transport, port), acceptedBy(listening, transport)]);
  await client.sendall(MESSAGE);
  const received = await server.recvExactly(MESSAGE.length);
  if (!received.equals(MESSAGE)) throw new Error('wrong bytes');
  if (index % 4 === 0) {
    reset(client);
    const end = await server.recv(1).then(String, nameOf);
    if (end !== 'ECONNRESET') throw new Error(`${end ?? 'no OSError'} in place of a reset`);
  } else if (index % 4 === 1) {
    await server.sendall('bytes that stay unread');
    await turns(1);
  } else if (index % 4 === 2) {
    client.shutdown(SHUT_WR);
    await recvAll(server);
  } else {
    await server.sendall(received);
    // Over TLS, close() alone sends no close_notify.
    server.shutdown(SHUT_WR);
    await recvAll(client);
  }
  server.close();
  client.close();
}

async function acceptedBy(listening: Socket, transport: Transport): Promise<Socket> {
  const [conn] = await listening.accept();
  return transport === 'TCP' ? conn : await secured(conn, 'server');
}
