import { fork, type ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import net from 'node:net';
import * as socket from '../../lib/index.ts';
import { portOf } from './peer.ts';
import { observed } from './peer-observed.ts';

/**
 * `peer-sent <how>` accepts two connections and sends them to another process: to a `child` of child_process.fork(), to
 * a `worker` of node:cluster, or as a descriptor that a child is `started` with. That answers each with its process
 * number and the client's words. Prints whether the answers are the other process's.
 */
const how = process.argv[2] ?? '';

const execArgv = ['--require', require.resolve('ts-node/register')];

/** Answers a client, whose first words may have come with the connection. */
async function answer(conn: socket.Socket): Promise<void> {
  const words = await conn.recv(100);
  await conn.sendall(`${process.pid} ${String(words)}`);
  conn.close();
}

function receive(): void {
  process.on('message', (_message, handle) => {
    if (handle instanceof net.Socket) void answer(socket.Socket.from(handle));
  });
}

async function ask(port: number): Promise<string> {
  using client = await socket.createConnection(['127.0.0.1', port]);
  await client.sendall('hello');
  const words = String(await client.recv(100));
  return `${words}${(await client.recv(1)).length}`;
}

/** Accepts with a server of Node's, whose connections can be sent. */
async function sendTo(other: ChildProcess | Worker): Promise<{ answers: string[]; pid: number | undefined }> {
  const server = net.createServer({ pauseOnConnect: true }, (conn) => void other.send('a client', conn));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const answers = await Promise.all([ask(port), ask(port)]);
  server.close();
  return { answers, pid: other instanceof cluster.Worker ? other.process.pid : other.pid };
}

/** What Node says when a socket of ours is to be sent. */
async function refusal(other: ChildProcess): Promise<unknown> {
  const [one] = await socket.socketpair();
  try {
    Reflect.apply(other.send.bind(other), undefined, ['a client', one]);
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  } finally {
    one.close();
  }
}

async function manage(): Promise<unknown> {
  switch (how) {
    case 'child': {
      const child = fork(__filename, ['receive'], { execArgv });
      const outcome = { ...(await sendTo(child)), refusal: await refusal(child) };
      child.disconnect();
      return { ...same(outcome), refusal: outcome.refusal };
    }
    case 'worker': {
      cluster.setupPrimary({ exec: __filename, args: ['receive'], execArgv });
      const worker = cluster.fork();
      await once(worker, 'online');
      const outcome = await sendTo(worker);
      worker.disconnect();
      return same(outcome);
    }
    default: {
      const listener = socket.createServer(['127.0.0.1', 0]);
      const asking = ask(portOf(listener));
      const [conn] = await listener.accept();
      const child = fork(__filename, ['started'], {
        execArgv,
        stdio: ['inherit', 'inherit', 'inherit', 'ipc', conn.fileno()],
      });
      conn.close();
      return same({ answers: [await asking], pid: child.pid });
    }
  }
}

function same({ answers, pid }: { readonly answers: readonly string[]; readonly pid: number | undefined }): object {
  return { answers: answers.map((text) => text.replace(`${pid} `, 'the other process: ')) };
}

if (how === 'receive') receive();
else if (how === 'started') void answer(new socket.Socket(-1, -1, -1, 4)).then(() => process.disconnect?.());
else observed(manage);
