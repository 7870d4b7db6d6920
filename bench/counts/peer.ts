import dgram from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { CERTIFICATE, KEY, type Asked, type Places } from './places.ts';

/**
 * The other side of the operations: plain Node code in a thread of its own, so that heap, hooks and `strace` without
 * `-f` see only the counted side.
 */

function echo(socket: net.Socket): void {
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => socket.write(chunk));
}

async function listening(server: net.Server): Promise<[host: string, port: number]> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return ['127.0.0.1', port];
}

async function serve(folder: string): Promise<Places> {
  const [cert, key] = [CERTIFICATE, KEY].map((name) => readFileSync(join(folder, name)));
  const datagrams = dgram.createSocket('udp4');
  datagrams.on('message', (message, from) => datagrams.send(message, from.port, from.address));
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  return {
    tcp: await listening(net.createServer({ noDelay: true }, echo)),
    udp: ['127.0.0.1', datagrams.address().port],
    tls: await listening(tls.createServer({ noDelay: true, cert, key }, echo)),
  };
}

/** Connects so many times, each time once the connection before is closed. */
function visit(port: number, times: number): void {
  if (times === 0) return;
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.on('close', () => visit(port, times - 1));
  socket.resume();
}

const port = parentPort;
if (port === null) throw new Error('it is not a thread');
port.on('message', ({ port: to, visits, connections }: Asked) => {
  visit(to, visits);
  for (let count = 0; count < connections; count += 1) net.connect(to, '127.0.0.1');
});
void serve(workerData as string).then((places) => port.postMessage(places));
