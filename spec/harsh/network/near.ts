/**
 * The near end of the cable: `near.ts transfer SETTINGS`, with settings in JSON, prints what became of them in JSON.
 */
import { createHash } from 'node:crypto';
import * as socket from '../../../lib/index.ts';
import { randomFrom } from '../../support/random.ts';
import { clientContext } from '../../support/tls-contexts.ts';
import { FAR } from './cable.ts';
import { DATAGRAM_PORT, TCP_PORT, TLS_PORT } from './ports.ts';

/** How much goes over the cable, and comes back. */
export interface Load {
  readonly connections: number;
  /** So many bytes over each. */
  readonly bytes: number;
  readonly datagrams: number;
  readonly seed: number;
}

/** What became of it. */
export interface Outcome {
  /** The seconds until all had come back, for TCP and TLS. */
  readonly tcp: number;
  readonly tls: number;
  /** How many connections gave back every byte, in order. */
  readonly right: number;
  /** The errors of the others. */
  readonly errors: readonly string[];
  readonly datagrams: { readonly sent: number; readonly received: number; readonly wrong: number };
}

/** How long a datagram is waited for, in seconds. */
const PATIENCE = 1;

/** Opens a connection to the far end. */
export async function connect(secure: boolean): Promise<socket.Socket> {
  const sock = await socket.createConnection([FAR, secure ? TLS_PORT : TCP_PORT]);
  return secure ? await clientContext().wrapSocket(sock, { serverHostname: 'localhost' }) : sock;
}

/** Bytes that differ from seed to seed. */
export function bytesOf(length: number, seed: number): Buffer {
  const random = randomFrom(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

/** Sends bytes, and checks that the same come back. */
export async function roundTrip(sock: socket.Socket, bytes: Buffer): Promise<void> {
  const sending = sock.sendall(bytes);
  const back = await sock.recvExactly(bytes.length);
  await sending;
  if (digest(back) !== digest(bytes)) throw new Error('other bytes came back');
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function exchange({ connections, bytes, seed }: Load, secure: boolean): Promise<[number, string[]]> {
  const start = performance.now();
  const outcomes = await Promise.allSettled(
    Array.from({ length: connections }, async (_, index) => {
      using sock = await connect(secure);
      await roundTrip(sock, bytesOf(bytes, seed + index));
      sock.shutdown(socket.SHUT_WR);
      if ((await sock.recv(1)).length > 0) throw new Error('more came back');
    }),
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  return [(performance.now() - start) / 1000, errors];
}

async function datagrams({ datagrams: count, seed }: Load): Promise<Outcome['datagrams']> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await sock.connect([FAR, DATAGRAM_PORT]);
  const sent = Array.from({ length: count }, (_, index) =>
    Buffer.concat([numbered(index), bytesOf(500, seed + index)]),
  );
  const missing = new Set(sent.keys());
  let wrong = 0;
  const receiving = (async () => {
    sock.settimeout(PATIENCE);
    for (;;) {
      const datagram = await sock.recv(65_535);
      const number = datagram.readUInt32BE();
      if (!missing.delete(number) || sent[number]?.equals(datagram) !== true) wrong += 1;
    }
  })();
  for (const datagram of sent) {
    await sock.send(datagram);
    // A pace that the receiver keeps: what gets lost is what the network loses, and not what its queue has no room for.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await receiving.catch((error: unknown) => {
    if (!(error instanceof socket.TimeoutError)) throw error;
  });
  return { sent: count, received: count - missing.size, wrong };
}

function numbered(index: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(index);
  return number;
}

async function transfer(load: Load): Promise<Outcome> {
  const [tcp, tcpErrors] = await exchange(load, false);
  const [tls, tlsErrors] = await exchange(load, true);
  const errors = [...tcpErrors, ...tlsErrors];
  return { tcp, tls, right: 2 * load.connections - errors.length, errors, datagrams: await datagrams(load) };
}

async function main(settings = '{}'): Promise<void> {
  console.log(JSON.stringify(await transfer(JSON.parse(settings) as Load)));
}

if (require.main === module) void main(process.argv[2]);
