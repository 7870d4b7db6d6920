import net from 'node:net';
import { createInterface } from 'node:readline';
import { Clock, LINES, type ClientSettings, type Contender, type Measured } from '../tasks.ts';
import * as datagrams from './dgram.ts';
import { connected, consume, listening, writeOn } from './net.ts';
import * as tls from './tls.ts';

/** Plain `node:net` (`node:tls`) with 'data' events and `write()`: the base of the comparison. */

function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  return measuring(where, (socket, done) => {
    const message = Buffer.alloc(size, 'm');
    const clock = new Clock(span);
    let count = 0;
    socket.on('data', () => {
      count += 1;
      if (clock.isOver()) done(clock.measured(count));
      else socket.write(message);
    });
    socket.write(message);
  });
}

const NEWLINE = 0x0a;

function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  return measuring(where, (socket, done) => {
    const clock = new Clock(span);
    let count = 0;
    socket.on('data', (chunk: Buffer) => {
      count += consume(chunk, size);
      if (clock.isOver()) done(clock.measured(count));
    });
  });
}

function readline({ where, span }: ClientSettings): Promise<Measured> {
  return measuring(where, (socket, done) => {
    const clock = new Clock(span);
    let count = 0;
    createInterface({ input: socket }).on('line', () => {
      count += 1;
      if (clock.isOver()) done(clock.measured(count));
    });
  });
}

function recvLine({ where, span }: ClientSettings): Promise<Measured> {
  return measuring(where, (socket, done) => {
    const clock = new Clock(span);
    let count = 0;
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        count += Math.sign(bytes.subarray(start, end + 1).length);
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (clock.isOver()) done(clock.measured(count));
    });
  });
}

function send({ where, size, span }: ClientSettings): Promise<Measured> {
  return measuring(where, (socket, done) => {
    const chunk = Buffer.alloc(size, 'm');
    const clock = new Clock(span);
    let count = 0;
    const goesOn = (): boolean => {
      if (clock.isOver()) return false;
      count += size;
      return true;
    };
    socket.on('end', () => done(clock.measured(count))).resume();
    writeOn(socket, chunk, goesOn, () => socket.end());
  });
}

/** Connects again and again; `visit` calls back when it is done with a connection. */
function visiting(
  visit: (socket: net.Socket, done: () => void) => void,
): (settings: ClientSettings) => Promise<Measured> {
  return ({ where, span }) =>
    new Promise((resolve, reject) => {
      const clock = new Clock(span);
      let count = 0;
      const next = (): void => {
        const socket = net.connect({ ...where, noDelay: true });
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
  where: ClientSettings['where'],
  measure: (socket: net.Socket, done: (measured: Measured) => void) => void,
): Promise<Measured> {
  const socket = await connected(where);
  const measured = await new Promise<Measured>((resolve, reject) => {
    socket.on('error', reject);
    measure(socket, resolve);
  });
  socket.destroy();
  return measured;
}

export const clients: Contender['clients'] = {
  ...datagrams.clients,
  ...tls.clients,
  echo,
  receive,
  readline,
  'recv-line': recvLine,
  send,
  connect: visiting((socket, done) => socket.on('connect', done)),
  visit: visiting((socket, done) => socket.on('end', done).resume()),
  'first-byte': visiting((socket, done) => {
    socket.on('connect', () => socket.write('?'));
    socket.on('data', done);
  }),
};

export const servers: Contender['servers'] = {
  ...datagrams.servers,
  ...tls.servers,
  echo: listening((socket) => socket.on('data', (chunk) => socket.write(chunk))),
  source: listening((socket) => writeOn(socket, LINES, () => !socket.destroyed)),
  sink: listening((socket) => socket.resume()),
  accept: listening((socket) => socket.destroy()),
};
