import { parentPort, workerData } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { listening } from '../support/peer.ts';

/** A thread that is busy with sockets of all kinds until it is ended. */

async function exchange(port: number): Promise<void> {
  const sock = await socket.createConnection(['127.0.0.1', port]);
  const send = async (): Promise<void> => {
    for (;;) await sock.sendall(Buffer.alloc(30_000, 'x'));
  };
  const receive = async (): Promise<void> => {
    for (;;) await sock.recv(10_000);
  };
  await Promise.all([send(), receive()]);
}

async function datagrams(): Promise<void> {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind(['127.0.0.1', 0]);
  for (;;) {
    await sock.sendto('x', sock.getsockname());
    await sock.recv(10);
  }
}

async function reconnect(port: number): Promise<void> {
  for (;;) {
    const sock = await socket.createConnection(['127.0.0.1', port]);
    await sock.sendall('y');
    sock.close();
  }
}

const port = Number(workerData);
const busy = [exchange(port), exchange(port), datagrams(), reconnect(port), listening().accept()];
void socket.getaddrinfo('localhost', 80);
parentPort?.postMessage('busy');
void Promise.all(busy);
