import * as socket from '../../lib/index.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
import { connectedPair } from './peer.ts';
import { observed } from './peer-observed.ts';
import { randomFrom } from './random.ts';
import { clientContext, serverContext, VERSIONS } from './tls-contexts.ts';

/** What happens to one byte on its way: another bit, none of it, or the end of the connection in its place. */
const DAMAGES = ['flip', 'drop', 'cut'] as const;

interface Damage {
  readonly kind: (typeof DAMAGES)[number];
  readonly sender: 'client' | 'server';
  /** The number of the byte in what the sender sends. */
  readonly position: number;
  /** The bits that change. */
  readonly mask: number;
}

/** What each side sends, in records of these sizes, before it ends its output. */
const RECORDS = [1, 100].map((size) => Buffer.from(Array.from({ length: size }, (_, index) => index)));
const MESSAGE = Buffer.concat(RECORDS);

/** Seconds that a side waits for bytes that never come, as where the length of a record has grown. */
const PATIENCE = 0.5;

/** So many connections are open at a time. */
const AT_ONCE = 8;

/** How a side has ended: `'whole'` where all has come, as it was sent, up to the peer's `close_notify`. */
async function end(wrapping: Promise<SSLSocket>): Promise<string> {
  const received: Buffer[] = [];
  try {
    using sock = await wrapping;
    for (const record of RECORDS) await sock.sendall(record);
    sock.shutdown(socket.SHUT_WR);
    for (let block = await sock.recv(50); block.length > 0; block = await sock.recv(50)) received.push(block);
    return Buffer.concat(received).equals(MESSAGE) ? 'whole' : 'MISTAKE: an end that the peer has not sent';
  } catch (error) {
    const bytes = Buffer.concat(received);
    if (!bytes.equals(MESSAGE.subarray(0, bytes.length))) return 'MISTAKE: bytes that the peer has not sent';
    return error instanceof socket.OSError ? error.name : `MISTAKE: ${String(error)}`;
  }
}

/** Passes bytes on, one of them damaged, and returns how many there were. */
async function relay(from: socket.Socket, to: socket.Socket, damage: Damage | undefined): Promise<number> {
  let count = 0;
  try {
    for (let bytes = await from.recv(65_536); bytes.length > 0; bytes = await from.recv(65_536)) {
      const at = damage === undefined ? -1 : damage.position - count;
      count += bytes.length;
      if (damage === undefined || at < 0 || at >= bytes.length) {
        await to.sendall(bytes);
        continue;
      }
      await to.sendall(bytes.subarray(0, at));
      if (damage.kind === 'cut') break;
      const damaged = damage.kind === 'flip' ? [(bytes[at] ?? 0) ^ damage.mask] : [];
      await to.sendall(Buffer.concat([Buffer.from(damaged), bytes.subarray(at + 1)]));
    }
    to.shutdown(socket.SHUT_WR);
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    // Each side learns of the other's end.
    from.close();
    to.close();
  }
  return count;
}

const [, , versionName, count = '', seed = ''] = process.argv;
const version = VERSIONS.find(([name]) => name === versionName)?.[1];
const contexts = { client: clientContext({ version }), server: serverContext({ version }) };

/** A conversation over a relay. */
async function session(damage?: Damage): Promise<{ ends: string[]; counts: [number, number] }> {
  const [[client, clientRelay], [serverRelay, server]] = await Promise.all([connectedPair(), connectedPair()]);
  const isPatient = damage === undefined;
  for (const one of [client, server]) one.settimeout(isPatient ? null : PATIENCE);
  const wrap = { suppressRaggedEofs: false };
  const ends = Promise.all([
    end(contexts.client.wrapSocket(client, { ...wrap, serverHostname: 'localhost' })),
    end(contexts.server.wrapSocket(server, { ...wrap, serverSide: true })),
  ]);
  const counts = await Promise.all([
    relay(clientRelay, serverRelay, damage?.sender === 'client' ? damage : undefined),
    relay(serverRelay, clientRelay, damage?.sender === 'server' ? damage : undefined),
  ]);
  clientRelay.close();
  serverRelay.close();
  return { ends: await ends, counts };
}

/** All damages, or as many of them as are wanted. */
function damages([fromClient, fromServer]: [number, number]): Damage[] {
  const random = randomFrom(Number(seed));
  const all = [
    ...Array.from({ length: fromClient }, (_, position) => ({ sender: 'client' as const, position })),
    ...Array.from({ length: fromServer }, (_, position) => ({ sender: 'server' as const, position })),
  ].flatMap((place) => DAMAGES.map((kind) => ({ ...place, kind, mask: 1 << Math.floor(random() * 8) })));
  if (count === 'every') return all;
  return Array.from({ length: Number(count) }, () => all[Math.floor(random() * all.length)]).filter(
    (damage) => damage !== undefined,
  );
}

observed(async () => {
  const { ends, counts } = await session();
  const left = damages(counts);
  const outcomes: Record<string, number> = {};
  const mistakes: string[] = [];
  const unnoticed: Damage[] = [];
  const work = async (): Promise<void> => {
    for (let damage = left.pop(); damage !== undefined; damage = left.pop()) {
      const { ends, counts } = await session(damage);
      for (const outcome of ends) {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if (outcome.startsWith('MISTAKE')) mistakes.push(`${JSON.stringify(damage)}: ${outcome}`);
      }
      // A signature may be shorter than in the first conversation, so that the byte does not exist.
      const [receiver, count] = damage.sender === 'client' ? [ends[1], counts[0]] : [ends[0], counts[1]];
      if (receiver === 'whole' && damage.position < count) unnoticed.push(damage);
    }
  };
  const total = left.length;
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { undamaged: ends, total, outcomes, mistakes, unnoticed };
});
