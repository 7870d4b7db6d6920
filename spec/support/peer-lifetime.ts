/**
 * A program that finds out, case by case, what keeps a process alive. Node emits 'beforeExit' when nothing does: at
 * once in a case whose sockets are idle, and in a case with a call that waits only once the call is aborted, by a timer
 * that does not keep the process alive itself. Each case prints a line of JSON.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as socket from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import * as selectors from '../../lib/selectors.ts';
import { clientContext, serverContext } from './tls-contexts.ts';

type Socket = socket.Socket;
type Wait = (signal: AbortSignal) => Promise<unknown>;

const folder = mkdtempSync(join(tmpdir(), 'lifetime-'));

async function tcpPair(): Promise<[Socket, Socket]> {
  const listener = socket.createServer(['127.0.0.1', 0]);
  const client = socket.socket();
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  listener.close();
  return [client, server];
}

async function tlsPair(): Promise<[Socket, Socket]> {
  const [client, server] = await tcpPair();
  return await Promise.all([
    clientContext().wrapSocket(client, { serverHostname: 'localhost' }),
    serverContext().wrapSocket(server, { serverSide: true }),
  ]);
}

function datagrams(): Socket {
  const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  one.bind(['127.0.0.1', 0]);
  return one;
}

async function received(): Promise<Socket> {
  const [client, server] = await tcpPair();
  await client.sendall('x');
  await server.recv(1);
  await server.sendall('y');
  await client.recv(1);
  client.unref();
  return server;
}

const listenerAt = (path: string): Socket => {
  const listener = socket.socket(socket.AF_UNIX);
  listener.bind(path);
  listener.listen();
  return listener;
};

const datagramThatReceived = async (): Promise<Socket> => {
  const one = datagrams();
  await one.sendto('x', one.getsockname());
  await one.recv(1);
  return one;
};

const filled = async (one: Socket): Promise<Socket> => {
  await one.sendall(Buffer.alloc(32 * 1024 * 1024), { signal: AbortSignal.timeout(50) }).catch(() => undefined);
  return one;
};

/** Sockets that are left alone. */
const IDLE: Readonly<Record<string, () => unknown>> = {
  'a fresh socket': () => socket.socket(),
  'a bound socket': () => socket.socket().bind(['127.0.0.1', 0]),
  'a listener': () => socket.createServer(['127.0.0.1', 0]),
  'a listener that accepted': async () => {
    const listener = socket.createServer(['127.0.0.1', 0]);
    const client = socket.socket();
    await client.connect(listener.getsockname());
    return [client, await listener.accept()];
  },
  'a listener that a client waits for': async () => {
    const listener = socket.createServer(['127.0.0.1', 0]);
    const client = socket.socket();
    await client.connect(listener.getsockname());
    return client;
  },
  'both ends of a connection': tcpPair,
  'both ends of a connection with TLS': tlsPair,
  'a connection with TLS and bytes': async () => {
    const [client, server] = await tlsPair();
    await client.sendall(Buffer.alloc(100_000));
    await server.recv(1);
  },
  'a connection whose handshake has begun': async () => {
    const [client] = await tcpPair();
    client.settimeout(0);
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const wrapped = await clientContext().wrapSocket(client, wrap);
    await wrapped.doHandshake().catch(() => undefined);
  },
  'a connection that received': received,
  'a connection with bytes': async () => {
    const [client, server] = await tcpPair();
    await client.sendall(Buffer.alloc(100_000));
    await server.recv(1);
  },
  'a connection that a call was aborted on': async () => {
    const [client] = await tcpPair();
    await client.recv(1, { signal: AbortSignal.timeout(1) }).catch(() => undefined);
  },
  'a connection that a time limit was over on': async () => {
    const [client] = await tcpPair();
    client.settimeout(0.001);
    await client.recv(1).catch(() => undefined);
  },
  'a Unix listener': () => listenerAt(join(folder, 'idle')),
  'a pair': () => socket.socketpair(),
  'a fresh datagram socket': () => socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
  'a bound datagram socket': datagrams,
  'a datagram socket that received': datagramThatReceived,
  'a file': async () => {
    const [client] = await tcpPair();
    return client.makefile('rwb');
  },
  'a selector that has found nothing': async () => {
    const [client] = await tcpPair();
    const selector = new selectors.DefaultSelector();
    selector.register(client, selectors.EVENT_READ);
    return await selector.select(0);
  },
};

/** Calls that wait. */
const WAITING: Readonly<Record<string, () => Promise<Wait> | Wait>> = {
  'accept()': () => {
    const listener = socket.createServer(['127.0.0.1', 0]);
    return (signal) => listener.accept({ signal });
  },
  'accept() with a time limit': () => {
    const listener = socket.createServer(['127.0.0.1', 0]);
    listener.settimeout(1e6);
    return (signal) => listener.accept({ signal });
  },
  'accept() at a path': () => {
    const listener = listenerAt(join(folder, 'waiting'));
    return (signal) => listener.accept({ signal });
  },
  'recv()': async () => {
    const [client] = await tcpPair();
    return (signal) => client.recv(1, { signal });
  },
  'readable()': async () => {
    const [client] = await tcpPair();
    return (signal) => client.readable({ signal });
  },
  'select()': async () => {
    const [client] = await tcpPair();
    return (signal) => select.select([client], [], [], { signal });
  },
  'select() of nothing, with a time limit': () => (signal) => select.select([], [], [], 1e6, { signal }),
  'poll()': async () => {
    const [client] = await tcpPair();
    const poller = select.poll();
    poller.register(client, select.POLLIN);
    return (signal) => poller.poll({ signal });
  },
  'select() of a selector': () => {
    const selector = new selectors.DefaultSelector();
    return (signal) => selector.select({ signal });
  },
  'recv() with a time limit': async () => {
    const [client] = await tcpPair();
    client.settimeout(1e6);
    return (signal) => client.recv(1, { signal });
  },
  'recv() after something was received': async () => {
    const one = await received();
    return (signal) => one.recv(1, { signal });
  },
  'recvInto()': async () => {
    const [client] = await tcpPair();
    return (signal) => client.recvInto(new Uint8Array(1), { signal });
  },
  'recv() with TLS': async () => {
    const [client] = await tlsPair();
    return (signal) => client.recv(1, { signal });
  },
  'send() with TLS': async () => {
    const [client, server] = await tlsPair();
    const full = await filled(client);
    return async (signal) => {
      try {
        await full.sendall(Buffer.alloc(32 * 1024 * 1024), { signal });
      } finally {
        server.close();
      }
    };
  },
  'doHandshake()': async () => {
    const [client] = await tcpPair();
    const wrap = { serverHostname: 'localhost', doHandshakeOnConnect: false };
    const wrapped = await clientContext().wrapSocket(client, wrap);
    return (signal) => wrapped.doHandshake({ signal });
  },
  'unwrap()': async () => {
    const [client, server] = await tcpPair();
    const [wrapped] = await Promise.all([
      clientContext().wrapSocket(client, { serverHostname: 'localhost' }),
      serverContext().wrapSocket(server, { serverSide: true }),
    ]);
    return (signal) => wrapped.unwrap({ signal });
  },
  'recv() of a pair': async () => {
    const [one] = await socket.socketpair();
    return (signal) => one.recv(1, { signal });
  },
  'send()': async () => {
    const [client, server] = await tcpPair();
    const full = await filled(client);
    return async (signal) => {
      try {
        await full.sendall(Buffer.alloc(32 * 1024 * 1024), { signal });
      } finally {
        // Unsent bytes keep the process alive as well, until the peer receives them or resets the connection.
        server.close();
      }
    };
  },
  'recvfrom() of a datagram socket': () => {
    const one = datagrams();
    return (signal) => one.recvfrom(1, { signal });
  },
  'recv() of a datagram socket that received': async () => {
    const one = await datagramThatReceived();
    return (signal) => one.recv(1, { signal });
  },
  'recv() of a datagram socket that is not bound': () => {
    const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    return (signal) => one.recv(1, { signal });
  },
  'recv() of a datagram socket that is not bound, with a time limit': () => {
    const one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
    one.settimeout(1e6);
    return (signal) => one.recv(1, { signal });
  },
  'read() of a file': async () => {
    const [client] = await tcpPair();
    const file = client.makefile('rb');
    return (signal) => file.read(1, { signal });
  },
  'readline() of a file': async () => {
    const [client] = await tcpPair();
    const file = client.makefile('r');
    return (signal) => file.readline(-1, { signal });
  },
};

/** Calls of sockets that were unref'd. */
const UNREFFED: Readonly<Record<string, () => Promise<Wait> | Wait>> = {
  "accept() of an unref'd listener": () => {
    const listener = socket.createServer(['127.0.0.1', 0]).unref();
    return (signal) => listener.accept({ signal });
  },
  "recv() of an unref'd connection": async () => {
    const [client] = await tcpPair();
    client.unref();
    return (signal) => client.recv(1, { signal });
  },
  "recv() of an unref'd connection with TLS": async () => {
    const [client] = await tlsPair();
    client.unref();
    return (signal) => client.recv(1, { signal });
  },
  "recv() of an unref'd datagram socket": () => {
    const one = datagrams().unref();
    return (signal) => one.recv(1, { signal });
  },
};

/** Node ends after 'beforeExit' unless there is something to do. */
const emptied = (): Promise<void> => new Promise((resolve) => process.once('beforeExit', () => setImmediate(resolve)));

/** Whether a call that waits keeps the process alive until it is aborted, after so many milliseconds. */
async function keepsAlive(prepare: () => Promise<Wait> | Wait, milliseconds: number): Promise<boolean> {
  const wait = await prepare();
  const stop = new AbortController();
  let isAborted = false;
  const empty = emptied();
  // Only something else can keep the process alive until then.
  setTimeout(() => {
    isAborted = true;
    stop.abort();
  }, milliseconds).unref();
  void wait(stop.signal).catch(() => undefined);
  await empty;
  return isAborted;
}

async function main(): Promise<void> {
  for (const [name, make] of Object.entries(IDLE)) {
    await make();
    await emptied();
    console.log(JSON.stringify({ name, ends: true }));
  }
  for (const [name, prepare] of Object.entries(WAITING)) {
    console.log(JSON.stringify({ name, waits: await keepsAlive(prepare, 20) }));
  }
  for (const [name, prepare] of Object.entries(UNREFFED)) {
    // It ends long before that, however busy the machine is.
    console.log(JSON.stringify({ name, waits: await keepsAlive(prepare, 20_000) }));
  }
  console.log(JSON.stringify({ name: 'done' }));
}

void main();
