import * as socket from '../../lib/index.ts';
import type { SSLContext, SSLSocket } from '../../lib/ssl/index.ts';
import {
  Clock,
  LINES,
  SERVER_NAME,
  type ClientSettings,
  type Contender,
  type Measured,
  type Server,
  type ServerSettings,
  type Where,
} from '../tasks.ts';

/** This library, over TLS. */

/** Loaded where TLS is measured: an earlier commit may have none. */
async function made(isServer: boolean): Promise<SSLContext> {
  const ssl = await import('../../lib/ssl/index.ts');
  const context = new ssl.SSLContext(isServer ? ssl.PROTOCOL_TLS_SERVER : ssl.PROTOCOL_TLS_CLIENT);
  context.minimumVersion = ssl.TLSVersion.TLSv1_3;
  return context;
}

let context: SSLContext | undefined;

/** Opens a connection; all of them share what a client knows. */
async function connected({ where, files }: ClientSettings): Promise<SSLSocket> {
  if (context === undefined) {
    context = await made(false);
    context.loadVerifyLocations(files.certificate);
  }
  const sock = socket.socket();
  await sock.connect(addressOf(where));
  return await context.wrapSocket(sock, { serverHostname: SERVER_NAME });
}

function addressOf(where: Where): [host: string, port: number] {
  if ('path' in where) throw new TypeError('TLS to a path');
  return [where.host, where.port];
}

async function echo(settings: ClientSettings): Promise<Measured> {
  const sock = await connected(settings);
  const message = Buffer.alloc(settings.size, 'm');
  const clock = new Clock(settings.span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    await sock.sendall(message);
    await sock.recv(settings.size);
  }
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function receive(settings: ClientSettings): Promise<Measured> {
  const sock = await connected(settings);
  const clock = new Clock(settings.span);
  let count = 0;
  while (!clock.isOver()) count += (await sock.recv(settings.size)).length;
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function send(settings: ClientSettings): Promise<Measured> {
  const sock = await connected(settings);
  const chunk = Buffer.alloc(settings.size, 'm');
  const clock = new Clock(settings.span);
  let count = 0;
  for (; !clock.isOver(); count += settings.size) await sock.sendall(chunk);
  sock.shutdown(socket.SHUT_WR);
  await sock.recv(1);
  const measured = clock.measured(count);
  sock.close();
  return measured;
}

async function connect(settings: ClientSettings): Promise<Measured> {
  const clock = new Clock(settings.span, 1);
  let count = 0;
  for (; !clock.isOver(); count += 1) (await connected(settings)).close();
  return clock.measured(count);
}

function listening(serve: (conn: SSLSocket) => void | Promise<void>): (settings: ServerSettings) => Promise<Server> {
  return async ({ where, files }) => {
    const served = await made(true);
    served.loadCertChain(files.certificate, files.key);
    const listener = socket.createServer(addressOf(where), { backlog: 4096 });
    const [host, port] = listener.getsockname();
    let running = 0;
    let onIdle = (): void => undefined;
    const serving = async (accepted: socket.Socket): Promise<void> => {
      running += 1;
      let conn = accepted;
      try {
        const secured = await served.wrapSocket(accepted, { serverSide: true });
        conn = secured;
        await serve(secured);
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
      where: { host, port },
      stop: async () => {
        listener.close();
        await accepting;
        if (running > 0) await new Promise<void>((resolve) => (onIdle = resolve));
      },
    };
  };
}

async function echoServer(conn: SSLSocket): Promise<void> {
  for (let data = await conn.recv(65_536); data.length > 0; data = await conn.recv(65_536)) await conn.sendall(data);
}

async function sourceServer(conn: SSLSocket): Promise<void> {
  for (;;) await conn.sendall(LINES);
}

async function sinkServer(conn: SSLSocket): Promise<void> {
  while ((await conn.recv(65_536)).length > 0);
}

export const clients: Contender['clients'] = {
  'tls-echo': echo,
  'tls-receive': receive,
  'tls-send': send,
  'tls-connect': connect,
};

export const servers: Contender['servers'] = {
  'tls-echo': listening(echoServer),
  'tls-source': listening(sourceServer),
  'tls-sink': listening(sinkServer),
  'tls-accept': listening(() => undefined),
};
