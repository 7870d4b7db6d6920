import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parentPort, Worker, type MessagePort } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { turns } from './peer-observed.ts';
import { connectedPair, listening, portOf } from './peer.ts';

/** A socket's descriptor, and how the socket is closed. */
interface Held {
  readonly descriptor: number;
  readonly close: () => void;
}

const folder = mkdtempSync(join(tmpdir(), 'peer-held-'));
let names = 0;

/** A path that does not exist. */
function path(): string {
  return join(folder, String((names += 1)));
}

function ours(one: socket.Socket): Held {
  return { descriptor: one.fileno(), close: () => one.close() };
}

function nodes(owner: net.Socket | net.Server, close: () => void): Held {
  const handle: unknown = '_handle' in owner ? owner._handle : undefined;
  const isKnown = typeof handle === 'object' && handle !== null && 'fd' in handle;
  return { descriptor: isKnown ? Number(handle.fd) : -1, close };
}

/** The kinds of sockets that a thread may have. */
const SOCKETS: Readonly<Record<string, () => Held | Promise<Held>>> = {
  'bound TCP socket': () => {
    const one = socket.socket();
    one.bind(['127.0.0.1', 0]);
    return ours(one);
  },
  'TCP listener': () => ours(listening()),
  'connected TCP socket': async () => ours((await connectedPair())[0]),
  'accepted TCP socket': async () => ours((await connectedPair())[1]),
  'TCP socket that waits': async () => {
    const [one] = await connectedPair();
    void one.recv(1).catch(() => undefined);
    return ours(one);
  },
  'TCP socket that is being connected': () => {
    const one = socket.socket();
    // Without this, the documented backend makes the descriptor only a little later.
    one.bind(['127.0.0.1', 0]);
    one.connect(['127.0.0.1', portOf(listening())]).catch(() => undefined);
    return ours(one);
  },
  'bound Unix socket': () => {
    const one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    one.bind(path());
    return ours(one);
  },
  'Unix listener': () => {
    const one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
    one.bind(path());
    one.listen();
    return ours(one);
  },
  'end of a pair': async () => ours((await socket.socketpair())[0]),
  'other end of a pair': async () => ours((await socket.socketpair())[1]),
  'UDP socket': () => {
    const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    one.bind(['127.0.0.1', 0]);
    return ours(one);
  },
  'socket that keeps no process': () => {
    const one = socket.socket();
    one.bind(['127.0.0.1', 0]);
    one.unref();
    return ours(one);
  },
  "net.Server of Node's": async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return nodes(server, () => server.close());
  },
  "net.Socket of Node's": async () => {
    const client = net.connect(portOf(listening()), '127.0.0.1');
    await once(client, 'connect');
    return nodes(client, () => client.destroy());
  },
  "net.Socket of Node's that has never waited": async () => {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [net.Socket];
    return nodes(accepted, () => {
      server.close();
      client.destroy();
      accepted.destroy();
    });
  },
  "dgram.Socket of Node's": async () => {
    const one = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(one, 'listening');
    const state: unknown = Object.getOwnPropertySymbols(one)
      .map((symbol): unknown => Reflect.get(one, symbol))
      .find((value) => typeof value === 'object' && value !== null && 'handle' in value);
    const { handle } = state as { handle: { fd: number } };
    return { descriptor: handle.fd, close: () => one.close() };
  },
};

/** Those that keep a thread waiting. */
const WAITING = ['TCP listener', 'TCP socket that waits', 'Unix listener', 'UDP socket', "net.Server of Node's"];

/** The error of fromfd() for a descriptor. */
function refusal(descriptor: number): string {
  try {
    new socket.Socket(-1, -1, -1, descriptor);
    return 'taken over';
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    return error.message.replace(/socket \d+/, 'socket N');
  }
}

/** Tries the sockets of another thread. */
async function inAnotherThread(): Promise<Record<string, string>> {
  const worker = new Worker(__filename, { execArgv: ['--require', require.resolve('ts-node/register')] });
  const told: Record<string, string> = {};
  worker.on('message', ([name, descriptor]: [string, number]) => {
    told[name] = refusal(descriptor);
    worker.postMessage(null);
  });
  await once(worker, 'exit');
  return told;
}

async function main(): Promise<unknown> {
  const told: Record<string, string> = {};
  for (const [name, make] of Object.entries(SOCKETS)) {
    const { descriptor, close } = await make();
    told[name] = refusal(descriptor);
    close();
  }
  return { here: told, elsewhere: await inAnotherThread() };
}

async function tellMain(port: MessagePort): Promise<void> {
  for (const name of WAITING) {
    const { descriptor, close } = (await SOCKETS[name]?.()) ?? { descriptor: -1, close: () => undefined };
    // Only now does the thread wait for it.
    await turns(10);
    port.postMessage([name, descriptor]);
    await once(port, 'message');
    close();
  }
}

async function run(): Promise<void> {
  if (parentPort === null) console.log(JSON.stringify(await main()));
  else await tellMain(parentPort);
  // Other ends that are still open must not keep the thread alive.
  process.exit();
}

void run();
