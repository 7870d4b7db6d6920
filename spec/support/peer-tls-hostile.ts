import * as socket from '../../lib/index.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
import { plainAlert } from '../../lib/ssl/alerts.ts';
import { APPLICATION_DATA, HANDSHAKE } from '../../lib/ssl/records.ts';
import { connectedPair } from './peer.ts';
import { heldBytes, observed, turns } from './peer-observed.ts';
import { SealingPeer, type Role } from './sealing-peer.ts';
import { clientContext, serverContext, VERSIONS } from './tls-contexts.ts';

const [, , role, versionName, count = ''] = process.argv;
const COUNT = Number(count);
const version = VERSIONS.find(([one]) => one === versionName)?.[1];

/** How many records are sent at a time. */
const AT_ONCE = 500;

/** Seconds. */
const LIMIT = 20;

async function meet(): Promise<[SSLSocket, SealingPeer]> {
  if (version === undefined || (role !== 'client' && role !== 'server')) throw new TypeError('arguments are missing');
  return await SealingPeer.meet(role satisfies Role, version);
}

/** Sends the same record again and again; the kernel holds it back where we do not read. Returns how many went out. */
async function flood(raw: socket.Socket, records: () => Buffer, total: number, seconds = 1): Promise<number> {
  raw.settimeout(seconds);
  let sent = 0;
  try {
    for (; sent < total; sent += AT_ONCE) {
      await raw.sendall(Buffer.concat(Array.from({ length: Math.min(AT_ONCE, total - sent) }, records)));
    }
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
  }
  return sent;
}

/** The name of the error that a call ends with. */
async function outcome(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'none',
    (error: unknown) => (error instanceof socket.OSError ? error.name : `MISTAKE: ${String(error)}`),
  );
}

const scenarios = {
  /** Records of one byte, which we receive. */
  async tiny() {
    const [ours, peer] = await meet();
    ours.settimeout(LIMIT);
    const record = () => peer.seal(APPLICATION_DATA, Buffer.of(1));
    const before = await heldBytes();
    let received = 0;
    const receiving = (async () => {
      for (let block = await ours.recv(65_536); ; block = await ours.recv(65_536)) {
        received += block.length;
        if (received === COUNT) return;
      }
    })();
    const sent = await flood(peer.raw, record, COUNT, LIMIT);
    await receiving;
    const grown = (await heldBytes()) - before;
    ours.close();
    peer.raw.close();
    return { sent, received, grown };
  },

  /** Records of one byte that are never received. */
  async unread() {
    const [ours, peer] = await meet();
    await peer.raw.sendall(peer.seal(APPLICATION_DATA, Buffer.of(1)));
    await ours.recv(1);
    const before = await heldBytes();
    const sent = await flood(peer.raw, () => peer.seal(APPLICATION_DATA, Buffer.of(1)), COUNT);
    const grown = (await heldBytes()) - before;
    ours.close();
    peer.raw.close();
    return { sent, grown };
  },

  /** A peer that asks for something again and again, and never reads the answers. */
  async asking() {
    const [ours, peer] = await meet();
    ours.settimeout(LIMIT);
    // HelloRequest, and user_canceled, which need no answer, or get an alert.
    const records = () => peer.seal(HANDSHAKE, Buffer.of(0, 0, 0, 0));
    const before = await heldBytes();
    const end = outcome(ours.recv(1));
    const sent = await flood(peer.raw, records, COUNT);
    peer.raw.close();
    const grown = (await heldBytes()) - before;
    const ended = await end;
    ours.close();
    return { sent, grown, ended };
  },

  /** A peer that never reads. */
  async neverReads() {
    const [ours, peer] = await meet();
    const before = process.memoryUsage().rss;
    ours.settimeout(1);
    const bytes = Buffer.alloc(1 << 20);
    let sends = 0;
    let end = 'none';
    while (end === 'none' && sends < 100) {
      sends += 1;
      end = await outcome(ours.sendall(bytes));
    }
    const grown = process.memoryUsage().rss - before;
    ours.settimeout(null);
    const waiting = outcome(ours.sendall(bytes));
    await turns(10);
    ours.close();
    const closed = await waiting;
    peer.raw.close();
    return { sends, end, grown, closed };
  },

  /** A handshake whose message never ends, in records of one byte. */
  async dribbled() {
    const [one, raw] = await connectedPair();
    const isServer = role === 'client';
    one.settimeout(LIMIT);
    const wrap = isServer ? { serverSide: true } : { serverHostname: 'localhost' };
    const context = isServer ? serverContext({ version }) : clientContext({ version });
    const before = await heldBytes();
    const end = outcome(context.wrapSocket(one, wrap));
    const header = Buffer.of(isServer ? 1 : 2, 1, 0, 0);
    const plain = (byte: number) => Buffer.of(HANDSHAKE, 3, 3, 0, 1, byte);
    await raw.sendall(Buffer.concat([...header].map((byte) => plain(byte))));
    const sent = await flood(raw, () => plain(0), COUNT);
    // We may have refused it already, and have closed the connection.
    if (sent === COUNT) await outcome(Promise.resolve().then(() => raw.shutdown(socket.SHUT_WR)));
    const ended = await end;
    const grown = (await heldBytes()) - before;
    raw.close();
    return { sent, grown, ended };
  },

  /** Alerts that are no errors, before the handshake is done. */
  async warnings() {
    const [one, raw] = await connectedPair();
    one.settimeout(LIMIT);
    const isServer = role === 'client';
    const wrap = isServer ? { serverSide: true } : { serverHostname: 'localhost' };
    const context = isServer ? serverContext({ version }) : clientContext({ version });
    const before = await heldBytes();
    const end = outcome(context.wrapSocket(one, wrap));
    const sent = await flood(raw, () => plainAlert(90), COUNT);
    raw.close();
    const ended = await end;
    const grown = (await heldBytes()) - before;
    return { sent, grown, ended };
  },
};

observed(async () => {
  const results: Record<string, unknown> = {};
  for (const [name, scenario] of Object.entries(scenarios)) results[name] = await scenario();
  return results;
});
