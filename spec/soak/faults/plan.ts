import { createHash } from 'node:crypto';
import { randomFrom } from '../../support/random.ts';
import { TRANSPORTS, type Transport } from '../transport.ts';

/** What happens to the bytes on their way. The last three change nothing of the bytes. */
export const KINDS = ['cut', 'reset', 'half-close', 'stall', 'byte by byte', 'delay', 'coalesce'] as const;
export type Kind = (typeof KINDS)[number];

/** Which of the two ends is Python's. */
export const PEERS = ['none', 'client', 'server'] as const;
export type Peer = (typeof PEERS)[number];

export type Side = 'client' | 'server';

/** A fault, in the bytes that go to one side: for TLS, the records. */
export interface Fault {
  readonly kind: Kind;
  readonly towards: Side;
  /** After so many bytes. */
  readonly position: number;
  /** So many bytes go one by one, or are gathered. */
  readonly length: number;
  /** For so long each block is held back. */
  readonly milliseconds: number;
}

/** A transfer: all of it follows from its seed. */
export interface Plan {
  readonly seed: number;
  readonly transport: Transport;
  readonly python: Peer;
  readonly fault: Fault;
  /** How many bytes each side sends. */
  readonly lengths: Readonly<Record<Side, number>>;
  /** The largest part of them that a side sends at a time. */
  readonly chunk: number;
  /** The time limit of both sockets, in seconds. */
  readonly limit: number;
}

/** A transfer without a stall ends long before. */
const LONG = 40;

/** After a stall both ends wait for so long. */
const SHORT = 0.6;

/** About as many bytes as a handshake has in one direction, so that some faults come within. */
const HANDSHAKE = 1500;

/** The other end waits for all that a side sends: many small records may take longer than its time limit. */
const MOST_CHUNKS = 500;

/** Seeds that follow each other have all kinds, transports and peers in turn. */
export function planOf(seed: number, peers: readonly Peer[] = PEERS): Plan {
  const random = randomFrom(seed);
  const upTo = (most: number): number => Math.floor(random() * most);
  const among = <T>(values: readonly T[], index: number): T => {
    const value = values[index % values.length];
    if (value === undefined) throw new RangeError('there are no values');
    return value;
  };
  const length = (): number => upTo(random() < 0.2 ? 200_000 : 3000);
  const kind = among(KINDS, seed);
  const transport = among(TRANSPORTS, Math.floor(seed / KINDS.length));
  const lengths = { client: length(), server: length() };
  const towards = upTo(2) === 0 ? 'client' : 'server';
  const most = (towards === 'client' ? lengths.server : lengths.client) + (transport === 'TLS' ? HANDSHAKE : 1);
  return {
    seed,
    transport,
    python: among(peers, Math.floor(seed / KINDS.length / TRANSPORTS.length)),
    fault: { kind, towards, position: upTo(most), length: 1 + upTo(100), milliseconds: 1 + upTo(20) },
    lengths,
    chunk: Math.max(
      1 + upTo(random() < 0.3 ? 100 : 100_000),
      Math.ceil(Math.max(...Object.values(lengths)) / MOST_CHUNKS),
    ),
    limit: kind === 'stall' ? SHORT : LONG,
  };
}

/** The length is a prime number, so that neighbouring blocks of any usual size differ. */
const PERIOD = 65_521;

const BLOCK = Buffer.concat(
  Array.from({ length: Math.ceil(PERIOD / 32) }, (_, index) => createHash('sha256').update(String(index)).digest()),
).subarray(0, PERIOD);

/** What a side sends; peer.py makes the same. */
export function bytesOf({ seed, lengths }: Plan, side: Side): Buffer {
  const offset = ((seed * 2 + (side === 'client' ? 0 : 1)) * 7919) % PERIOD;
  const turned = Buffer.concat([BLOCK.subarray(offset), BLOCK.subarray(0, offset)]);
  return Buffer.alloc(lengths[side], turned);
}
