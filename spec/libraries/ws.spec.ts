import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import * as socket from '../../lib/index.ts';
import { serving } from '../support/node-servers.ts';
import { asNetSocket } from '../support/node-streams.ts';
import { listening, pattern, portOf } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';

const clients: WebSocket[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

/** A client over a connection of ours. */
function over(sock: socket.Socket): WebSocket {
  const createConnection = (): net.Socket => asNetSocket(sock.toDuplex());
  const client = new WebSocket('ws://localhost/', { createConnection });
  clients.push(client);
  return client;
}

/** A server that sends back what it gets, over no port of its own. */
function echoServer(): http.Server {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client) =>
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })),
  );
  return server;
}

async function answered(client: WebSocket, message: string | Buffer): Promise<Buffer> {
  const answer = once(client, 'message') as Promise<[RawData]>;
  client.send(message);
  const [data] = await answer;
  if (!Buffer.isBuffer(data)) throw new TypeError('a Buffer was expected');
  return data;
}

describe('ws', () => {
  it('talks to a server over a connection of ours', async () => {
    const { port } = await serving(echoServer());
    const client = over(await socket.createConnection(['127.0.0.1', port]));
    await once(client, 'open');
    expect(String(await answered(client, 'Hello'))).toBe('Hello');
    const bytes = pattern(3_000_000);
    expect((await answered(client, bytes)).equals(bytes)).toBe(true);
    client.close(4000, 'enough');
    expect(await once(client, 'close')).toEqual([4000, Buffer.from('enough')]);
  });

  it('serves connections that our listener accepts', async () => {
    const listener = listening();
    const client = over(await socket.createConnection(['127.0.0.1', portOf(listener)]));
    const [conn] = await listener.accept();
    echoServer().emit('connection', conn.toDuplex());
    await once(client, 'open');
    expect(String(await answered(client, 'to our server'))).toBe('to our server');
    client.close();
    await once(client, 'close');
  });

  it('works over TLS of ours on both sides', async () => {
    const [near, far] = await tlsPair();
    echoServer().emit('connection', far.toDuplex());
    const client = over(near);
    await once(client, 'open');
    const bytes = pattern(1_000_000);
    expect((await answered(client, bytes)).equals(bytes)).toBe(true);
  });
});
