import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { observed, openDescriptors, turns } from './peer-observed.ts';

/** Starts workers whose sockets of the kernel wait, and ends them meanwhile; counts the descriptors that stay open. */

/** Waits to receive and to send, on each kind of socket that the kernel makes. */
async function wait(): Promise<void> {
  const waits: Promise<unknown>[] = [];
  for (const type of [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET]) {
    const [one, other] = socket.socketpairSync(socket.AF_UNIX, type);
    waits.push(one.recv(1), fill(other));
  }
  const listener = socket.createServer(['127.0.0.1', 0], { queue: 'kernel' });
  waits.push(listener.accept());
  await turns(10);
  parentPort?.postMessage(waits.length);
  await Promise.all(waits);
}

async function fill(one: socket.Socket): Promise<void> {
  for (;;) await one.send(Buffer.alloc(50_000));
}

/** How many descriptors a worker has more than the rest of the process, before and after its end. */
async function terminated(): Promise<[waits: number, during: number, after: number]> {
  const before = openDescriptors();
  const worker = new Worker(__filename, { execArgv: ['--require', require.resolve('ts-node/register')] });
  const waits = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const during = openDescriptors() - before;
  await worker.terminate();
  return [waits, during, openDescriptors() - before];
}

if (isMainThread) {
  observed(async () => {
    // The first worker makes what the process keeps.
    await terminated();
    return [await terminated(), await terminated()];
  });
} else {
  void wait();
}
