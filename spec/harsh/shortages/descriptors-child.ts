/**
 * Calls without a free descriptor, and again with one: prints how each has ended, in JSON. To be run with a small limit of
 * descriptors.
 */
import { closeSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../../../lib/index.ts';
import { serve } from '../../../lib/serve/index.ts';
import * as ssl from '../../../lib/ssl/index.ts';
import { certificateFile, clientContext, keyFile, serverContext } from '../../support/tls-contexts.ts';
import { connectedPair, listening, portOf } from '../../support/peer.ts';

/** How a call has ended without a free descriptor, and how the same call ends with one. */
export interface Ending {
  readonly name: string;
  readonly without: string;
  readonly then: string;
}

/** A call, and what it closes. */
type Call = () => Promise<unknown>;

/** Uses all descriptors up; the result frees them. */
function useUp(): () => void {
  const used: number[] = [];
  try {
    for (;;) used.push(openSync('/dev/null', 'r'));
  } catch {
    // All are used.
  }
  return () => {
    for (const descriptor of used) closeSync(descriptor);
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof socket.OSError)
    return [error.name, error.code, error.errno].filter((part) => part !== undefined && part !== null).join(' ');
  return `NOT AN OSError: ${error instanceof Error ? error.stack : String(error)}`;
}

async function outcome(call: Call): Promise<string> {
  return await call().then(() => 'works', outcomeOf);
}

async function calls(): Promise<Record<string, Call>> {
  const listener = listening();
  const address = listener.getsockname();
  const tls = clientContext();
  const file = await open(__filename);
  const closing = async (sock: socket.Socket, call: (sock: socket.Socket) => Promise<unknown>): Promise<void> => {
    try {
      await call(sock);
    } finally {
      sock.close();
    }
  };
  const stream = (): socket.Socket => socket.socket();
  const datagram = (): socket.Socket => socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  const [ours, theirs] = await connectedPair();
  const drain = (async () => {
    for (let block = await theirs.recv(65_536); block.length > 0; block = await theirs.recv(65_536));
  })();
  void drain.catch(() => undefined);
  return {
    '`getsockopt()` by koffi': async () => ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    '`getsockopt()` that Node has': async () => ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY),
    '`connect()` to an address': () => closing(stream(), (sock) => sock.connect(address)),
    '`connect()` to a name': () => closing(stream(), (sock) => sock.connect(['localhost', portOf(listener)])),
    '`connectEx()`': () =>
      closing(stream(), async (sock) => {
        const error = await sock.connectEx(address);
        if (error !== 0) throw new socket.OSError(error, 'connectEx');
      }),
    '`createConnection()`': async () => (await socket.createConnection(['localhost', portOf(listener)])).close(),
    '`createServer()`': async () => socket.createServer(['127.0.0.1', 0]).close(),
    '`bind()`, TCP': () => closing(stream(), async (sock) => sock.bind(['127.0.0.1', 0])),
    '`bind()`, UDP': () => closing(datagram(), async (sock) => sock.bind(['127.0.0.1', 0])),
    '`sendto()`': () => closing(datagram(), (sock) => sock.sendto('x', ['127.0.0.1', 9])),
    '`socketpair()`': async () => {
      for (const sock of await socket.socketpair()) sock.close();
    },
    '`getaddrinfo()` of a name': () => socket.getaddrinfo('localhost', 80),
    '`gethostbyname()`': () => socket.gethostbyname('localhost'),
    '`getnameinfo()`': () => socket.getnameinfo(['127.0.0.1', 80], 0),
    '`getservbyname()`': async () => socket.getservbyname('https'),
    '`makefile()`': async () => {
      const file = ours.makefile('rwb');
      await file.write('x');
      await file.flush();
      await file.close();
    },
    '`sendfile()`': () => ours.sendfile(file),
    '`loadCertChain()`': async () => serverContext().loadCertChain(certificateFile('server'), keyFile('server')),
    '`loadVerifyLocations()`': async () =>
      new ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).loadVerifyLocations(certificateFile('ca')),
    '`createDefaultContext()`': async () => ssl.createDefaultContext(),
    '`wrapBio()`': async () => {
      const [one, other] = [ssl.MemoryBIO, ssl.MemoryBIO].map((Bio) => new Bio());
      if (one !== undefined && other !== undefined) tls.wrapBio(one, other, { serverHostname: 'localhost' });
    },
  };
}

/** A client that has a descriptor, and that the kernel connects at once; what becomes of it is no matter. */
function clientOf(address: socket.Address): socket.Socket {
  const client = socket.socket();
  void client.connect(address).catch(() => undefined);
  return client;
}

/** Clients that come while there is no descriptor for them, and after that. */
async function accepting(): Promise<Ending> {
  const listener = listening();
  listener.settimeout(0.5);
  const early = clientOf(listener.getsockname());
  const release = useUp();
  const without = await outcome(async () => (await listener.accept())[0].close());
  release();
  early.close();
  const late = clientOf(listener.getsockname());
  const then = await outcome(async () => (await listener.accept())[0].close());
  late.close();
  listener.close();
  return { name: '`accept()`', without, then };
}

/** The same with serve(). */
async function serving(): Promise<Ending> {
  let report: (error: unknown) => void = () => undefined;
  const reported = new Promise<unknown>((resolve) => (report = resolve));
  const listener = socket.createServer(['127.0.0.1', 0]);
  const server = serve(listener, (conn) => conn.sendall('hello'), {
    onError: (error) => {
      report(error);
    },
  });
  const early = clientOf(server.address);
  const release = useUp();
  const nothing = delay(500, undefined);
  const error = await Promise.race([reported, nothing]);
  const without = error === undefined ? 'nothing' : outcomeOf(error);
  release();
  early.close();
  const then = await outcome(async () => {
    using sock = await socket.createConnection(server.address);
    await sock.recvExactly(5);
  });
  await server.close();
  return { name: '`serve()`', without, then };
}

async function main(): Promise<void> {
  const endings: Ending[] = [];
  for (const [name, call] of Object.entries(await calls())) {
    const release = useUp();
    const without = await outcome(call);
    release();
    endings.push({ name, without, then: await outcome(call) });
  }
  endings.push(await accepting(), await serving());
  console.log(JSON.stringify(endings));
  process.exit();
}

void main();
