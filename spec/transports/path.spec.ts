import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hotPath } from '../../lib/transports/hot-path.ts';
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
  return new Promise((resolve) => way.write(socket, bytes, (error) => resolve(error ?? undefined)));
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
    way.write(made, Buffer.from('abc'), () => (told = true));
    expect(told).toBe(true);
    const [chunk] = (await once(accepted.resume(), 'data')) as [Buffer];
    expect(String(chunk)).toBe('abc');
  });

  it('tells it later where the kernel has not, once for each write', async () => {
    const { made, accepted } = await pair();
    const told: string[] = [];
    way.write(made, Buffer.from('x'), () => told.push('first'));
    const all = new Promise<void>((resolve) => {
      way.write(made, Buffer.alloc(20_000_000), () => {
        told.push('second');
        resolve();
      });
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
