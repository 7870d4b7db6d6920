import net from 'node:net';
import * as socket from '../../lib/index.ts';
import { connectedPair, listening, portOf } from './peer.ts';
import { heldBytes, observed, turns } from './peer-observed.ts';

/** How much the memory of this process grows; each measurement closes what it opened. */
const measurements = {
  /** A peer sends 100,000 bytes one at a time, each in a turn of its own, before any of them is received. */
  async singleBytes() {
    const count = 100_000;
    const listener = listening();
    const peer = net.connect(portOf(listener), '127.0.0.1').setNoDelay(true);
    const [ours] = await listener.accept();
    const first = ours.recv(1, socket.MSG_PEEK);
    const before = await heldBytes();
    for (let index = 0; index < count; index += 1) {
      await new Promise((resolve) => peer.write(Buffer.of(index % 251), resolve));
      await turns(1);
    }
    await first;
    const bytes = await ours.recv(count, socket.MSG_WAITALL | socket.MSG_PEEK);
    const grown = (await heldBytes()) - before - bytes.length;
    const inOrder = bytes.every((byte, index) => byte === index % 251);
    const taken = await ours.recv(count);
    peer.destroy();
    ours.close();
    listener.close();
    return { grown, inOrder, taken: taken.length };
  },

  /** 10,000 bytes come one at a time to each call of a file that waits for more; the largest growth of all. */
  async piecesOfFiles() {
    const count = 10_000;
    const within = async <T extends AsyncDisposable>(file: T, call: (file: T) => Promise<unknown>): Promise<number> => {
      await using open = file;
      return lengthOf(await call(open));
    };
    const calls: Record<string, (sock: socket.Socket) => Promise<number>> = {
      read: (sock) => within(sock.makefile('rb'), (file) => file.read(2 * count)),
      readExactly: (sock) => within(sock.makefile('rb'), (file) => file.readExactly(count)),
      readline: (sock) => within(sock.makefile('rb'), (file) => file.readline(2 * count)),
      readUntil: (sock) => within(sock.makefile('rb'), (file) => file.readUntil('.', { limit: 2 * count })),
      readinto: (sock) => within(sock.makefile('rb'), (file) => file.readinto(Buffer.alloc(count))),
      readall: (sock) => within(sock.makefile('rb', 0), (file) => file.readall()),
      text: (sock) => within(sock.makefile('r'), (file) => file.readline(2 * count)),
    };
    const grown: Record<string, number> = {};
    for (const [name, call] of Object.entries(calls)) {
      const [ours, peer] = await connectedPair();
      const before = await heldBytes();
      const reading = call(ours);
      for (let index = 1; index < count; index += 1) {
        await peer.send('x');
        await turns(1);
      }
      grown[name] = (await heldBytes()) - before;
      await peer.send('.');
      peer.close();
      if ((await reading) !== count) grown[name] = Infinity;
      ours.close();
    }
    return grown;
  },

  /** Sends to a receiver that never reads, until nothing more goes out. */
  async neverRead() {
    const [ours, peer] = await connectedPair();
    const before = process.memoryUsage().rss;
    const handedOver = await fill(ours, Buffer.alloc(1 << 20));
    const grown = process.memoryUsage().rss - before;
    ours.close();
    peer.close();
    return { handedOver, grown };
  },

  /** 1,000 sends with a time limit, over a connection that takes nothing any more. */
  async timedSends() {
    const [ours, peer] = await connectedPair();
    await fill(ours, Buffer.alloc(1 << 20));
    const bytes = Buffer.alloc(1 << 20);
    const before = await heldBytes();
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 1000; round += 1) {
      ours.settimeout(round % 2 === 0 ? 0.001 : 0);
      const outcome = await ours
        .send(bytes)
        .catch((error: unknown) => (error instanceof Error ? error.name : 'thrown'));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const grown = (await heldBytes()) - before;
    ours.close();
    peer.close();
    return { grown, outcomes };
  },

  /** 1,000 sends that are aborted. */
  async abortedSends() {
    const [ours, peer] = await connectedPair();
    await fill(ours, Buffer.alloc(1 << 20));
    ours.setblocking(true);
    const bytes = Buffer.alloc(1 << 20);
    const before = await heldBytes();
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 1000; round += 1) {
      const controller = new AbortController();
      const send = ours.send(bytes, 0, { signal: controller.signal });
      controller.abort();
      const outcome = await send.catch((error: unknown) => (error instanceof Error ? error.name : 'thrown'));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const grown = (await heldBytes()) - before;
    ours.close();
    peer.close();
    return { grown, outcomes };
  },

  /** A peer sends 100 MB to a receiver that takes one byte, and later all of it. */
  async pour() {
    const total = 100_000_000;
    const listener = listening();
    const peer = net.connect(portOf(listener), '127.0.0.1');
    const [ours] = await listener.accept();
    const before = process.memoryUsage().rss;
    const written = pourInto(peer, total);
    const [unread, unreadGrown] = [await stalled(written), process.memoryUsage().rss - before];
    await ours.recv(1);
    const [readAhead, grown] = [await stalled(written), process.memoryUsage().rss - before];
    let received = 1;
    for (let block = await ours.recv(65536); block.length > 0; block = await ours.recv(65536)) received += block.length;
    ours.close();
    peer.destroy();
    listener.close();
    return { unread, unreadGrown, readAhead, grown, received };
  },

  /** A peer sends faster than its receiver, which takes one byte after another. */
  async outpace() {
    const listener = listening();
    const peer = net.connect(portOf(listener), '127.0.0.1');
    const [ours] = await listener.accept();
    const written = pourInto(peer, 100_000_000);
    let readAhead = 0;
    for (let received = 0; received < 300_000; received += 1) {
      await ours.recv(1);
      readAhead = Math.max(readAhead, written() - received);
    }
    peer.destroy();
    ours.close();
    listener.close();
    return { readAhead };
  },
};

/** How much a file has read. */
function lengthOf(result: unknown): number {
  return typeof result === 'string' || Buffer.isBuffer(result) ? result.length : Number(result);
}

/** Writes so many bytes, and ends; returns how many the kernel has taken. */
function pourInto(peer: net.Socket, total: number): () => number {
  const piece = Buffer.alloc(100_000);
  let written = 0;
  const writeMore = (): void => {
    if (written === total) return void peer.end();
    peer.write(piece, () => {
      written += piece.length;
      writeMore();
    });
  };
  writeMore();
  return () => written;
}

/** The value once it has stayed the same for 2,000 turns of the event loop. */
async function stalled(value: () => number): Promise<number> {
  for (;;) {
    const before = value();
    await turns(2000);
    if (value() === before) return before;
  }
}

/**
 * Sends until the connection has taken nothing 100 times in a row. Returns how many bytes it took, and leaves the
 * socket with a time limit of 0.
 */
async function fill(into: socket.Socket, bytes: Buffer): Promise<number> {
  let sent = 0;
  into.setblocking(false);
  for (let refusals = 0; refusals < 100;) {
    try {
      sent += await into.send(bytes);
      refusals = 0;
    } catch (error) {
      if (!(error instanceof socket.BlockingIOError)) throw error;
      refusals += 1;
    }
  }
  return sent;
}

function isMeasurement(name: string | undefined): name is keyof typeof measurements {
  return name !== undefined && name in measurements;
}

const [, , name] = process.argv;
if (!isMeasurement(name)) throw new TypeError(`no such measurement: ${name ?? ''}`);
observed(async () => await measurements[name]());
