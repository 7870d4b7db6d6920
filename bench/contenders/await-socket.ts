import * as socket from '../../lib/index.ts';
import {
  Clock,
  LARGE_BUFFER,
  LINES,
  type ClientSettings,
  type Contender,
  type Measured,
  type Server,
  type ServerSettings,
  type Where,
} from '../tasks.ts';
import * as datagrams from './await-datagrams.ts';
import * as duplex from './await-duplex.ts';
import { selectorEcho } from './await-selector.ts';
import * as tls from './await-tls.ts';

/** This library. */

function made(where: Where, type = socket.SOCK_STREAM): socket.Socket {
  return socket.socket('path' in where ? socket.AF_UNIX : socket.AF_INET, type);
}

function addressOf(where: Where): socket.AddressLike {
  return 'path' in where ? where.path : [where.host, where.port];
}

async function connected(where: Where): Promise<socket.Socket> {
  const sock = made(where);
  await sock.connect(addressOf(where));
  return sock;
}

async function echo({ where, size, span, way }: ClientSettings): Promise<Measured> {
  const sock = await connected(where);
  const message = Buffer.alloc(size, 'm');
  const buffer = Buffer.alloc(size);
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    await sock.sendall(message);
    if (way === 'into') await sock.recvInto(buffer);
    else await sock.recv(size);
  }
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function receive(settings: ClientSettings): Promise<Measured> {
  const { where, size, span, way } = settings;
  const sock = await connected(where);
  if (way === 'stream') return await duplex.receive(sock.toDuplex(), settings);
  const clock = new Clock(span);
  let count = 0;
  if (way === 'into') {
    const buffer = Buffer.alloc(size);
    while (!clock.isOver()) count += await sock.recvInto(buffer);
  } else {
    while (!clock.isOver()) count += (await sock.recv(size)).length;
  }
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function readline({ where, span }: ClientSettings): Promise<Measured> {
  const sock = await connected(where);
  const file = sock.makefile('r');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) await file.readline();
  const measured = clock.measured(count);
  await file.close();
  sock.close();
  return measured;
}

async function recvLine({ where, span, way }: ClientSettings): Promise<Measured> {
  const sock = await connected(where);
  const file = sock.makefile('rb');
  const clock = new Clock(span);
  let count = 0;
  if (way === 'file') for (; !clock.isOver(); count += 1) await file.readline();
  else for (; !clock.isOver(); count += 1) await sock.recvLine();
  const measured = clock.measured(count);
  await file.close();
  sock.close();
  return measured;
}

async function send(settings: ClientSettings): Promise<Measured> {
  const { where, size, span, way } = settings;
  const sock = await connected(where);
  if (way === 'stream') return await duplex.send(sock.toDuplex(), settings);
  const chunk = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  if (way === 'file' || way === 'large file') {
    const file = sock.makefile('wb', { buffering: way === 'file' ? -1 : LARGE_BUFFER });
    for (; !clock.isOver(); count += size) await file.write(chunk);
    await file.flush();
    await file.close();
  } else {
    for (; !clock.isOver(); count += size) await sock.sendall(chunk);
  }
  sock.shutdown(socket.SHUT_WR);
  await sock.recv(1);
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function connect({ where, span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) (await connected(where)).close();
  return clock.measured(count);
}

async function firstByte({ where, span }: ClientSettings): Promise<Measured> {
  if ('path' in where) throw new TypeError('createConnection() to a path');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    const sock = await socket.createConnection([where.host, where.port]);
    await sock.sendall('?');
    await sock.recv(1);
    sock.close();
  }
  return clock.measured(count);
}

function listening(
  serve: (conn: socket.Socket) => void | Promise<void>,
): (settings: ServerSettings) => Promise<Server> {
  return async ({ where }) => {
    const listener = made(where);
    listener.bind(addressOf(where));
    listener.listen(4096);
    let running = 0;
    let onIdle = (): void => undefined;
    const serving = async (conn: socket.Socket): Promise<void> => {
      running += 1;
      try {
        await serve(conn);
      } catch (error) {
        // A connection that fails is only closed.
        if (!(error instanceof socket.OSError)) throw error;
      } finally {
        conn.close();
        running -= 1;
        if (running === 0) onIdle();
      }
    };
    const accepting = (async () => {
      for (;;) void serving((await listener.accept())[0]);
    })().catch(() => undefined);
    return {
      where: 'path' in where ? where : { host: where.host, port: listener.getsockname()[1] as number },
      stop: async () => {
        listener.close();
        await accepting;
        if (running > 0) await new Promise<void>((resolve) => (onIdle = resolve));
      },
    };
  };
}

async function echoServer(conn: socket.Socket): Promise<void> {
  for (let data = await conn.recv(65_536); data.length > 0; data = await conn.recv(65_536)) await conn.sendall(data);
}

async function sourceServer(conn: socket.Socket): Promise<void> {
  for (;;) await conn.sendall(LINES);
}

async function sinkServer(conn: socket.Socket): Promise<void> {
  while ((await conn.recv(65_536)).length > 0);
}

export const clients: Contender['clients'] = {
  ...datagrams.clients,
  ...tls.clients,
  echo,
  receive,
  readline,
  'recv-line': recvLine,
  send,
  connect,
  'first-byte': firstByte,
};

export const servers: Contender['servers'] = {
  ...datagrams.servers,
  ...tls.servers,
  echo: (settings) => (settings.way === 'selector' ? selectorEcho : listening(echoServer))(settings),
  source: listening(sourceServer),
  sink: listening(sinkServer),
  accept: listening(() => undefined),
};
