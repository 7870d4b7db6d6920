import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve, type Server } from '../lib/serve/index.ts';
import * as ssl from '../lib/ssl/index.ts';

/** How long it serves after SIGTERM before it closes, in milliseconds: the proxy has to notice that it is not ready. */
const NOTICE = 2000;

const servers: Server[] = [];
let isReady = true;

async function main(): Promise<void> {
  const options = { proxyProtocol: { trusted: ['127.0.0.1'] }, handlerTimeout: 30 };
  const clear = socket.createServer(['127.0.0.1', Number(process.env.PORT ?? 4001)]);
  servers.push(serve(clear, answer, options));
  const context = ssl.createDefaultContext(ssl.Purpose.CLIENT_AUTH);
  context.loadCertChain(process.env.CERTIFICATE ?? 'server.pem');
  const listener = socket.createServer(['127.0.0.1', Number(process.env.TLS_PORT ?? 5001)]);
  servers.push(serve(await context.wrapSocket(listener, { serverSide: true }), answer, options));
  console.log('ready');
}

/** Answers one request of HTTP. */
async function answer(conn: socket.Socket, address: socket.Address): Promise<void> {
  await using file = conn.makefile('rw');
  const [, path = ''] = (await file.readline(1024)).split(' ');
  for (let line = 'headers'; line.trim() !== ''; line = await file.readline(1024));
  if (path === '/ready') {
    await file.write(`HTTP/1.1 ${isReady ? '200 OK' : '503 Ends Soon'}\r\nConnection: close\r\n\r\n`);
    return;
  }
  await delay(20); // The work.
  const body = `${process.pid} ${path} ${String(address)}\n`;
  await file.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

async function drain(): Promise<void> {
  isReady = false;
  await delay(NOTICE);
  await Promise.all(servers.map((server) => server.close()));
}

process.once('SIGTERM', () => void drain());
void main();
