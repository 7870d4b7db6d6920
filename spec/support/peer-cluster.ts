import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import * as socket from '../../lib/index.ts';
import { reservedPort } from './ports.ts';

/**
 * `peer-cluster <how>` is a primary of node:cluster with two workers. They share its bound socket (`passed`), or each
 * binds a socket of its own (`own`), with SO_REUSEPORT (`reused`). A worker sends its process number to each client. The
 * primary prints what the workers tell, and the numbers that are no worker's, as JSON.
 */
const how = process.argv[2] ?? '';

async function serve(listener: socket.Socket): Promise<void> {
  for (;;) {
    const [conn] = await listener.accept();
    await conn.sendall(String(process.pid));
    conn.close();
  }
}

function handedOver(): socket.Socket {
  const listener = new socket.Socket(-1, -1, -1, 3);
  listener.listen();
  return listener;
}

function ownListener(port: number): socket.Socket {
  const listener = socket.socket();
  if (process.env.HOW === 'reused') listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
  listener.bind(['127.0.0.1', port]);
  listener.listen();
  return listener;
}

function work(): void {
  try {
    const listener = process.env.HOW === 'passed' ? handedOver() : ownListener(Number(process.env.PORT));
    process.send?.('listening');
    void serve(listener);
  } catch (error) {
    process.send?.(error instanceof socket.OSError ? error.code : String(error));
  }
}

async function asked(address: socket.Address): Promise<number> {
  using client = socket.socket();
  client.settimeout(20);
  await client.connect(address);
  return Number((await client.recv(100)).toString());
}

async function manage(): Promise<void> {
  using shared = socket.socket();
  const port = how === 'passed' ? 0 : reservedPort();
  if (how === 'passed') shared.bind(['127.0.0.1', port]);
  const address: socket.Address = how === 'passed' ? shared.getsockname() : ['127.0.0.1', port];
  const passed = how === 'passed' ? [shared.fileno()] : [];
  cluster.setupPrimary({
    exec: __filename,
    execArgv: ['--require', require.resolve('ts-node/register')],
    stdio: ['ignore', 'inherit', 'inherit', ...passed, 'ipc'],
  });
  const workers: Worker[] = [];
  const told: unknown[] = [];
  for (let count = 0; count < 2; count += 1) {
    const worker = cluster.fork({ HOW: how, PORT: String(port) });
    workers.push(worker);
    const [message] = (await once(worker, 'message')) as unknown[];
    told.push(message);
  }
  const pids = workers.map((worker) => worker.process.pid);
  const answers = await Promise.all(Array.from({ length: 20 }, async () => await asked(address)));
  for (const worker of workers) worker.process.kill('SIGKILL');
  console.log(JSON.stringify({ told, strangers: answers.filter((pid) => !pids.includes(pid)) }));
}

if (cluster.isWorker) work();
else void manage();
