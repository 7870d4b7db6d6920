import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { Connection, DatagramSocket, Listener } from '../../lib/index.ts';
import type { SSLListener } from '../../lib/ssl/index.ts';
import { PAIRS } from '../promises/calls.ts';
import { EBADF, ECONNRESET, ENOTCONN } from '../support/expected-errors.ts';
import { datagrams } from '../promises/calls.ts';
import { listening, own, pair, pattern, reset, tcp, turns } from '../support/pairs.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';

const streams = Object.entries(PAIRS).filter(([kind]) => kind !== 'UDP');

async function errorOf(work: () => Promise<unknown>): Promise<unknown> {
  return await work().then(
    () => 'no error',
    (error: unknown) => error,
  );
}

async function chunksOf(one: socket.Socket): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of one as Connection) chunks.push(chunk);
  return chunks;
}

describe.each(streams)('for await over a connection (%s)', (_, make) => {
  it('gives what has come, in chunks, until the end of the stream, and leaves the socket open', async () => {
    const [one, other] = await make();
    const bytes = pattern(300_000);
    const [chunks] = await Promise.all([
      chunksOf(one),
      other.sendall(bytes).then(() => other.shutdown(socket.SHUT_WR)),
    ]);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(await chunksOf(one)).toEqual([]);
    await one.sendall('still open');
    expect(String(await other.recv(100))).toBe('still open');
  });

  it('may be left and begun again: nothing is lost', async () => {
    const [one, other] = await make();
    await other.sendall('abc');
    for await (const chunk of one as Connection) {
      expect(String(chunk)).toBe('abc');
      break;
    }
    await other.sendall('def');
    expect(String(await one.recv(2))).toBe('de');
    one.settimeout(0.01);
    expect(await errorOf(() => chunksOf(one).then(() => chunksOf(one)))).toBeInstanceOf(socket.TimeoutError);
    await other.sendall('ghi');
    other.shutdown(socket.SHUT_WR);
    one.settimeout(null);
    expect(String(Buffer.concat(await chunksOf(one)))).toBe('ghi');
  });

  it('does not take a close() for the end of the stream', async () => {
    const [one] = await make();
    const loop = errorOf(() => chunksOf(one));
    await turns(3);
    one.close();
    expect(await loop).toMatchObject(EBADF);
    expect(await errorOf(() => chunksOf(one))).toMatchObject(EBADF);
  });
});

describe('for await over a connection', () => {
  it('does not take a reset for the end of the stream', async () => {
    const [one, other] = await pair();
    await other.sendall('abc');
    const chunks: string[] = [];
    const loop = errorOf(async () => {
      for await (const chunk of one as Connection) chunks.push(String(chunk));
    });
    await turns(5);
    reset(other);
    expect(await loop).toMatchObject(ECONNRESET);
    expect(chunks).toEqual(['abc']);
  });

  it('raises what recv() raises where there is no connection', async () => {
    expect(await errorOf(() => chunksOf(tcp()))).toMatchObject(ENOTCONN);
  });

  it('gives the datagrams of a datagram socket, empty ones too', async () => {
    const [one, other] = [datagrams(), datagrams()];
    for (const text of ['abc', '', 'def']) await other.sendto(text, one.getsockname());
    const received: string[] = [];
    for await (const datagram of one as DatagramSocket) {
      received.push(String(datagram));
      if (received.length === 3) break;
    }
    expect(received).toEqual(['abc', '', 'def']);
  });

  it('shows the line of the loop in the stack of an error', async () => {
    const one = tcp();
    const error = await errorOf(async () => {
      for await (const chunk of one) expect(chunk).toBeDefined();
    });
    const [, first = ''] = error instanceof Error ? (error.stack ?? '').split('\n') : [];
    expect(first).toMatch(/iteration\.spec\.ts/);
  });
});

describe('for await over a listener', () => {
  it('gives the connections with their addresses, until it is closed', async () => {
    const server = listening() as Listener<socket.Inet4Address>;
    const clients = [tcp(), tcp(), tcp()];
    for (const client of clients) await client.connect(server.getsockname());
    const addresses: string[] = [];
    for await (const [conn, address] of server) {
      own(conn);
      addresses.push(String(address));
      if (addresses.length === clients.length) setImmediate(() => server.close());
    }
    expect(addresses).toEqual(clients.map((client) => String(client.getsockname())));
    expect(server.fileno()).toBe(-1);
  });

  it('leaves the listener open, and loses no connection', async () => {
    const server = listening() as Listener<socket.Inet4Address>;
    const clients = [tcp(), tcp()];
    for (const client of clients) await client.connect(server.getsockname());
    for await (const [conn] of server) {
      own(conn);
      break;
    }
    const [next, address] = await server.accept();
    own(next);
    expect(address).toEqual(clients[1]?.getsockname());
  });

  it('raises where the listener is closed before, and passes a time-out on', async () => {
    const server = listening() as Listener;
    const loop = async (): Promise<void> => {
      for await (const [conn] of server) own(conn);
    };
    server.settimeout(0.01);
    expect(await errorOf(loop)).toBeInstanceOf(socket.TimeoutError);
    server.close();
    expect(await errorOf(loop)).toMatchObject(EBADF);
  });

  it('calls the methods of a subclass: over TLS, each connection has done its handshake', async () => {
    const raw: Listener = socket.createServer(['127.0.0.1', 0]);
    const server: SSLListener = own(await serverContext().wrapSocket(raw, { serverSide: true }));
    const client = own(await socket.createConnection(server.getsockname() as socket.Inet4Address));
    const wrapping = clientContext().wrapSocket(client, { serverHostname: 'localhost' });
    for await (const [conn] of server) {
      own(conn);
      expect(conn.version()).toMatch(/^TLS/);
      const wrapped = own(await wrapping);
      await wrapped.sendall('hello');
      for await (const chunk of conn) {
        expect(String(chunk)).toBe('hello');
        break;
      }
      break;
    }
  });
});

describe('await using', () => {
  it('closes the socket at the end of the block', async () => {
    const [one, other] = await pair();
    {
      await using closing = one;
      await closing.sendall('bye');
    }
    expect(one.fileno()).toBe(-1);
    expect((await chunksOf(other)).join('')).toBe('bye');
  });
});
