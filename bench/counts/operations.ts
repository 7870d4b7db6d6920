import * as socket from '../../lib/index.ts';
import * as ssl from '../../lib/ssl/index.ts';
import { SERVER_NAME } from '../tasks.ts';
import type { Asked, Places } from './places.ts';

/** The operations that are counted. */

/** Counts while an operation is done so many times. */
export type Counting = (perform: (times: number) => Promise<void>) => Promise<void>;

/** The other side. */
export interface Peer {
  readonly places: Places;
  /** What a client of its TLS has to believe. */
  readonly certificate: string;
  ask(what: Asked): void;
}

/** Prepares, counts the operation, and tidies up. `most` is the most times that it is done. */
export type Operation = (peer: Peer, most: number, counting: Counting) => Promise<void>;

const SIZE = 64;
const message = Buffer.alloc(SIZE, 'm');

async function connected({ places }: Peer): Promise<socket.Socket> {
  const sock = socket.socket();
  await sock.connect(places.tcp);
  return sock;
}

let context: ssl.SSLContext | undefined;

/** Opens a connection over TLS. */
export async function secured({ places, certificate }: Peer): Promise<ssl.SSLSocket> {
  if (context === undefined) {
    context = new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT);
    context.loadVerifyLocations(certificate);
  }
  const sock = socket.socket();
  await sock.connect(places.tls);
  return await context.wrapSocket(sock, { serverHostname: SERVER_NAME });
}

async function roundTrips(sock: socket.Socket, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await sock.sendall(message);
    await sock.recv(SIZE);
  }
}

export const operations = {
  /** `sendall()`, and `recv()` that waits. */
  'round trip': async (peer, _most, counting) => {
    const sock = await connected(peer);
    await counting(async (times) => await roundTrips(sock, times));
    sock.close();
  },

  'round trip with a time limit': async (peer, _most, counting) => {
    const sock = await connected(peer);
    sock.settimeout(60);
    await counting(async (times) => await roundTrips(sock, times));
    sock.close();
  },

  'recv() that finds bytes': async (peer, most, counting) => {
    const sock = await connected(peer);
    await sock.sendall(Buffer.alloc(most * SIZE));
    await sock.recv(most * SIZE, socket.MSG_PEEK | socket.MSG_WAITALL);
    await counting(async (times) => {
      for (let count = 0; count < times; count += 1) await sock.recv(SIZE);
    });
    sock.close();
  },

  'sendall()': async (peer, _most, counting) => {
    const sock = await connected(peer);
    await counting(async (times) => {
      for (let count = 0; count < times; count += 1) await sock.sendall(message);
    });
    sock.close();
  },

  'datagram round trip': async ({ places }, _most, counting) => {
    const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    await counting(async (times) => {
      for (let count = 0; count < times; count += 1) {
        await sock.sendto(message, places.udp);
        await sock.recvfrom(SIZE);
      }
    });
    sock.close();
  },

  'connect(), close()': async (peer, _most, counting) => {
    await counting(async (times) => {
      for (let count = 0; count < times; count += 1) (await connected(peer)).close();
    });
  },

  'accept(), close()': async (peer, most, counting) => {
    const listener = socket.createServer(['127.0.0.1', 0]);
    const [, port] = listener.getsockname();
    peer.ask({ port, visits: most, connections: 0 });
    await counting(async (times) => {
      for (let count = 0; count < times; count += 1) (await listener.accept())[0].close();
    });
    listener.close();
  },

  /** The last one: after thousands of these, not after a few, connections that are made allocate half as much again. */
  'TLS round trip': async (peer, _most, counting) => {
    const sock = await secured(peer);
    await counting(async (times) => await roundTrips(sock, times));
    sock.close();
  },
} satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof operations;
