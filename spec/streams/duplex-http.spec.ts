import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import type { SocketDuplex } from '../../lib/index.ts';
import { own, pair, pattern, portOf, listening, tcp } from '../support/pairs.ts';
import { tlsPair } from '../support/tls.ts';
import { certificateFile, clientContext, keyFile } from '../support/tls-contexts.ts';
import { temporaryPath, unix } from '../support/unix.ts';
import { serving } from '../support/node-servers.ts';

/** Answers each request with its method, path and body. */
const echo: http.RequestListener = (request, response) => {
  const blocks: Buffer[] = [];
  request.on('data', (block: Buffer) => blocks.push(block));
  request.on('end', () => response.end(`${request.method} ${request.url} ${Buffer.concat(blocks).toString()}`));
};

/** The whole body of an answer. */
async function bodyOf(request: http.ClientRequest): Promise<string> {
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let body = '';
  for await (const block of response.setEncoding('utf8')) body += String(block);
  return body;
}

/** A stream over a new connection to a port of this machine. */
async function connected(port: number): Promise<SocketDuplex> {
  return (await socket.createConnection(['127.0.0.1', port])).toDuplex();
}

/** An agent whose connections are ours; it counts them. */
class OurAgent extends http.Agent {
  made = 0;

  override createConnection(
    options: http.ClientRequestArgs,
    made: (error: Error | null, stream: Duplex) => void = () => undefined,
  ): undefined {
    this.made += 1;
    void connected(Number(options.port)).then((stream) => made(null, stream));
  }
}

describe('node:http', () => {
  it('sends a request over a connection of ours', async () => {
    const { port } = await serving(http.createServer(echo));
    const stream = await connected(port);
    const closed = once(stream, 'close');
    const request = http.request({ createConnection: () => stream, method: 'POST', path: '/one' });
    request.setNoDelay(true);
    request.end('a body');
    expect(await bodyOf(request)).toBe('POST /one a body');
    expect(await closed).toEqual([false]);
  });

  it('sends a request over a Unix socket', async () => {
    const path = temporaryPath();
    await serving(http.createServer(echo), path);
    const stream = unix().toDuplex().connect(path);
    const request = http.request({ createConnection: () => stream, path: '/unix' });
    request.end();
    expect(await bodyOf(request)).toBe('GET /unix ');
  });

  it('keeps a connection in an Agent, and uses it again', async () => {
    const { port } = await serving(http.createServer(echo));
    const agent = new OurAgent({ keepAlive: true, timeout: 20_000 });
    for (const path of ['/one', '/two', '/three']) {
      const request = http.request({ agent, port, path });
      request.setTimeout(20_000);
      request.end();
      expect(await bodyOf(request)).toBe(`GET ${path} `);
    }
    expect(agent.made).toBe(1);
    agent.destroy();
  });

  it('times out a request whose server does not answer', async () => {
    const listener = listening();
    const stream = await connected(portOf(listener));
    const request = http.request({ createConnection: () => stream });
    request.setTimeout(10);
    request.end();
    await once(request, 'timeout');
    const failed = once(request, 'error');
    request.destroy(new Error('too late'));
    expect(await failed).toEqual([new Error('too late')]);
  });

  it('reports a server that resets the connection', async () => {
    const { port } = await serving(http.createServer((request) => request.socket.resetAndDestroy()));
    const stream = await connected(port);
    const request = http.request({ createConnection: () => stream });
    request.end();
    expect(await once(request, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('serves connections that our listener accepts', async () => {
    const listener = listening();
    const server = http.createServer(echo);
    const accepting = (async () => {
      const [conn] = await listener.accept();
      server.emit('connection', conn.toDuplex());
    })();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (const path of ['/one', '/two']) {
      const request = http.request({ agent, port: portOf(listener), path, method: 'PUT' });
      request.end(path);
      expect(await bodyOf(request)).toBe(`PUT ${path} ${path}`);
    }
    agent.destroy();
    await accepting;
  });

  it('tells a server the addresses of both ends', async () => {
    const listener = listening();
    const server = http.createServer(({ socket: { remoteAddress, remotePort, remoteFamily, localPort } }, response) =>
      response.end(JSON.stringify([remoteAddress, remotePort, remoteFamily, localPort])),
    );
    const client = await connected(portOf(listener));
    const { localPort } = client;
    const [conn] = await listener.accept();
    server.emit('connection', conn.toDuplex());
    const request = http.request({ createConnection: () => client });
    request.end();
    expect(JSON.parse(await bodyOf(request))).toEqual(['127.0.0.1', localPort, 'IPv4', portOf(listener)]);
  });

  it('upgrades a connection in both directions', async () => {
    const listener = listening();
    const server = http.createServer();
    server.on('upgrade', (_request: http.IncomingMessage, stream: SocketDuplex) => {
      stream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      stream.pipe(stream);
    });
    const client = await connected(portOf(listener));
    const [conn] = await listener.accept();
    server.emit('connection', conn.toDuplex());
    const headers = { Connection: 'Upgrade', Upgrade: 'echo' };
    const request = http.request({ createConnection: () => client, headers });
    request.end();
    const [, stream] = (await once(request, 'upgrade')) as [http.IncomingMessage, SocketDuplex];
    stream.write('and back');
    expect(String((await once(stream, 'data'))[0])).toBe('and back');
    stream.destroy();
  });

  it('carries http/2 both ways', async () => {
    const listener = listening();
    const server = http2.createServer((request, response) => response.end(`over http2: ${request.url}`));
    const client = await connected(portOf(listener));
    const [conn] = await listener.accept();
    server.emit('connection', conn.toDuplex());
    const session = http2.connect('http://localhost', { createConnection: () => client });
    const request = session.request({ ':path': '/two' });
    let body = '';
    for await (const block of request.setEncoding('utf8')) body += String(block);
    expect(body).toBe('over http2: /two');
    await new Promise<void>((resolve) => session.close(resolve));
  });
});

describe('node:tls', () => {
  const ca = readFileSync(certificateFile('ca'));
  const identity = { cert: readFileSync(certificateFile('server')), key: readFileSync(keyFile('server')) };

  it('encrypts connections of ours on both sides', async () => {
    const [near, far] = await pair();
    const server = new tls.TLSSocket(far.toDuplex(), { isServer: true, ...identity });
    const client = tls.connect({ socket: near.toDuplex(), ca, servername: 'localhost' });
    await once(client, 'secureConnect');
    const bytes = pattern(1_000_000);
    client.end(bytes);
    const blocks: Buffer[] = [];
    for await (const block of server) blocks.push(block as Buffer);
    expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
  });

  it('serves http over a TLS socket of ours', async () => {
    const [near, far] = await tlsPair();
    const server = http.createServer(echo);
    server.on('request', ({ socket: { encrypted } }: { socket: { encrypted?: unknown } }) =>
      isEncrypted.push(encrypted),
    );
    const isEncrypted: unknown[] = [];
    server.emit('connection', far.toDuplex());
    const stream = near.toDuplex();
    const request = http.request({ createConnection: () => stream, method: 'POST', path: '/tls' });
    request.end('secret');
    expect(await bodyOf(request)).toBe('POST /tls secret');
    expect(isEncrypted).toEqual([true]);
    const [plain] = await pair();
    const { encrypted } = plain.toDuplex().destroy();
    expect(encrypted).toBe(false);
  });

  it('talks over a TLS socket of ours to a server of Node', async () => {
    const { port } = await serving(tls.createServer(identity, (far) => far.end('Hello')));
    const near = own(await clientContext().wrapSocket(tcp(), { serverHostname: 'localhost' }));
    await near.connect(['127.0.0.1', port]);
    let text = '';
    for await (const block of near.toDuplex().setEncoding('utf8')) text += String(block);
    expect(text).toBe('Hello');
  });
});
