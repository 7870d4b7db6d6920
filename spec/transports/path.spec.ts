import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hotPath, Reads } from '../../lib/transports/hot-path.ts';
import { path, type Path, type Receiver } from '../../lib/transports/path.ts';
import { plainPath } from '../../lib/transports/plain-path.ts';

/** Below what the kernel holds for a receiver that does not read (64 KiB at least). */
const SIZE = 50_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Both ends of a connection, the first made by this program and the second accepted; neither reads yet. */
async function pair(): Promise<{ made: net.Socket; accepted: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  const connection = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const made = new net.Socket({ allowHalfOpen: true });
  made.connect(address.port, '127.0.0.1');
  made.pause();
  const [accepted] = await Promise.all([connection, once(made, 'connect')]);
  server.close();
  for (const socket of [made, accepted]) {
    socket.on('error', () => undefined);
    ends.push(() => socket.destroy());
  }
  return { made, accepted };
}

function receiver(take: (bytes: Buffer) => boolean, keepsBytes = true): Receiver {
  return { keepsBytes, take };
}

function written(way: Path, socket: net.Socket, bytes: Buffer): Promise<Error | undefined> {
  return new Promise((resolve) => way.write(socket, bytes, { sent: (error) => resolve(error ?? undefined) }));
}

it('is the fast one on every Node that there is, unless it is switched off', () => {
  expect(hotPath).toBeDefined();
  expect(path).toBe(process.env.AWAIT_SOCKET_HOT_PATH === 'off' ? plainPath : hotPath);
});

const ways: [name: string, way: Path][] = [['the plain path', plainPath]];
if (hotPath !== undefined) ways.push(['the hot path', hotPath]);

describe.each(ways)('%s', (_name, way) => {
  it.each(['made', 'accepted'] as const)('gives what comes in, in order, on a socket that was %s', async (side) => {
    const sockets = await pair();
    const reader = sockets[side];
    const writer = side === 'made' ? sockets.accepted : sockets.made;
    const chunks: Buffer[] = [];
    way.read(
      reader,
      receiver((bytes) => {
        chunks.push(Buffer.from(bytes));
        return true;
      }),
    );
    reader.resume();
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
    writer.end(sent);
    await once(reader, 'end');
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it.each([true, false])('gives much at a time without loss (kept as it is: %s)', async (keepsBytes) => {
    const { made, accepted } = await pair();
    const total = 20_000_000;
    const seen: { bytes: Buffer; isLent: boolean; first: number; last: number }[] = [];
    const sums = { sent: 0, received: 0 };
    way.read(made, {
      keepsBytes,
      take: (bytes, isLent) => {
        sums.received = bytes.reduce((sum, byte) => (sum + byte) % 1_000_003, sums.received);
        if (!isLent) seen.push({ bytes, isLent, first: bytes[0] ?? -1, last: bytes.at(-1) ?? -1 });
        return true;
      },
    });
    const sent = Buffer.from(Array.from({ length: total / 20 }, (_, index) => (index * 7) % 251));
    const all = Buffer.concat(Array.from({ length: 20 }, () => sent));
    sums.sent = all.reduce((sum, byte) => (sum + byte) % 1_000_003, 0);
    made.resume();
    accepted.end(all);
    await once(made, 'end');
    expect(sums.received).toBe(sums.sent);
    // What is not lent stays as it was.
    for (const { bytes, first, last } of seen) expect([bytes[0], bytes.at(-1)]).toEqual([first, last]);
  });

  it('stops where the receiver has enough, and goes on with resume()', async () => {
    const { made, accepted } = await pair();
    let count = 0;
    let stopped: (() => void) | undefined;
    way.read(
      made,
      receiver((bytes) => {
        count += bytes.length;
        stopped?.();
        return stopped === undefined;
      }),
    );
    const enough = new Promise<void>((resolve) => (stopped = resolve));
    accepted.end(Buffer.alloc(8_000_000));
    made.resume();
    await enough;
    const atStop = count;
    // Nothing more comes within some turns of the event loop, although the peer has more.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(atStop);
    stopped = undefined;
    const end = once(made, 'end');
    made.resume();
    await end;
    expect(count).toBe(8_000_000);
  });

  it('tells within the call that the kernel has all bytes', async () => {
    const { made, accepted } = await pair();
    let told = false;
    way.write(made, Buffer.from('abc'), { sent: () => (told = true) });
    expect(told).toBe(true);
    const [chunk] = (await once(accepted.resume(), 'data')) as [Buffer];
    expect(String(chunk)).toBe('abc');
  });

  it('tells it later where the kernel has not, once for each write', async () => {
    const { made, accepted } = await pair();
    const told: string[] = [];
    way.write(made, Buffer.from('x'), { sent: () => told.push('first') });
    const all = new Promise<void>((resolve) => {
      const sent = (): void => {
        told.push('second');
        resolve();
      };
      way.write(made, Buffer.alloc(20_000_000), { sent });
    });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['first']);
    accepted.resume();
    await all;
    expect(told).toEqual(['first', 'second']);
  });

  it('leaves what the peer had sent to be read behind a write that failed', async () => {
    const { made, accepted } = await pair();
    accepted.end(Buffer.alloc(SIZE), () => accepted.destroy());
    await once(accepted, 'close');
    // The peer's system answers this with a reset: there is nobody any more.
    expect(await written(way, made, Buffer.from('x'))).toBeUndefined();
    let error: Error | undefined;
    while (error === undefined) error = await written(way, made, Buffer.from('y'));
    expect(error).toMatchObject({ code: 'EPIPE' });
    expect(made.destroyed).toBe(false);
    let count = 0;
    way.read(
      made,
      receiver((bytes) => {
        count += bytes.length;
        return true;
      }),
    );
    made.resume();
    await once(made, 'end');
    expect(count).toBe(SIZE);
  });
});

describe('the memory that the hot path reads into', () => {
  const FULL = 65_536;
  const MOST_OWNERS = 64;

  const sockets = new Set<net.Socket>();
  afterEach(() => Promise.all([...sockets].map(gone)));

  function gone(socket: net.Socket): Promise<unknown> {
    sockets.delete(socket);
    return once(socket.destroy(), 'close');
  }

  /** The reads of a socket that is not connected, and what they give on. */
  function reads(keepsBytes = true): { socket: net.Socket; reads: Reads; taken: { bytes: Buffer; isLent: boolean }[] } {
    const socket = new net.Socket();
    sockets.add(socket);
    const taken: { bytes: Buffer; isLent: boolean }[] = [];
    const take = (bytes: Buffer, isLent: boolean): boolean => taken.push({ bytes, isLent }) > 0;
    return { socket, reads: new Reads(socket, { keepsBytes, take }), taken };
  }

  const shared = reads().reads.memory;

  it('is the socket’s own behind a read that fills it, and is given away full', () => {
    const { reads: of, taken } = reads();
    of.take(FULL);
    const own = of.memory;
    expect(own).not.toBe(shared);
    of.take(FULL);
    expect(taken.map(({ isLent }) => isLent)).toEqual([true, false]);
    expect(taken[1]?.bytes).toBe(own);
    expect([own, shared]).not.toContain(of.memory);
  });

  it('stays the socket’s own over one read in part, and is shared behind the second', () => {
    const { socket, reads: of, taken } = reads();
    of.take(FULL);
    const own = of.memory;
    of.take(100);
    expect(taken[1]).toMatchObject({ isLent: true, bytes: { length: 100, buffer: own.buffer } });
    expect(of.memory).toBe(own);
    of.take(FULL);
    expect(taken[2]?.bytes).toBe(own);
    of.take(100);
    of.take(100);
    expect(of.memory).toBe(shared);
    of.take(FULL);
    expect(of.memory).not.toBe(shared);
    expect(socket.listenerCount('close')).toBe(1);
  });

  it('stays shared where the bytes go into memory of somebody else’s', () => {
    const { reads: of } = reads(false);
    of.take(FULL);
    expect(of.memory).toBe(shared);
  });

  it('is the own of so many sockets only, till one of them is gone', async () => {
    const owners = Array.from({ length: MOST_OWNERS }, () => reads());
    for (const { reads: of } of owners) of.take(FULL);
    expect(owners.filter(({ reads: of }) => of.memory === shared)).toHaveLength(0);
    const late = reads();
    late.reads.take(FULL);
    expect(late.reads.memory).toBe(shared);
    // Full once more: that does not count twice.
    owners[0]?.reads.take(FULL);
    await gone(owners[0]?.socket ?? late.socket);
    late.reads.take(FULL);
    expect(late.reads.memory).not.toBe(shared);
    const later = reads();
    later.reads.take(FULL);
    expect(later.reads.memory).toBe(shared);
  });
});

it('the hot path reads by events where a socket has no handle that takes memory', () => {
  const socket = new net.Socket();
  hotPath?.read(
    socket,
    receiver(() => true),
  );
  expect(socket.listenerCount('data')).toBe(1);
  socket.destroy();
});

it('the hot path tells of a write that the end of its socket calls off', async () => {
  const { made } = await pair();
  await written(way(), made, Buffer.from('x'));
  const rest = written(way(), made, Buffer.alloc(20_000_000));
  made.destroy();
  expect(await rest).toMatchObject({ code: 'ECANCELED' });
});

it('the hot path leaves a socket without a handle to Node', async () => {
  const socket = new net.Socket();
  socket.destroy();
  expect(await written(way(), socket, Buffer.from('x'))).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
});

/** The way that this program would go if nothing is switched off. */
function way(): Path {
  return hotPath ?? plainPath;
}
