/**
 * A server that is flooded: prints its ports in JSON, and then, for each line that it is told, how many of its clients have
 * failed or were refused since the last one.
 */
import * as socket from '../../../lib/index.ts';
import { serve, serveDatagrams, type Server, type ServeOptions } from '../../../lib/serve/index.ts';
import { serverContext } from '../../support/tls-contexts.ts';
import { toldLines } from '../child.ts';

/** The longest line that is taken, in bytes. */
const LINE = 65_536;

/** What each client may download: the same memory for all. */
const DOWNLOAD = Buffer.alloc(16_000_000);

/** How long the header and the handshake may take, and a handler, in seconds. */
const SETUP = 5;
const HANDLER = 10;

export type Ports = Readonly<
  Record<'lines' | 'files' | 'tls' | 'proxy' | 'download' | 'unaccepted' | 'datagrams', number>
>;

export interface Counts {
  readonly accepted: number;
  readonly failed: number;
  readonly refused: number;
  readonly errors: Readonly<Record<string, number>>;
}

const errors: Record<string, number> = {};

const options: ServeOptions = {
  concurrency: 4096,
  setupTimeout: SETUP,
  handlerTimeout: HANDLER,
  onError: (error) => {
    const name = error instanceof Error ? error.name : String(error);
    errors[name] = (errors[name] ?? 0) + 1;
  },
};

async function lines(conn: socket.Socket): Promise<void> {
  for (let line = await conn.recvLine(LINE); line.length > 0; line = await conn.recvLine(LINE))
    await conn.sendall(line);
}

async function files(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rwb');
  for (let line = await file.readline(LINE); line.length > 0; line = await file.readline(LINE)) {
    if (!line.includes('\n')) throw new Error('a line without an end');
    await file.write(line);
    await file.flush();
  }
}

function listener(): socket.Socket<[host: string, port: number]> {
  return socket.createServer(['127.0.0.1', 0]);
}

async function main(): Promise<void> {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind(['127.0.0.1', 0]);
  const servers = {
    lines: serve(listener(), lines, options),
    files: serve(listener(), files, options),
    tls: serve(await serverContext().wrapSocket(listener(), { serverSide: true }), lines, options),
    proxy: serve(listener(), lines, { ...options, proxyProtocol: { trusted: ['127.0.0.1'] } }),
    download: serve(listener(), (conn) => conn.sendall(DOWNLOAD), options),
    datagrams: serveDatagrams(sock, (data, address) => sock.sendto(data, address), { concurrency: 10 }),
  } satisfies Record<string, Server>;
  // Nothing is accepted from this one.
  const unaccepted = listener();
  const ports = { ...portsOf(servers), unaccepted: unaccepted.getsockname()[1] };
  console.log(JSON.stringify(ports));
  const told = toldLines();
  let before = countsOf(servers);
  for (let line = await told(); line !== 'end'; line = await told()) {
    const now = countsOf(servers);
    const counts: Counts = {
      accepted: now.accepted - before.accepted,
      failed: now.failed - before.failed,
      refused: now.refused - before.refused,
      errors: { ...errors },
    };
    for (const name of Object.keys(errors)) errors[name] = 0;
    before = now;
    console.log(JSON.stringify(counts));
  }
}

function portsOf(servers: Readonly<Record<string, Server>>): Record<string, number> {
  return Object.fromEntries(Object.entries(servers).map(([name, { address }]) => [name, Number(address[1])]));
}

function countsOf(servers: Readonly<Record<string, Server>>): Omit<Counts, 'errors'> {
  const all = Object.values(servers);
  const sum = (name: 'accepted' | 'failed' | 'refused'): number =>
    all.reduce((total, server) => total + server[name], 0);
  return { accepted: sum('accepted'), failed: sum('failed'), refused: sum('refused') };
}

void main();
