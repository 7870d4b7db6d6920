import { afterEach, describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { SSLSocket } from '../../lib/ssl/index.ts';
import { clientContext, serverContext } from '../support/tls-contexts.ts';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A client that has begun TLS right after its last line of plain text, and the server's end. */
async function eagerClient(): Promise<{ conn: socket.Socket; client: Promise<SSLSocket> }> {
  const server = socket.createServer(['127.0.0.1', 0]);
  const plain = socket.socket();
  open.push(server, plain);
  await plain.connect(server.getsockname());
  const [conn] = await server.accept();
  open.push(conn);
  await plain.sendall('STARTTLS\n');
  const client = clientContext().wrapSocket(plain, { serverHostname: 'localhost' });
  // The line and the ClientHello have come, so that what reads the one reads the other ahead.
  for (let length = 0; length < 200;) length = (await conn.recv(4096, socket.MSG_PEEK)).length;
  return { conn, client };
}

async function talk(client: Promise<SSLSocket>, server: Promise<SSLSocket>): Promise<void> {
  const ends = await Promise.all([client, server]);
  open.push(...ends);
  await ends[0].sendall('hello');
  expect(String(await ends[1].recv(100))).toBe('hello');
}

describe('bytes that were read ahead belong to TLS', () => {
  it('in the socket', async () => {
    const { conn, client } = await eagerClient();
    expect(String(await conn.recv(9))).toBe('STARTTLS\n');
    await talk(client, serverContext().wrapSocket(conn, { serverSide: true }));
  });

  it('in a file of makefile()', async () => {
    const { conn, client } = await eagerClient();
    await using file = conn.makefile('rb');
    expect(String(await file.readline())).toBe('STARTTLS\n');
    await talk(client, serverContext().wrapSocket(conn, { serverSide: true }));
  });

  it('and a file that only writes has read none', async () => {
    const { conn, client } = await eagerClient();
    const file = conn.makefile('wb');
    expect(String(await conn.recv(9))).toBe('STARTTLS\n');
    await talk(client, serverContext().wrapSocket(conn, { serverSide: true }));
    expect(file.closed).toBe(false);
  });

  it('where a file has made text of them, the socket is refused, and stays', async () => {
    const { conn, client } = await eagerClient();
    await using file = conn.makefile('r', { encoding: 'latin-1', newline: '\n' });
    expect(await file.readline()).toBe('STARTTLS\n');
    await expect(serverContext().wrapSocket(conn, { serverSide: true })).rejects.toThrow(
      'text that a file has read ahead cannot be given back as bytes',
    );
    expect(conn.fileno()).toBeGreaterThan(0);
    conn.close();
    await file.close();
    await expect(client).rejects.toThrow();
  });
});
