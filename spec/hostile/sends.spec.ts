import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { randomFrom } from '../support/random.ts';
import { randomSeed } from '../support/seed.ts';

const CONNECTIONS = 8;
const SENDS = 200;

const folder = mkdtempSync(join(tmpdir(), 'await-socket-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Plain Node in a thread of its own, so that it reads during a send; it answers with the digest of what it has read.
 */
const READER = `
  const { createHash } = require('node:crypto');
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    const sum = createHash('md5');
    connection.on('data', (chunk) => sum.update(chunk));
    connection.on('end', () => connection.end(sum.digest('hex')));
  });
  server.listen(workerData, () => parentPort.postMessage(server.address().port));
`;

async function sendAll(sock: socket.Socket, random: () => number): Promise<string> {
  const sum = createHash('md5');
  for (let index = 0; index < SENDS; index += 1) {
    // From a byte to a megabyte, each size as likely as its double.
    const bytes = Buffer.alloc(Math.floor(2 ** (random() * 20)), index % 251);
    sum.update(bytes);
    await sock.sendall(bytes);
  }
  sock.shutdown(socket.SHUT_WR);
  return sum.digest('hex');
}

// libuv may queue a write and then find at once that the kernel takes it after all: such a write is done a turn later
// although nothing is queued. To take it for done at once would abort the process.
it.each([
  ['TCP', socket.AF_INET],
  ['Unix sockets', socket.AF_UNIX],
])('sends of all sizes over %s arrive whole, whenever the other side reads', async (_name, family) => {
  const path = join(folder, 'reader');
  const isUnix = family === socket.AF_UNIX;
  const reader = new Worker(READER, { eval: true, workerData: isUnix ? { path } : { host: '127.0.0.1', port: 0 } });
  const port = await new Promise<number>((resolve) => reader.once('message', resolve));
  const exchange = async (random: () => number): Promise<void> => {
    using sock = socket.socket(family);
    await sock.connect(isUnix ? path : ['127.0.0.1', port]);
    const sum = await sendAll(sock, random);
    expect(String(await sock.recv(32, socket.MSG_WAITALL))).toBe(sum);
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => exchange(randomFrom(randomSeed + index))));
  } finally {
    await reader.terminate();
  }
});
