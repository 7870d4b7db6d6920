import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import {
  Clock,
  LINES,
  SERVER_NAME,
  type CertificateFiles,
  type ClientSettings,
  type Contender,
  type Measured,
  type Server,
  type ServerSettings,
} from '../tasks.ts';
import { consume, ended, whereIs, writeOn } from './net.ts';

/** Plain `node:tls` with 'data' events and `write()`: the base of the comparison of TLS. */

let context: tls.SecureContext | undefined;

/** What a client knows: all of its connections share it. */
function contextOf({ certificate }: CertificateFiles): tls.SecureContext {
  return (context ??= tls.createSecureContext({ ca: readFileSync(certificate), minVersion: 'TLSv1.3' }));
}

/** Opens a connection, whose handshake goes on. */
export function opened({ where, files }: ClientSettings): tls.TLSSocket {
  const socket = tls.connect({ ...where, secureContext: contextOf(files), servername: SERVER_NAME });
  return socket.setNoDelay(true);
}

function echo(settings: ClientSettings): Promise<Measured> {
  return measuring(settings, (socket, done) => {
    const message = Buffer.alloc(settings.size, 'm');
    const clock = new Clock(settings.span);
    let count = 0;
    socket.on('data', () => {
      count += 1;
      if (clock.isOver()) done(clock.measured(count));
      else socket.write(message);
    });
    socket.write(message);
  });
}

function receive(settings: ClientSettings): Promise<Measured> {
  return measuring(settings, (socket, done) => {
    const clock = new Clock(settings.span);
    let count = 0;
    socket.on('data', (chunk: Buffer) => {
      count += consume(chunk, settings.size);
      if (clock.isOver()) done(clock.measured(count));
    });
  });
}

function send(settings: ClientSettings): Promise<Measured> {
  return measuring(settings, (socket, done) => {
    const chunk = Buffer.alloc(settings.size, 'm');
    const clock = new Clock(settings.span);
    let count = 0;
    const goesOn = (): boolean => {
      if (clock.isOver()) return false;
      count += settings.size;
      return true;
    };
    socket.on('end', () => done(clock.measured(count))).resume();
    writeOn(socket, chunk, goesOn, () => socket.end());
  });
}

/** Connects again and again; `visit` calls back when it is done with a connection. */
function visiting(
  visit: (socket: tls.TLSSocket, done: () => void) => void,
): (settings: ClientSettings) => Promise<Measured> {
  return (settings) =>
    new Promise((resolve, reject) => {
      const clock = new Clock(settings.span, 1);
      let count = 0;
      const next = (): void => {
        const socket = opened(settings);
        socket.on('error', reject);
        visit(socket, () => {
          socket.destroy();
          count += 1;
          if (clock.isOver()) resolve(clock.measured(count));
          else next();
        });
      };
      next();
    });
}

/** Opens a connection, and closes it when the measurement is done. */
async function measuring(
  settings: ClientSettings,
  measure: (socket: tls.TLSSocket, done: (measured: Measured) => void) => void,
): Promise<Measured> {
  const socket = opened(settings);
  await once(socket, 'secureConnect');
  const measured = await new Promise<Measured>((resolve, reject) => {
    socket.on('error', reject);
    measure(socket, resolve);
  });
  socket.destroy();
  return measured;
}

/** Listens, and handles each connection; a connection that fails is only closed. */
function listening(onConnection: (socket: tls.TLSSocket) => void): (settings: ServerSettings) => Promise<Server> {
  return async ({ where, files }) => {
    const pair = { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
    const server = tls.createServer({ ...pair, minVersion: 'TLSv1.3', noDelay: true }, (socket) => {
      socket.on('error', () => socket.destroy());
      onConnection(socket);
    });
    server.listen({ ...where, backlog: 4096 });
    await once(server, 'listening');
    return { where: whereIs(where, server.address()), stop: () => ended(server) };
  };
}

export const clients: Contender['clients'] = {
  'tls-echo': echo,
  'tls-receive': receive,
  'tls-send': send,
  'tls-connect': visiting((socket, done) => socket.on('secureConnect', done)),
  'tls-visit': visiting((socket, done) => socket.on('end', done).resume()),
};

export const servers: Contender['servers'] = {
  'tls-echo': listening((socket) => socket.on('data', (chunk) => socket.write(chunk))),
  'tls-source': listening((socket) => writeOn(socket, LINES, () => !socket.destroyed)),
  'tls-sink': listening((socket) => socket.resume()),
  'tls-accept': listening((socket) => socket.destroy()),
};
