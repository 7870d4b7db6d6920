import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { keepUnreadAfterWriteError } from '../../lib/transports/unread.ts';

/** Below what the kernel holds for a receiver that does not read (64 KiB at least). */
const SIZE = 50_000;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A client that has not read what its peer sent before it closed, and whose next write fails; what happens to it is written down. */
async function abandoned(): Promise<{ client: net.Socket; events: string[]; received: () => number }> {
  const server = net.createServer((conn) => {
    conn.on('error', () => undefined);
    conn.end(Buffer.alloc(SIZE), () => conn.destroy());
    conn.once('close', () => server.emit('gone'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port was expected');
  const client = net.connect({ host: '127.0.0.1', port: address.port, allowHalfOpen: true });
  client.pause();
  ends.push(() => client.destroy());
  const gone = once(server, 'gone');
  const events: string[] = [];
  keepUnreadAfterWriteError(client, (error) => events.push(`write failed: ${codeOf(error)}`));
  client.on('error', (error) => events.push(`error: ${codeOf(error)}`));
  client.on('end', () => events.push('end'));
  client.on('close', () => events.push('close'));
  await Promise.all([once(client, 'connect'), gone]);
  let count = 0;
  client.on('data', (chunk: Buffer) => (count += chunk.length));
  client.pause();
  // The peer's system answers this with a reset: there is nobody any more.
  await new Promise((resolve) => client.write('x', resolve));
  return { client, events, received: () => count };
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}

const writes: [name: string, write: (socket: net.Socket, callback: (error?: Error | null) => void) => void][] = [
  ['one chunk', (socket, callback) => void socket.write('y', callback)],
  [
    'several chunks at once',
    (socket, callback) => {
      socket.cork();
      socket.write('y');
      socket.write('z', callback);
      socket.uncork();
    },
  ],
];

describe.each(writes)('a write of %s that fails', (_name, write) => {
  it('is told at once, and to Node only behind all that the peer had sent', async () => {
    const { client, events, received } = await abandoned();
    const written = new Promise<Error | null | undefined>((resolve) => write(client, resolve));
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.resume();
    expect(await written).toMatchObject({ code: 'EPIPE' });
    await closed;
    expect(received()).toBe(SIZE);
    expect(events).toEqual(['write failed: EPIPE', 'end', 'error: EPIPE', 'close']);
  });

  it('holds nothing up when the socket is destroyed before all is read', async () => {
    const { client, events } = await abandoned();
    const written = new Promise<Error | null | undefined>((resolve) => write(client, resolve));
    client.destroy();
    expect(await written).toHaveProperty('message');
    expect(events).toContain('write failed: EPIPE');
    expect(events).not.toContain('end');
  });

  it('is told to Node at once where all had been read', async () => {
    const { client, events, received } = await abandoned();
    const end = once(client, 'end');
    client.resume();
    await end;
    expect(received()).toBe(SIZE);
    const written = new Promise<Error | null | undefined>((resolve) => write(client, resolve));
    expect(await written).toMatchObject({ code: 'EPIPE' });
    expect(events.slice(0, 2)).toEqual(['end', 'write failed: EPIPE']);
  });
});

describe('a write that succeeds', () => {
  it('is as without us', async () => {
    const server = net.createServer((conn) => conn.pipe(conn));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a port was expected');
    const client = net.connect({ host: '127.0.0.1', port: address.port });
    ends.push(() => client.destroy());
    const errors: Error[] = [];
    keepUnreadAfterWriteError(client, (error) => errors.push(error));
    const results: unknown[] = [];
    client.write('one ', (error) => results.push(error ?? 'written'));
    client.cork();
    client.write('two ', (error) => results.push(error ?? 'written'));
    client.write('three', (error) => results.push(error ?? 'written'));
    client.uncork();
    client.end();
    let echo = '';
    for await (const chunk of client) echo += String(chunk);
    expect(echo).toBe('one two three');
    expect(results).toEqual(['written', 'written', 'written']);
    expect(errors).toEqual([]);
  });
});
