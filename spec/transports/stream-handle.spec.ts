import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { bind, listenOn } from '../../lib/transports/bind.ts';
import type { Bound } from '../../lib/transports/bound.ts';
import type { Endpoint } from '../../lib/transports/endpoint.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { libuvBackend } from '../../lib/transports/libuv-backend.ts';
import { Reads } from '../../lib/transports/libuv-reads.ts';
import { streamBackend } from '../../lib/transports/stream-backend.ts';
import type {
  StreamBackend,
  Receiver,
  StreamHandle,
  StreamHandleListener,
} from '../../lib/transports/stream-handle.ts';
import { netBackend } from '../../lib/transports/net-stream.ts';
import { support } from '../../lib/transports/support.ts';
import { reservedPort } from '../support/ports.ts';

/** Below what the kernel holds for a receiver that does not read (64 KiB at least). */
const SIZE = 50_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A listener that records its events in their order; `waitFor` resolves once the event has come. */
interface Owner extends StreamHandleListener {
  readonly told: string[];
  readonly errors: Error[];
  /** What came in, unless a test replaces `take`. */
  readonly chunks: Buffer[];
  keepsBytes: boolean;
  take: (bytes: Buffer, isLent: boolean) => boolean;
  waitFor(what: string): Promise<void>;
}

function owner(): Owner {
  const told: string[] = [];
  const errors: Error[] = [];
  const chunks: Buffer[] = [];
  const waits: { what: string; resolve: () => void }[] = [];
  const tell = (what: string): void => {
    told.push(what);
    for (const wait of waits) if (wait.what === what) wait.resolve();
  };
  return {
    told,
    errors,
    chunks,
    keepsBytes: true,
    take: (bytes) => chunks.push(Buffer.from(bytes)) > 0,
    onWriteDone: (error) => {
      if (error !== null && error !== undefined) errors.push(error);
      tell(error === null || error === undefined ? 'sent' : 'not sent');
    },
    onConnect: () => tell('connected'),
    onEnd: () => tell('ended'),
    onBeforeClose: () => tell('closing'),
    onError: (error) => {
      errors.push(error);
      tell('error');
    },
    onClose: () => tell('closed'),
    waitFor: (what) =>
      new Promise((resolve) => {
        if (told.includes(what)) resolve();
        else waits.push({ what, resolve });
      }),
  };
}

/** A handle with its listener. */
interface Owned {
  readonly handle: StreamHandle;
  readonly owner: Owner;
}

function owned(handle: StreamHandle): Owned {
  const of = owner();
  handle.attach(of);
  ends.push(() => handle.destroy());
  return { handle, owner: of };
}

const ANY_PORT: Endpoint = { host: '127.0.0.1', port: 0 };

function bound(local = ANY_PORT): Bound {
  const result = bind(local, { ipv6Only: false, reusePort: false });
  if (result instanceof Failure) throw new Error(`bind failed: ${result.code}`);
  return result;
}

/** A port that listens; `accepted` is the next connection. */
function listening(backend: StreamBackend, local?: Endpoint): { port: Bound; accepted: Promise<Owned> } {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const port = bound(local);
  if (listenOn(server, port, 8) !== undefined) throw new Error('listen failed');
  ends.push(() => server.close());
  const accepted = new Promise<Owned>((resolve) => backend.serve(server, (handle) => resolve(owned(handle))));
  return { port, accepted };
}

/** Both ends of a connection; neither reads yet. */
async function pair(backend: StreamBackend, local?: Endpoint): Promise<{ made: Owned; accepted: Owned }> {
  const { port, accepted } = listening(backend, local);
  const made = owned(backend.make(port.local));
  made.handle.connect(port.local, false);
  await made.owner.waitFor('connected');
  return { made, accepted: await accepted };
}

/** Writes, and gives what failed. */
function written({ handle, owner: of }: Owned, bytes: Buffer): Promise<Error | undefined> {
  return new Promise((resolve) => {
    of.onWriteDone = (error) => resolve(error ?? undefined);
    if (handle.write(bytes)) resolve(undefined);
  });
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('is the libuv backend on every Node that is tested, unless that is switched off', () => {
  expect(libuvBackend).toBeDefined();
  expect(streamBackend).toBe(process.env.AWAIT_SOCKET_FAST_PATH === 'off' ? netBackend : libuvBackend);
});

const backends: [name: string, backend: StreamBackend][] = [['the documented backend', netBackend]];
if (libuvBackend !== undefined) backends.push(['the libuv backend', libuvBackend]);

describe.each(backends)('%s', (_name, backend) => {
  it.each(['made', 'accepted'] as const)('gives what comes in, in order, to a handle that was %s', async (side) => {
    const handles = await pair(backend);
    const reader = handles[side];
    const writer = side === 'made' ? handles.accepted : handles.made;
    reader.handle.resume();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
    expect(await written(writer, bytes)).toBeUndefined();
    writer.handle.end();
    await reader.owner.waitFor('ended');
    expect(Buffer.concat(reader.owner.chunks).equals(bytes)).toBe(true);
    expect(reader.handle.isAtEnd).toBe(true);
  });

  it.each([true, false])('gives large reads without loss (the listener keeps the bytes: %s)', async (keepsBytes) => {
    const { made, accepted } = await pair(backend);
    const seen: { bytes: Buffer; first: number; last: number }[] = [];
    let received = 0;
    made.owner.keepsBytes = keepsBytes;
    made.owner.take = (bytes, isLent) => {
      received = bytes.reduce((sum, byte) => (sum + byte) % 1_000_003, received);
      if (!isLent) seen.push({ bytes, first: bytes[0] ?? -1, last: bytes.at(-1) ?? -1 });
      return true;
    };
    const part = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7) % 251));
    const all = Buffer.concat(Array.from({ length: 20 }, () => part));
    made.handle.resume();
    expect(await written(accepted, all)).toBeUndefined();
    accepted.handle.end();
    await made.owner.waitFor('ended');
    expect(received).toBe(all.reduce((sum, byte) => (sum + byte) % 1_000_003, 0));
    // Bytes that are not lent keep their contents.
    for (const { bytes, first, last } of seen) expect([bytes[0], bytes.at(-1)]).toEqual([first, last]);
  });

  it('reads nothing before resume()', async () => {
    const { made, accepted } = await pair(backend);
    await written(accepted, Buffer.from('early'));
    await turns(20);
    expect(made.owner.chunks).toEqual([]);
    expect(made.handle.hasUnread()).toBe(false);
  });

  it('reads from the moment that it is connected where resume() came before', async () => {
    const { port, accepted } = listening(backend);
    const made = owned(backend.make(port.local));
    made.handle.connect(port.local, false);
    made.handle.resume();
    const peer = await accepted;
    await written(peer, Buffer.from('at once'));
    peer.handle.end();
    await made.owner.waitFor('ended');
    expect(String(Buffer.concat(made.owner.chunks))).toBe('at once');
  });

  it('stops when the listener has enough, and goes on with resume()', async () => {
    const { made, accepted } = await pair(backend);
    let count = 0;
    let stopped: (() => void) | undefined;
    made.owner.take = (bytes) => {
      count += bytes.length;
      stopped?.();
      return stopped === undefined;
    };
    const enough = new Promise<void>((resolve) => (stopped = resolve));
    const all = written(accepted, Buffer.alloc(8_000_000));
    made.handle.resume();
    await enough;
    const atStop = count;
    // Nothing more comes within some turns of the event loop, although the peer has more.
    await turns(20);
    expect(count).toBe(atStop);
    stopped = undefined;
    made.handle.resume();
    await all;
    accepted.handle.end();
    await made.owner.waitFor('ended');
    expect(count).toBe(8_000_000);
  });

  it('says at once that the kernel has all bytes', async () => {
    const { made, accepted } = await pair(backend);
    expect(made.handle.write(Buffer.from('abc'))).toBe(true);
    expect(made.owner.told).toEqual(['connected']);
    made.handle.end();
    accepted.handle.resume();
    await accepted.owner.waitFor('ended');
    expect(String(Buffer.concat(accepted.owner.chunks))).toBe('abc');
  });

  it('reports it later where the kernel has not', async () => {
    const { made, accepted } = await pair(backend);
    expect(made.handle.write(Buffer.from('x'))).toBe(true);
    expect(made.handle.write(Buffer.alloc(20_000_000))).toBe(false);
    await turns(20);
    expect(made.owner.told).toEqual(['connected']);
    const all = new Promise<void>((resolve) => (made.owner.onWriteDone = () => resolve()));
    accepted.handle.resume();
    await all;
  });

  it('can still be read to the end after a write that failed', async () => {
    const { made, accepted } = await pair(backend);
    expect(await written(accepted, Buffer.alloc(SIZE))).toBeUndefined();
    accepted.handle.destroy();
    await accepted.owner.waitFor('closed');
    // The peer's kernel answers this with a reset: it has no socket for it any more.
    expect(await written(made, Buffer.from('x'))).toBeUndefined();
    let error: Error | undefined;
    while (error === undefined) error = await written(made, Buffer.from('y'));
    expect(error).toMatchObject({ code: 'EPIPE', syscall: 'write' });
    expect(made.owner.told).not.toContain('closing');
    made.handle.resume();
    await made.owner.waitFor('ended');
    expect(Buffer.concat(made.owner.chunks)).toHaveLength(SIZE);
  });

  it('gives each write an outcome after one that failed, and closes after the end of the output', async () => {
    const { made, accepted } = await pair(backend);
    accepted.handle.destroy();
    await accepted.owner.waitFor('closed');
    while ((await written(made, Buffer.from('x'))) === undefined);
    expect(await written(made, Buffer.from('y'))).toMatchObject({ syscall: 'write' });
    expect(await written(made, Buffer.alloc(0))).toMatchObject({ syscall: 'write' });
    made.handle.end();
    made.handle.destroy();
    await made.owner.waitFor('closed');
    expect(made.owner.told).not.toContain('error');
  });

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'closes by %s() once a write has failed that the end of the output waited for',
    async (method) => {
      const { made, accepted } = await pair(backend);
      const rest = written(made, Buffer.alloc(20_000_000));
      made.handle.end();
      made.handle[method]();
      accepted.handle.resetAndDestroy();
      await Promise.all([made.owner.waitFor('closed'), rest]);
      expect(made.handle.descriptor).toBe(-1);
    },
  );

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'closes by %s() within a minute though the peer does not read what is before the end of the output',
    async (method) => {
      const { made } = await pair(backend);
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
      ends.push(() => jest.useRealTimers());
      made.handle.write(Buffer.alloc(20_000_000));
      made.handle.end();
      made.handle[method]();
      jest.advanceTimersByTime(59_999);
      await turns(20);
      expect(made.owner.told).not.toContain('closed');
      jest.advanceTimersByTime(1);
      await made.owner.waitFor('closed');
      await turns(20);
      expect(made.owner.told.filter((what) => what === 'closed')).toHaveLength(1);
    },
  );

  it('closes by itself when both directions have ended, and reports that in order', async () => {
    const { made, accepted } = await pair(backend);
    expect([made.handle.isWritable, made.handle.isFinished, made.handle.isAtEnd]).toEqual([true, false, false]);
    made.handle.end();
    expect(made.handle.isWritable).toBe(false);
    accepted.handle.resume();
    await accepted.owner.waitFor('ended');
    expect(accepted.owner.told).toEqual(['ended']);
    accepted.handle.end();
    made.handle.resume();
    await Promise.all([made.owner.waitFor('closed'), accepted.owner.waitFor('closed')]);
    expect(made.owner.told).toEqual(['connected', 'ended', 'closing', 'closed']);
    expect(accepted.owner.told).toEqual(['ended', 'closing', 'closed']);
    expect([made.handle.isFinished, made.handle.descriptor]).toEqual([true, -1]);
  });

  it('reports why it could not be connected, and knows its own address until then', async () => {
    const remote = { host: '127.0.0.1', port: reservedPort() };
    const { handle, owner: of } = owned(backend.make(remote));
    let port: number | undefined;
    of.onBeforeClose = () => (port = handle.local?.port);
    handle.connect(remote, false);
    await of.waitFor('closed');
    expect(of.told).toEqual(['error', 'closed']);
    expect(of.errors).toMatchObject([
      { code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: remote.port },
    ]);
    expect(of.errors[0]?.message).toBe(`connect ECONNREFUSED 127.0.0.1:${remote.port}`);
    expect(port).toBeGreaterThan(0);
  });

  it('connects to a Unix path, where there are no addresses and no options of TCP', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'await-socket-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const { made, accepted } = await pair(backend, { path: join(folder, 'socket') });
    expect([made.handle.local, made.handle.remote, made.handle.hasPeer()]).toEqual([undefined, undefined, true]);
    made.handle.setNoDelay(true);
    made.handle.setKeepAlive({ on: true, idle: undefined, interval: 5, count: 3 });
    if (support.typeOfService) made.handle.setTypeOfService(8);
    expect(await written(made, Buffer.from('there'))).toBeUndefined();
    made.handle.end();
    accepted.handle.resume();
    await accepted.owner.waitFor('ended');
    expect(String(Buffer.concat(accepted.owner.chunks))).toBe('there');
  });

  it('reports a path that does not exist', async () => {
    const remote = { path: '/nowhere/at/all' };
    const { handle, owner: of } = owned(backend.make(remote));
    handle.connect(remote, false);
    await of.waitFor('closed');
    expect(of.told).toEqual(['closing', 'error', 'closed']);
    expect(of.errors).toMatchObject([{ code: 'ENOENT', syscall: 'connect', address: '/nowhere/at/all' }]);
    expect(of.errors[0]?.message).toBe('connect ENOENT /nowhere/at/all');
  });

  it('reports nothing but the close where it is destroyed before it is connected', async () => {
    const { port } = listening(backend);
    const { handle, owner: of } = owned(backend.make(port.local));
    handle.connect(port.local, false);
    handle.destroy();
    handle.destroy();
    await of.waitFor('closed');
    await turns(20);
    expect(of.told).toEqual(['closing', 'closed']);
  });

  it('reports a reset as an error, after the bytes that came before it', async () => {
    const { made, accepted } = await pair(backend);
    made.handle.resume();
    await written(accepted, Buffer.from('last words'));
    await turns(5);
    accepted.handle.resetAndDestroy();
    await made.owner.waitFor('closed');
    expect(String(Buffer.concat(made.owner.chunks))).toBe('last words');
    expect(made.owner.told).toEqual(['connected', 'closing', 'error', 'closed']);
    expect(made.owner.errors).toMatchObject([{ code: 'ECONNRESET', syscall: 'read' }]);
  });

  it('closes without a reset where the end of its output is under way', async () => {
    const { made, accepted } = await pair(backend);
    made.handle.end();
    made.handle.resetAndDestroy();
    made.handle.resetAndDestroy();
    await made.owner.waitFor('closed');
    accepted.handle.resume();
    await accepted.owner.waitFor('ended');
    expect(accepted.owner.errors).toEqual([]);
  });

  it('knows both addresses and the peer while it is connected', async () => {
    const { made, accepted } = await pair(backend);
    expect(made.handle.local).toEqual(accepted.handle.remote);
    expect(made.handle.remote).toEqual(accepted.handle.local);
    expect(made.handle.local?.host).toBe('127.0.0.1');
    expect(made.handle.hasPeer()).toBe(true);
    if (process.platform !== 'win32') expect(made.handle.descriptor).toBeGreaterThan(2);
    accepted.handle.resetAndDestroy();
    while (made.handle.hasPeer()) await turns(1);
    made.handle.destroy();
    expect(made.handle.descriptor).toBe(-1);
  });

  it('connects from a socket that is bound', async () => {
    const { port, accepted } = listening(backend);
    const from = bound();
    const made = owned(backend.over(from.toSocket()));
    made.handle.connect(port.local, false);
    await made.owner.waitFor('connected');
    expect((await accepted).handle.remote).toEqual(from.local);
  });

  it('takes the type of service also while it connects', async () => {
    const { port, accepted } = listening(backend);
    const made = owned(backend.make(port.local));
    made.handle.connect(port.local, false);
    if (support.typeOfService) made.handle.setTypeOfService(8);
    await Promise.all([made.owner.waitFor('connected'), accepted]);
    expect(made.owner.told).toEqual(['connected']);
  });

  it('does not close before it has read once more after the end', async () => {
    const { made, accepted } = await pair(backend);
    made.handle.end();
    accepted.handle.resume();
    await accepted.owner.waitFor('ended');
    let toldAtEnd: string[] = [];
    made.owner.onEnd = () => {
      made.handle.readOnceMore();
      made.handle.destroy();
      toldAtEnd = [...made.owner.told];
    };
    made.handle.resume();
    accepted.handle.end();
    await made.owner.waitFor('closed');
    expect(toldAtEnd).toEqual(['connected']);
    expect(made.owner.told).toEqual(['connected', 'closing', 'closed']);
  });

  it('takes options, and ignores them once it is closed', async () => {
    const { made } = await pair(backend);
    const set = (): void => {
      made.handle.setNoDelay(false);
      made.handle.setKeepAlive({ on: true, idle: 60, interval: 5, count: 3 });
      if (support.typeOfService) made.handle.setTypeOfService(8);
    };
    set();
    made.handle.destroy();
    await made.owner.waitFor('closed');
    expect(set).not.toThrow();
    made.handle.resume();
    expect([made.handle.hasPeer(), made.handle.hasUnread(), made.handle.isWritable]).toEqual([false, false, false]);
  });
});

it('the libuv backend reports a write that the end of its handle cancels', async () => {
  const { made } = await pair(libuvBackend ?? netBackend);
  const rest = written(made, Buffer.alloc(20_000_000));
  made.handle.destroy();
  expect(await rest).toMatchObject({ code: 'ECANCELED' });
});

describe('where Node has no handle of the expected kind, the libuv backend', () => {
  it('leaves a socket to the documented backend', async () => {
    const socket = new net.Socket();
    const { handle, owner: of } = owned((libuvBackend ?? netBackend).over(socket));
    handle.destroy();
    await of.waitFor('closed');
    expect(socket.destroyed).toBe(true);
  });

  it('leaves a server to the documented backend', async () => {
    const server = net.createServer();
    const accepted = new Promise<StreamHandle>((resolve) => (libuvBackend ?? netBackend).serve(server, resolve));
    server.emit('connection', new net.Socket());
    expect(await accepted).toBeDefined();
  });
});

it.each(backends)('%s reports a connection that could not be accepted by an event of the server', (_name, backend) => {
  const server = net.createServer();
  const errors: Error[] = [];
  server.on('error', (error) => errors.push(error));
  const onconnection = (status: number): void => {
    server.emit('error', new Error(String(status)));
  };
  const handle = { onconnection };
  Object.defineProperty(server, '_handle', { value: handle });
  backend.serve(server, () => undefined);
  handle.onconnection(-24);
  expect(errors).toHaveLength(1);
  if (backend === libuvBackend) expect(errors).toMatchObject([{ code: 'EMFILE', syscall: 'accept' }]);
});

describe('the memory that the libuv backend reads into', () => {
  const FULL = 65_536;
  const MOST_OWNERS = 64;

  /** Reads, and the blocks that their receiver takes. */
  function reads(keepsBytes = true): { reads: Reads; taken: { bytes: Buffer; isLent: boolean }[] } {
    const taken: { bytes: Buffer; isLent: boolean }[] = [];
    const receiver: Receiver = { keepsBytes, take: (bytes, isLent) => taken.push({ bytes, isLent }) > 0 };
    const of = new Reads(receiver);
    ends.push(() => of.end());
    return { reads: of, taken };
  }

  const shared = reads().reads.memory;

  it('is the socket’s own after a read that fills it, and is given away full', () => {
    const { reads: of, taken } = reads();
    of.take(FULL);
    const own = of.memory;
    expect(own).not.toBe(shared);
    of.take(FULL);
    expect(taken.map(({ isLent }) => isLent)).toEqual([true, false]);
    expect(taken[1]?.bytes).toBe(own);
    expect([own, shared]).not.toContain(of.memory);
  });

  it('stays the socket’s own after one partial read, and is shared after the second', () => {
    const { reads: of, taken } = reads();
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
  });

  it('stays shared where the receiver copies the bytes', () => {
    const { reads: of } = reads(false);
    of.take(FULL);
    expect(of.memory).toBe(shared);
  });

  it('is used again once the receiver gives it back', () => {
    const asked: Buffer[] = [];
    const receiver: Receiver = { keepsBytes: true, take: () => true, giveBack: (memory) => asked.push(memory) === 2 };
    const of = new Reads(receiver);
    ends.push(() => of.end());
    const memory = Array.from({ length: 4 }, () => {
      of.take(FULL);
      return of.memory;
    });
    // The receiver is asked about each that it has, and has only the first of them left when the third read begins.
    expect(asked).toEqual([memory[0], memory[1]]);
    expect(memory[3]).toBe(memory[1]);
    expect(new Set(memory).size).toBe(3);
  });

  it('is their own for a limited number of sockets, until one of them is closed', () => {
    const owners = Array.from({ length: MOST_OWNERS }, () => reads());
    for (const { reads: of } of owners) of.take(FULL);
    expect(owners.filter(({ reads: of }) => of.memory === shared)).toHaveLength(0);
    const late = reads();
    late.reads.take(FULL);
    expect(late.reads.memory).toBe(shared);
    // A second full read of the same socket does not count twice.
    owners[0]?.reads.take(FULL);
    owners[0]?.reads.end();
    late.reads.take(FULL);
    expect(late.reads.memory).not.toBe(shared);
    const later = reads();
    later.reads.take(FULL);
    expect(later.reads.memory).toBe(shared);
  });
});
