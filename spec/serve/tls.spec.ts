import { describe, expect, it } from '@jest/globals';
import type * as socket from '../../lib/index.ts';
import type * as ssl from '../../lib/ssl/index.ts';
import { listening, own, pair, recvAll, story, tcp } from '../support/pairs.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';
import { clientOf, serving, servingOn, until } from './servers.ts';

/** A listener with TLS. */
async function tlsListener(options: ssl.WrapOptions = {}): Promise<ssl.SSLSocket> {
  return own(await serverContext().wrapSocket(listening(), { serverSide: true, ...options }));
}

/** A client with TLS that is connected to a server. */
async function tlsClientOf({ address }: { readonly address: socket.Address }): Promise<ssl.SSLSocket> {
  const client = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
  await client.connect(address);
  return client;
}

async function hello(conn: ssl.SSLSocket): Promise<void> {
  await conn.sendall(`${String(await conn.recv(5))} by ${conn.version() ?? 'nothing'}`);
}

describe('serve() with a listener of TLS', () => {
  it('gives the handler a connection whose handshake is done', async () => {
    const { server, reports } = servingOn(await tlsListener(), hello);
    const client = await tlsClientOf(server);
    await client.sendall('hello');
    expect(String(await recvAll(client))).toBe('hello by TLSv1.3');
    await server.close();
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ accepted: 1, refused: 0, failed: 0 });
  });

  it('serves others while one client does not begin its handshake', async () => {
    const { server, reports } = servingOn(await tlsListener(), hello, { setupTimeout: 2 });
    const silent = await clientOf(server);
    const client = await tlsClientOf(server);
    await client.sendall('hello');
    expect(String(await recvAll(client))).toBe('hello by TLSv1.3');
    expect(server.active).toBe(1);
    expect(await story(silent)).toEqual(['ECONNRESET', 0, 0]);
    await server.close();
    const text = 'the start of the connection took longer than 2 s';
    expect(reports).toMatchObject([[{ name: 'TimeoutError', message: text }, silent.getsockname()]]);
    expect(server).toMatchObject({ accepted: 2, refused: 1, failed: 0 });
  });

  it('refuses a client whose handshake fails, and goes on', async () => {
    const { server, reports } = servingOn(await tlsListener(), hello);
    const plain = await clientOf(server);
    await plain.sendall('GET / HTTP/1.0\r\n\r\n');
    expect(await story(plain)).toEqual([0, 0]);
    const client = await tlsClientOf(server);
    await client.sendall('hello');
    expect(String(await recvAll(client))).toBe('hello by TLSv1.3');
    expect(reports).toMatchObject([[{ name: 'SSLError', reason: 'HTTP_REQUEST' }, plain.getsockname()]]);
    expect(server).toMatchObject({ accepted: 2, refused: 1, failed: 0 });
  });

  it('leaves the handshake to the handler where the listener is wrapped so', async () => {
    const listener = await tlsListener({ doHandshakeOnConnect: false });
    const { server } = servingOn(listener, async (conn) => {
      expect(conn.version()).toBeNull();
      await conn.doHandshake();
      await hello(conn);
    });
    const client = await tlsClientOf(server);
    await client.sendall('hello');
    expect(String(await recvAll(client))).toBe('hello by TLSv1.3');
    await server.close();
    expect(server.failed).toBe(0);
  });

  it('resets connections in the middle of their handshake when it is aborted', async () => {
    const { server, reports } = servingOn(await tlsListener(), hello);
    const silent = await clientOf(server);
    await until(() => server.active === 1);
    await server.abort();
    expect(await story(silent)).toEqual(['ECONNRESET', 0, 0]);
    expect(reports).toEqual([]);
    expect(server).toMatchObject({ refused: 1, failed: 0 });
  });

  it('aborts a handler, and resets its connection, when its time is over', async () => {
    const { server, reports } = servingOn(await tlsListener(), (conn) => conn.recv(1), { handlerTimeout: 0.05 });
    const client = await tlsClientOf(server);
    await expect(recvAll(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await server.close();
    expect(reports).toMatchObject([[{ name: 'TimeoutError' }, expect.anything()]]);
    expect(server.failed).toBe(1);
  });
});

describe('a handler that puts TLS on its connection', () => {
  const upgrade = async (conn: socket.Socket): Promise<ssl.SSLSocket> =>
    await serverContext().wrapSocket(conn, { serverSide: true });

  it('need not close it', async () => {
    const { server } = serving(async (conn) => await hello(await upgrade(conn)));
    const client = await tlsClientOf(server);
    await client.sendall('hello');
    expect(String(await recvAll(client))).toBe('hello by TLSv1.3');
    await server.close();
    expect(server.failed).toBe(0);
  });

  it('has it reset when its time is over', async () => {
    const { server } = serving(async (conn) => await (await upgrade(conn)).recv(1), { handlerTimeout: 2 });
    const client = await tlsClientOf(server);
    await expect(recvAll(client)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await server.close();
    expect(server.failed).toBe(1);
  });

  it('of another connection has to close that one by itself', async () => {
    const [one, other] = await pair();
    const { server } = serving(async (conn) => {
      await one.sendall(await conn.recv(1));
    });
    const client = await clientOf(server);
    await client.sendall('x');
    expect(String(await other.recv(1))).toBe('x');
    await recvAll(client);
    expect(one.fileno()).toBeGreaterThan(-1);
  });
});
