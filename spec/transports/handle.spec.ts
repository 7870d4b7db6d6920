import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import net from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { afterPoll } from '../../lib/waiting/fairness.ts';
import { descriptorOf, readOnceMore } from '../../lib/transports/handle.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function listening(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return server;
}

/** Both ends of a connection. */
async function connected(): Promise<[client: net.Socket, accepted: net.Socket]> {
  const server = await listening();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  const client = net.connect({ host: '127.0.0.1', port: address.port, allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  ends.push(
    () => client.destroy(),
    () => accepted.destroy(),
  );
  return [client, accepted];
}

/** A socket on a handle of our own. */
function onHandle(handle: unknown): net.Socket {
  const socket = new net.Socket();
  Object.defineProperty(socket, '_handle', { value: handle, writable: true });
  return socket;
}

const polled = (): Promise<void> => new Promise((resolve) => afterPoll(resolve));

describe('descriptorOf', () => {
  (process.platform === 'win32' ? it.skip : it)('is the number that the system knows', async () => {
    const [client, accepted] = await connected();
    const descriptors = [descriptorOf(await listening()), descriptorOf(client), descriptorOf(accepted)];
    expect(descriptors.map((descriptor) => fstatSync(descriptor).isSocket())).toEqual([true, true, true]);
    expect(new Set(descriptors).size).toBe(3);
  });

  it('is −1 for what is not open', async () => {
    const server = await listening();
    server.close();
    const [client] = await connected();
    client.destroy();
    expect([server, client, new net.Socket(), net.createServer()].map(descriptorOf)).toEqual([-1, -1, -1, -1]);
  });

  it.each([{}, { fd: undefined }, { fd: '3' }, 'no handle', null])('is −1 where the handle is %p', (handle) => {
    expect(descriptorOf(onHandle(handle))).toBe(-1);
  });
});

describe('readOnceMore', () => {
  const makeHandle = (): { readStart: () => number; close: (done: () => void) => void } => ({
    readStart: jest.fn(() => 0),
    close: (done) => setImmediate(done),
  });

  it.each([{}, { readStart: 1 }, null])('does nothing where the handle is %p', async (handle) => {
    const socket = onHandle(handle);
    readOnceMore(socket);
    expect(Object.hasOwn(socket, 'destroy')).toBe(false);
    await polled();
    expect(socket.destroyed).toBe(false);
  });

  it('does nothing to a socket that is destroyed', () => {
    const handle = makeHandle();
    const socket = onHandle(handle);
    socket.destroy();
    Object.defineProperty(socket, '_handle', { value: handle, writable: true });
    readOnceMore(socket);
    expect(handle.readStart).not.toHaveBeenCalled();
  });

  it('reads, and lets the socket’s destruction wait for what comes', async () => {
    const handle = makeHandle();
    const socket = onHandle(handle);
    readOnceMore(socket);
    expect(handle.readStart).toHaveBeenCalledTimes(1);
    expect(socket.destroy()).toBe(socket);
    expect(socket.destroyed).toBe(false);
    await polled();
    expect(socket.destroyed).toBe(true);
  });

  it('lets an error destroy the socket at once', async () => {
    const socket = onHandle(makeHandle());
    const error = new Error('reset');
    const event = once(socket, 'error').catch((reason: unknown) => [reason]);
    readOnceMore(socket);
    expect(socket.destroy()).toBe(socket);
    expect(socket.destroy(error)).toBe(socket);
    expect(socket.destroyed).toBe(true);
    expect(socket.errored).toBe(error);
    await polled();
    await event;
  });

  it('leaves a socket that is not being destroyed alone, and fit to be destroyed later', async () => {
    const socket = onHandle(makeHandle());
    readOnceMore(socket);
    await polled();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    expect(socket.destroyed).toBe(true);
  });

  it('reports a reset after data on a socket whose output has ended', async () => {
    const [client, accepted] = await connected();
    client.pause();
    const finished = once(client, 'finish');
    client.end();
    accepted.resume();
    await Promise.all([finished, once(accepted, 'end')]);
    const closed = new Promise<unknown>((resolve) => {
      client.on('error', resolve);
      client.on('close', () => resolve('closed without an error'));
    });
    client.on('end', () => readOnceMore(client));
    // Both are in the client's kernel before the client reads either.
    accepted.write('data');
    accepted.resetAndDestroy();
    const received: Buffer[] = [];
    client.on('data', (chunk: Buffer) => received.push(chunk));
    client.resume();
    expect(await closed).toMatchObject({ code: 'ECONNRESET' });
    expect(String(Buffer.concat(received))).toBe('data');
  });
});
