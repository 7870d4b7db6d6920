import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Authority } from '../demos/support/authority.ts';
import { command, integerFrom, run } from '../demos/support/command.ts';
import { TemporaryFolder } from '../demos/support/temporary.ts';
import type { Holding, Order } from './footprint/end.ts';
import { objectsOfEnd, tcpBuffers, tcpObjects } from './footprint/kernel.ts';

/** `npm run footprint`: what a connection that waits holds, in the process and in the kernel. */

interface Options {
  readonly connections: number;
  readonly tlsConnections: number;
  readonly json?: true;
}

/** How many bytes lie unread in each of so many connections when their buffers are measured. */
const UNREAD = 65_536;
const SAMPLE = 200;

/** What one connection holds, in bytes. */
interface Footprint {
  readonly server: Holding;
  readonly client: Holding;
  /** The sockets that the kernel has made for one connection. */
  readonly sockets: number;
  /** What the kernel's buffers take for the bytes that are not read. */
  readonly unread: number;
}

const children: ChildProcess[] = [];

/** A process that has one end of the connections. */
class End {
  readonly #child: ChildProcess;

  constructor(role: string, file: string) {
    // The script's own flags, which load TypeScript, and the garbage collector.
    const loader = ['--require', require.resolve('ts-node/register'), '--expose-gc'];
    this.#child = fork(join(__dirname, 'footprint/end.ts'), [role, file], { execArgv: loader });
    children.push(this.#child);
  }

  /** Says what to do, and waits until it is done. */
  async order(order: Order): Promise<unknown> {
    const done = once(this.#child, 'message') as Promise<[{ value?: unknown; error?: string }]>;
    this.#child.send(order);
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('a process has ended');
    });
    const [{ value, error }] = await Promise.race([done, ended]);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async measure(): Promise<Holding> {
    return (await this.order({ do: 'measure' })) as Holding;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

/** Measures a server and a client, before there are connections and when there are. */
async function footprint(connections: number, certificate = '', authority = ''): Promise<Footprint> {
  const [server, client] = [new End('server', certificate), new End('client', authority)];
  const port = Number(await server.order({ do: 'listen' }));
  const meet = (count: number): Promise<unknown> => client.order({ do: 'connect', port, connections: count });
  // The first ones load code, and make tables grow.
  await meet(Math.ceil(connections / 10));
  const held = async (): Promise<[Holding, Holding]> => [await server.measure(), await client.measure()];
  const [serverBefore, clientBefore] = await held();
  const socketsBefore = tcpObjects();
  await meet(connections);
  const [serverAfter, clientAfter] = await held();
  const added = serverAfter.descriptors - serverBefore.descriptors;
  const sockets = (tcpObjects() - socketsBefore) / added;
  // A process that is stopped reads nothing.
  client.signal('SIGSTOP');
  const buffersBefore = tcpBuffers();
  const sample = Math.min(SAMPLE, connections);
  await server.order({ do: 'fill', bytes: UNREAD, connections: sample });
  const unread = (tcpBuffers() - buffersBefore) / sample;
  client.signal('SIGCONT');
  await Promise.all([server.end(), client.end()]);
  return {
    server: perConnection(serverBefore, serverAfter, added),
    client: perConnection(clientBefore, clientAfter, added),
    sockets,
    unread,
  };
}

function perConnection(before: Holding, after: Holding, connections: number): Holding {
  return {
    rss: (after.rss - before.rss) / connections,
    heap: (after.heap - before.heap) / connections,
    descriptors: (after.descriptors - before.descriptors) / connections,
  };
}

function table(footprints: readonly (readonly [name: string, footprint: Footprint])[]): string {
  const bytes = (number: number): string => `${(number / 1000).toFixed(1)} kB`;
  const rows: [string, (one: Footprint) => string][] = [
    ['a server: memory of the process (RSS)', ({ server }) => bytes(server.rss)],
    ['a server: of that, JavaScript heap', ({ server }) => bytes(server.heap)],
    ['a client: memory of the process (RSS)', ({ client }) => bytes(client.rss)],
    ['a client: of that, JavaScript heap', ({ client }) => bytes(client.heap)],
    ['descriptors of an end', ({ server }) => server.descriptors.toFixed(0)],
    ['the kernel: sockets of both ends', ({ sockets }) => sockets.toFixed(1)],
    ['the kernel: objects of an end', () => bytes(objectsOfEnd())],
    [`the kernel: ${UNREAD} bytes that are not read`, ({ unread }) => bytes(unread)],
  ];
  const cells = [
    ['of each connection', ...footprints.map(([name]) => name)],
    ['---', ...footprints.map(() => '---:')],
    ...rows.map(([name, show]) => [name, ...footprints.map(([, one]) => show(one))]),
  ];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

async function main({ connections, tlsConnections, json }: Options): Promise<void> {
  const folder = new TemporaryFolder();
  const authority = await Authority.create('npm run footprint, only here and today');
  const certificate = folder.write('server.pem', await authority.issue([{ type: 'dns', value: 'localhost' }]));
  const clear = await footprint(connections);
  const encrypted = await footprint(tlsConnections, certificate, folder.write('authority.pem', authority.pem));
  if (json === true) console.log(JSON.stringify({ clear, encrypted }));
  else {
    const counts = `${connections} connections of TCP, ${tlsConnections} of TLS`;
    console.log(
      `Node ${process.version}, ${counts}\n\n${table([['TCP', clear] as const, ['TLS', encrypted] as const])}`,
    );
  }
}

async function endAll(): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
}

const program = command('footprint', 'Measures what a connection that waits holds, in the process and in the kernel.')
  .option('--connections <number>', 'how many connections of TCP', integerFrom(10, 1_000_000), 8000)
  .option('--tls-connections <number>', 'how many connections of TLS', integerFrom(10, 1_000_000), 2000)
  .option('--json', 'prints the figures as JSON')
  .parse();
run(program.name(), () => main(program.opts<Options>()), endAll);
