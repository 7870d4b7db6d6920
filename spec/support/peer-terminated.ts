import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import * as socket from '../../lib/index.ts';
import { select } from '../../lib/select.ts';
import { serve } from '../../lib/serve/index.ts';
import { hasKoffi } from './koffi.ts';
import { connectedPair, listening, portOf } from './peer.ts';
import { observed, openDescriptors, turns } from './peer-observed.ts';
import { randomFrom } from './random.ts';
import { clientContext, serverContext } from './tls-contexts.ts';

/** How many threads are ended, one after the other. */
const WORKERS = 4;

/** With so many connections, a thread is busy. */
const BUSY = 4;

/** Sends and receives, both of which wait most of the time. */
async function exchange(sock: socket.Socket): Promise<void> {
  const send = async (): Promise<void> => {
    for (;;) await sock.sendall(Buffer.alloc(30_000, 'x'));
  };
  const receive = async (): Promise<void> => {
    for (;;) await sock.recv(10_000);
  };
  await Promise.all([send(), receive()]);
}

/** The same over TLS, both ends of which are in this thread. */
async function exchangeWithTls(): Promise<void> {
  const [client, server] = await connectedPair();
  const both = await Promise.all([
    clientContext().wrapSocket(client, { serverHostname: 'localhost' }),
    serverContext().wrapSocket(server, { serverSide: true }),
  ]);
  await Promise.all(both.map(exchange));
}

/** A server, one of whose clients is this thread. */
async function exchangeWithServer(): Promise<void> {
  const server = serve(socket.createServer(['127.0.0.1', 0]), exchange);
  await exchange(await socket.createConnection(server.address));
}

/** A file goes out again and again, and comes in through a file of the socket. */
async function exchangeFiles(file: FileHandle): Promise<void> {
  const [one, other] = await connectedPair();
  const send = async (): Promise<void> => {
    for (;;) await one.sendfile(file, 0);
  };
  const receive = async (): Promise<void> => {
    const incoming = other.makefile('rb');
    for (;;) await incoming.read(5000);
  };
  await Promise.all([send(), receive()]);
}

/** A flood of datagrams, which is read in bulk where it can be. */
async function exchangeDatagrams(): Promise<void> {
  const [one, other] = [
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
  ];
  for (const sock of [one, other]) sock.bind(['127.0.0.1', 0]);
  const send = async (): Promise<void> => {
    for (;;) await Promise.all(Array.from({ length: 40 }, () => one.sendto('z', other.getsockname())));
  };
  const receive = async (): Promise<void> => {
    for (;;) await other.recv(10);
  };
  await Promise.all([send(), receive()]);
}

async function reconnect(port: number): Promise<void> {
  for (;;) {
    const sock = await socket.createConnection(['127.0.0.1', port]);
    await sock.sendall('y');
    sock.close();
  }
}

/** A socket that is bound and has no more than its address. */
const bound = socket.socket();

/** Sockets whose calls wait until the thread is ended. */
async function waiting(): Promise<void> {
  bound.bind(['127.0.0.1', 0]);
  const datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  datagrams.bind(['127.0.0.1', 0]);
  const [one, other] = await socket.socketpair();
  const calls: Promise<unknown>[] = [listening().accept(), datagrams.recv(1), one.recv(1), other.recv(1)];
  calls.push(select([one, other], [], []));
  if (hasKoffi) {
    const [ours, theirs] = socket.socketpairSync(socket.AF_UNIX, socket.SOCK_DGRAM);
    calls.push(ours.recv(1), theirs.dup().recv(1), listening().dup().accept());
  }
  await Promise.all(calls);
}

async function work(port: number): Promise<void> {
  // Node leaves a file open where a thread is ended while it opens one. Node 20 loads a module in this way, which the first
  // look-up does.
  const file = await open(__filename);
  await socket.getaddrinfo('localhost', port);
  const connect = (): Promise<socket.Socket> => socket.createConnection(['127.0.0.1', port]);
  const busy = [waiting(), exchange(await connect()), exchange(await connect()), reconnect(port)];
  busy.push(exchangeWithTls(), exchangeWithServer(), exchangeFiles(file));
  void socket.getaddrinfo('localhost', port);
  // Node 20 aborts where a thread is ended to which datagrams come, with node:dgram alone, too.
  if (!process.versions.node.startsWith('20.')) busy.push(exchangeDatagrams());
  parentPort?.postMessage('busy');
  await Promise.all(busy);
}

/** This end of a connection: sends back what it receives, until the other end is gone; how it saw that. */
async function ended(conn: socket.Socket): Promise<string> {
  using ours = conn;
  ours.settimeout(20);
  try {
    for (;;) {
      const block = await ours.recv(65_536);
      if (block.length === 0) return 'end';
      await ours.sendall(block);
    }
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** Starts a thread that connects to this one, and ends it after so many turns; gives how its connections ended. */
async function endedInMidFlight(turnsBefore: number): Promise<string[]> {
  using listener = listening();
  const worker = new Worker(__filename, {
    execArgv: ['--require', require.resolve('ts-node/register')],
    workerData: portOf(listener),
  });
  const isBusy = once(worker, 'message');
  const stop = new AbortController();
  const ends: Promise<string>[] = [];
  const accepting = (async () => {
    for (;;) ends.push(ended((await listener.accept({ signal: stop.signal }))[0]));
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await isBusy;
  while (ends.length < BUSY) await turns(1);
  await turns(turnsBefore);
  await worker.terminate();
  // By then Node has accepted what has connected.
  await turns(20);
  stop.abort();
  await accepting;
  return await Promise.all(ends);
}

if (isMainThread) {
  observed(async () => {
    const random = randomFrom(Number(process.argv[2]));
    // The first one loads what stays.
    await endedInMidFlight(0);
    const before = openDescriptors();
    const ends = new Set<string>();
    for (let index = 0; index < WORKERS; index += 1) {
      for (const end of await endedInMidFlight(Math.floor(random() * 200))) ends.add(end);
    }
    await turns(20);
    return { left: openDescriptors() - before, ends: [...ends].sort() };
  });
} else {
  void work(Number(workerData));
}
