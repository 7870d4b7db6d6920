/**
 * A program that finds out what streams do to their process: what keeps it alive, what becomes of errors that listeners
 * throw, and of streams that the program has lost. It prints its results as JSON.
 */
import { once } from 'node:events';
import net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as socket from '../../lib/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const warnings: unknown[] = [];
process.removeAllListeners('warning');
process.on('warning', (warning) => warnings.push('code' in warning ? warning.code : warning.message));

/** Time for a process to end that nothing keeps alive, in milliseconds. The timer itself does not keep it alive. */
const TIME = 100;

function endsByItself(): Promise<boolean> {
  return new Promise((resolve) => {
    // Node ends after 'beforeExit' unless there is something to do.
    const onEmpty = (): void => void setImmediate(() => resolve(true));
    process.once('beforeExit', onEmpty);
    setTimeout(() => {
      process.off('beforeExit', onEmpty);
      resolve(false);
    }, TIME).unref();
  });
}

async function connected(): Promise<[socket.Socket, socket.Socket]> {
  const listener = socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  listener.close();
  return [client, server];
}

async function lifetimes(): Promise<Record<string, boolean>> {
  const [one, other] = await connected();
  const web = one.toWeb();
  const results: Record<string, boolean> = { 'idle streams of the web': await endsByItself() };
  const reader = web.readable.getReader();
  const reading = reader.read();
  results['streams of the web that are read'] = await endsByItself();
  await other.sendall('x');
  await reading;

  const [third, fourth] = await connected();
  const stream = third.toDuplex();
  results['an open Duplex'] = await endsByItself();
  stream.unref();
  results["a Duplex that was unref'd"] = await endsByItself();
  stream.ref();
  results["a Duplex that was ref'd again"] = await endsByItself();
  stream.destroy();
  fourth.close();
  results['a destroyed Duplex'] = await endsByItself();

  const server = net
    .createServer((accepted) => accepted.unref())
    .listen(0, '127.0.0.1')
    .unref();
  await once(server, 'listening');
  const address = server.address();
  const node = net.connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  await once(node, 'connect');
  const conn = socket.Socket.from(node);
  results['an idle socket over a net.Socket'] = await endsByItself();
  const cancel = new AbortController();
  const waiting = conn.recv(1, { signal: cancel.signal }).catch(() => undefined);
  results['a call that waits for a net.Socket'] = await endsByItself();
  cancel.abort();
  await waiting;
  conn.close();
  await web.writable.close();
  await reader.cancel();
  other.close();
  return results;
}

/** What a listener throws is an uncaught exception, and the stream goes on. */
async function thrown(): Promise<unknown[]> {
  const [one, other] = await connected();
  const stream = one.toDuplex();
  const told: unknown[] = [];
  process.once('uncaughtException', (error, origin) => told.push(error.message, origin));
  stream.once('data', () => {
    throw new Error('of a listener');
  });
  await other.sendall('first');
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stream.on('data', (bytes: Buffer) => told.push(String(bytes)));
  await other.sendall('second');
  while (told.length < 3) await new Promise((resolve) => setImmediate(resolve));
  process.once('uncaughtException', (error, origin) => told.push(error.message, origin));
  stream.write('answer', () => {
    throw new Error('of a write');
  });
  while (told.length < 5) await new Promise((resolve) => setImmediate(resolve));
  stream.destroy();
  other.close();
  return told;
}

async function lose(one: socket.Socket): Promise<void> {
  const { readable } = one.toWeb();
  const reader = readable.getReader();
  await reader.read();
}

/** What the other end sees of streams that the program has lost. */
async function lost(): Promise<unknown> {
  const [one, other] = await connected();
  await other.sendall('x');
  await lose(one);
  // The library watches a socket from 100 ms after it was made on.
  await new Promise((resolve) => setTimeout(resolve, 150));
  for (let round = 0; round < 5; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const end = await other.recv(1);
  return { length: end.length, warnings };
}

async function main(): Promise<void> {
  const results = { lifetimes: await lifetimes(), thrown: await thrown(), lost: await lost() };
  console.log(JSON.stringify(results));
}

void main();
