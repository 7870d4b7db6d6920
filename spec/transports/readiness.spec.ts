import { afterEach, describe, expect, it } from '@jest/globals';
import { POLLIN, POLLOUT } from '../../lib/common/poll-constants.ts';
import { bind } from '../../lib/transports/bind.ts';
import { Datagrams } from '../../lib/transports/datagram.ts';
import { Failure } from '../../lib/transports/failure.ts';
import { Listener } from '../../lib/transports/listener.ts';
import { streamPair } from '../../lib/transports/pair.ts';
import type { Readiness } from '../../lib/transports/readiness.ts';
import { Stream } from '../../lib/transports/stream.ts';

const FOR_EVER = { deadline: null, signal: undefined };
const FLAGS = { all: false, peek: false, unlimited: true };
const LOCALHOST = { host: '127.0.0.1', port: 0 };

const canReceive = (one: Readiness): boolean => (one.poll() & POLLIN) !== 0;
const canSend = (one: Readiness): boolean => (one.poll() & POLLOUT) !== 0;

const open: { close(reset: boolean): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close(false);
});

function isMade<T extends object>(made: T | Failure | undefined): T {
  if (made instanceof Failure) throw new Error(`not made: ${made.code}`);
  if (made === undefined) throw new Error('not made');
  return made;
}

function listen(): Listener {
  const bound = isMade(bind(LOCALHOST, { ipv6Only: false, reusePort: false }));
  const listener = isMade(Listener.listen(bound, 5));
  open.push(listener);
  return listener;
}

/** The two ends of a connection, the client's first. */
async function connected(): Promise<[Stream, Stream]> {
  const listener = listen();
  const client = Stream.connect(listener.local, undefined, true);
  open.push(client);
  const [, server] = await Promise.all([
    client.connectors.wait(() => client.connected(), FOR_EVER),
    listener.acceptors.wait(() => listener.accept(), FOR_EVER),
  ]);
  if (!(server instanceof Stream)) throw new Error('not accepted');
  open.push(server);
  return [client, server];
}

/** Waits until something is ready, as one who waits for several does. */
function until(readiness: Readiness, isReady: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isReady()) return;
      stop();
      resolve();
    };
    const stop = readiness.observe(look);
    look();
  });
}

describe('Readiness', () => {
  it('of a stream is there when bytes are, and takes none of them', async () => {
    const [client, server] = await connected();
    expect([canReceive(client), canSend(client)]).toEqual([false, true]);
    server.write(Buffer.from('hello'), true);
    await until(client, () => canReceive(client));
    expect(canReceive(client)).toBe(true);
    expect(client.read(10, FLAGS)).toEqual(Buffer.from('hello'));
    expect(canReceive(client)).toBe(false);
  });

  it('of a stream is there at its end', async () => {
    const [client, server] = await connected();
    server.shutdownWrite();
    await until(client, () => canReceive(client));
    expect(client.read(10, FLAGS)).toEqual(Buffer.alloc(0));
  });

  it('of a stream is there when it can send again, and when it cannot any more', async () => {
    const [client, server] = await connected();
    while (canSend(client)) client.write(Buffer.alloc(1 << 20), false);
    const drained = until(client, () => canSend(client));
    await until(server, () => {
      while (canReceive(server)) server.read(1 << 20, FLAGS);
      return canSend(client);
    });
    await drained;
    client.shutdownWrite();
    expect(canSend(client)).toBe(true);
  });

  it('of a listener is there when a connection is', async () => {
    const listener = listen();
    expect([canReceive(listener), canSend(listener)]).toEqual([false, false]);
    open.push(Stream.connect(listener.local, undefined, true));
    await until(listener, () => canReceive(listener));
    const accepted = isMade(listener.accept());
    open.push(accepted);
    expect(canReceive(listener)).toBe(false);
  });

  it('of datagrams is there when one is', async () => {
    const receiver = new Datagrams(4);
    open.push(receiver);
    expect(receiver.bind(LOCALHOST, { reuseAddress: false, reusePort: false, ipv6Only: false })).toBeUndefined();
    expect([canReceive(receiver), canSend(receiver)]).toEqual([false, true]);
    const to = receiver.local;
    receiver.send(Buffer.from('x'), to);
    await until(receiver, () => canReceive(receiver));
    expect(receiver.read(10, FLAGS)).toEqual(Buffer.from('x'));
    expect(canReceive(receiver)).toBe(false);
  });
});

describe('Stream.release', () => {
  it('gives the handle and the unread bytes to another stream, and ends the calls that wait', async () => {
    const [client, server] = await connected();
    server.write(Buffer.from('hello'), true);
    await until(client, () => canReceive(client));
    client.read(1, FLAGS);
    const sending = client.writers.wait(() => undefined, FOR_EVER);
    const released = client.release();
    expect(await sending).toMatchObject({ reason: 'close' });
    expect(released.unread).toEqual(Buffer.from('ello'));
    const successor = Stream.over(released);
    open.push(successor);
    expect(successor.read(10, FLAGS)).toEqual(Buffer.from('ello'));
    expect(successor.local).toEqual(released.local);
    server.write(Buffer.from(' again'), true);
    await until(successor, () => canReceive(successor));
    expect(successor.read(10, FLAGS)).toEqual(Buffer.from(' again'));
    expect(successor.write(Buffer.from('back'), true)).toBe(4);
    await until(server, () => canReceive(server));
    expect(server.read(10, FLAGS)).toEqual(Buffer.from('back'));
  });

  it('passes on an end that has come', async () => {
    const pair = await streamPair();
    if (pair instanceof Failure) throw new Error(pair.code);
    open.push(...pair);
    pair[0].shutdownWrite();
    await until(pair[1], () => canReceive(pair[1]));
    const successor = Stream.over(pair[1].release());
    open.push(successor);
    expect(successor.read(10, FLAGS)).toEqual(Buffer.alloc(0));
  });
});
