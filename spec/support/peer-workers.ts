import cluster from 'node:cluster';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { listening, portOf } from './peer.ts';
import { observed } from './peer-observed.ts';

/** Serves one client: sends its bytes back in capitals. */
async function serveOne(tellPort: (port: number) => void): Promise<void> {
  const listener = listening();
  tellPort(portOf(listener));
  const [conn] = await listener.accept();
  listener.close();
  await conn.sendall((await conn.recv(100)).toString().toUpperCase());
  conn.close();
}

async function ask(port: number): Promise<string> {
  const client = socket.socket();
  await client.connect(['127.0.0.1', port]);
  await client.send('hello');
  const answer = await client.recv(100);
  const end = await client.recv(100);
  client.close();
  return `${answer.toString()}${end.length}`;
}

/** The port, which is a worker's first message, and the worker's end. */
interface Started {
  readonly port: Promise<number>;
  readonly ended: Promise<number>;
}

function thread(): Started {
  const worker = new Worker(__filename, { execArgv: ['--require', require.resolve('ts-node/register')] });
  return {
    port: new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject)),
    ended: new Promise((resolve) => worker.once('exit', resolve)),
  };
}

function clustered(): Started {
  cluster.setupPrimary({ exec: __filename, execArgv: ['--require', require.resolve('ts-node/register')] });
  const worker = cluster.fork();
  return {
    port: new Promise((resolve) => worker.once('message', resolve)),
    ended: new Promise((resolve) => worker.once('exit', resolve)),
  };
}

if (!isMainThread) {
  void serveOne((port) => parentPort?.postMessage(port));
} else if (cluster.isWorker) {
  void serveOne((port) => process.send?.(port)).then(() => cluster.worker?.disconnect());
} else {
  const start = process.argv[2] === 'cluster' ? clustered : thread;
  observed(async () => {
    const workers = [start(), start()];
    const answers = await Promise.all(workers.map(async ({ port }) => await ask(await port)));
    const statuses = await Promise.all(workers.map(async ({ ended }) => await ended));
    return { answers, statuses };
  });
}
