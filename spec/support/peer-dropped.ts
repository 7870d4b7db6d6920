/**
 * A program that loses sockets and collects the garbage, for each case or for those that its arguments name. For each
 * it prints a line of JSON: the warnings, and what the other end saw.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as socket from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { DefaultSelector, EVENT_READ } from '../../lib/selectors.ts';
import { reservedPort } from './ports.ts';
import { clientContext, serverContext } from './tls-contexts.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Warning extends Error {
  readonly code?: string;
  readonly detail?: string;
}

const warnings: Warning[] = [];
process.removeAllListeners('warning');
process.on('warning', (warning: Warning) => warnings.push(warning));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Milliseconds from the creation of a socket until the library watches it. Node calls timers of one length in the order
 * in which they were set, so a timer that is set later finds the socket watched.
 */
const UNTIL_WATCHED = 100;

/** Collects the garbage, and waits for what follows from it. */
async function sweep(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, UNTIL_WATCHED));
  for (let round = 0; round < 3; round += 1) {
    collect();
    await turn();
  }
}

const listener = socket.createServer(['127.0.0.1', 0]);

async function connected(): Promise<[socket.Socket, socket.Socket]> {
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  return [client, server];
}

async function secured(): Promise<[socket.Socket, socket.Socket]> {
  const [client, server] = await connected();
  const ends = await Promise.all([
    clientContext().wrapSocket(client, { serverHostname: 'localhost' }),
    serverContext().wrapSocket(server, { serverSide: true }),
  ]);
  // Linux resets a connection that is closed with unread bytes: the session tickets are received first.
  await ends[1].sendall('x');
  await ends[0].recv(1);
  return ends;
}

/** What a socket receives, or `'nothing'`. */
async function seen(one: socket.Socket): Promise<string> {
  // Unlike an aborted signal, a time limit that has passed still lets the call take what has arrived.
  one.settimeout(1);
  return await one.recv(100).then(
    (bytes) => (bytes.length === 0 ? 'end' : String(bytes)),
    (error: unknown) => (error instanceof socket.OSError ? String(error.code) : 'nothing'),
  );
}

/** Keeps objects from being collected. */
const kept: unknown[] = [];

/** Finds out what became of the lost socket. */
type Ask = () => unknown;

/** Each function loses a socket. */
const CASES: Readonly<Record<string, () => Ask | Promise<Ask>>> = {
  'a client': async () => {
    const [, server] = await connected();
    kept.push(server);
    return () => seen(server);
  },
  'an accepted connection': async () => {
    const [client] = await connected();
    kept.push(client);
    return () => seen(client);
  },
  'a client with TLS': async () => {
    const [, server] = await secured();
    kept.push(server);
    return () => seen(server);
  },
  'an accepted connection with TLS': async () => {
    const [client] = await secured();
    kept.push(client);
    return () => seen(client);
  },
  'a connection whose handshake has begun': async () => {
    const [client, server] = await connected();
    kept.push(server);
    client.settimeout(0);
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const wrapped = await clientContext().wrapSocket(client, wrap);
    await wrapped.doHandshake().catch(() => undefined);
    return async () => [
      (await server.recv(3)).toString('hex'),
      (await server.recv(4096)).length > 0,
      await seen(server),
    ];
  },
  'a connection that waits for a handshake': async () => {
    const [client, server] = await connected();
    kept.push(client);
    server.settimeout(0);
    const wrapped = await serverContext().wrapSocket(server, { serverSide: true, doHandshakeOnConnect: false });
    await wrapped.doHandshake().catch(() => undefined);
    return () => seen(client);
  },
  'a listener': () => {
    const [host, port] = socket.createServer(['127.0.0.1', reservedPort()]).getsockname();
    return async () => await socket.socket().connectEx([host, port]);
  },
  'a bound socket': () => {
    const one = socket.socket();
    one.bind(['127.0.0.1', 0]);
    return () => 'gone';
  },
  'a datagram socket': () => {
    const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    one.bind(['127.0.0.1', reservedPort()]);
    const [, port] = one.getsockname();
    return () => {
      using other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
      other.bind(['127.0.0.1', port]);
      return 'its port is free';
    };
  },
  'a fresh socket': () => {
    socket.socket();
    return () => 'gone';
  },
  'a socket that was closed': async () => {
    const [client, server] = await connected();
    kept.push(server);
    client.close();
    return () => seen(server);
  },
  'a socket whose file lives': async () => {
    const [client, server] = await connected();
    const file = client.makefile('w');
    kept.push(server, file);
    return async () => {
      await file.write('by the file');
      await file.flush();
      return await seen(server);
    };
  },
  'a socket whose call waits': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const waiting = client.recv(100);
    return async () => {
      await server.sendall('still here');
      return String(await waiting);
    };
  },
  'a socket with TLS whose call waits': async () => {
    const [client, server] = await secured();
    kept.push(server);
    const waiting = client.recv(100);
    return async () => {
      await server.sendall('still here');
      return String(await waiting);
    };
  },
  'a socket with TLS whose file lives': async () => {
    const [client, server] = await secured();
    const file = client.makefile('w');
    kept.push(server, file);
    return async () => {
      await file.write('by the file');
      await file.flush();
      return await seen(server);
    };
  },
  'a socket that select() has watched': async () => {
    const [client, server] = await connected();
    kept.push(server);
    await select.select([client], [client], [], 0);
    await select.select([client], [], [], 0.001);
    return () => seen(server);
  },
  'a socket that is registered with a lost poll object': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const poller = select.poll();
    poller.register(client);
    await poller.poll(0);
    return () => seen(server);
  },
  'a socket that is registered with a lost epoll object': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const poller = select.epoll();
    poller.register(client);
    await poller.poll(0);
    return () => seen(server);
  },
  'a socket that is registered with a lost selector': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const selector = new DefaultSelector();
    selector.register(client, EVENT_READ);
    await selector.select(0);
    return () => seen(server);
  },
  'a socket that a lost poll object waits for': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const poller = select.poll<socket.Socket>();
    poller.register(client, select.POLLIN);
    const waiting = poller.poll();
    return async () => {
      await server.sendall('x');
      const found = await waiting;
      for (const [, , one] of found) one.close();
      return found.length;
    };
  },
  'a socket whose call has waited': async () => {
    const [client, server] = await connected();
    kept.push(server);
    const waiting = client.recv(100);
    await server.sendall('x');
    await waiting;
    return () => seen(server);
  },
};

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const [name, lose] of Object.entries(CASES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    // The function's objects live no longer than this call.
    const ask = await lose();
    await sweep();
    const outcome = await ask();
    await turn();
    const told = warnings.splice(0).map(({ name: type, message, code, detail }) => ({ type, message, code, detail }));
    console.log(JSON.stringify({ name, outcome, told }));
  }
}

void main();
