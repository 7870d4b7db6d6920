import { once } from 'node:events';
import type net from 'node:net';
import { createInterface } from 'node:readline';
import { Clock, LINES, type ClientSettings, type Contender, type Measured } from '../tasks.ts';
import { connected, consume, listening } from './net.ts';

/** `node:net` read by `for await`, and written with a wait for 'drain' where that is asked for. */

async function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await connected(where);
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let bytes = 0;
  socket.write(message);
  for await (const answer of socket) {
    bytes += (answer as Buffer).length;
    if (clock.isOver()) break;
    socket.write(message);
  }
  return clock.measured(bytes / size);
}

async function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await connected(where);
  const clock = new Clock(span);
  let count = 0;
  for await (const chunk of socket) {
    count += consume(chunk as Buffer, size);
    if (clock.isOver()) break;
  }
  return clock.measured(count);
}

async function readline({ where, span }: ClientSettings): Promise<Measured> {
  const socket = await connected(where);
  const clock = new Clock(span);
  let count = 0;
  for await (const line of createInterface({ input: socket })) {
    count += (line.length + 1) / 64;
    if (clock.isOver()) break;
  }
  const measured = clock.measured(count);
  socket.destroy();
  return measured;
}

async function send({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await connected(where);
  const chunk = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += size) await written(socket, chunk);
  socket.end();
  socket.resume();
  await once(socket, 'end');
  return clock.measured(count);
}

async function written(socket: net.Socket, chunk: Buffer): Promise<void> {
  if (!socket.write(chunk)) await once(socket, 'drain');
}

/** Handles a connection; a failure has closed it already. */
function serving(serve: (socket: net.Socket) => Promise<void>): (socket: net.Socket) => void {
  return (socket) => {
    serve(socket).catch(() => socket.destroy());
  };
}

export const clients: Contender['clients'] = { echo, receive, readline, send };

export const servers: Contender['servers'] = {
  echo: listening(
    serving(async (socket) => {
      for await (const chunk of socket) if (!socket.write(chunk as Buffer)) await once(socket, 'drain');
    }),
  ),
  source: listening(
    serving(async (socket) => {
      while (!socket.destroyed) await written(socket, LINES);
    }),
  ),
  sink: listening(
    serving(async (socket) => {
      socket.resume();
      await once(socket, 'end');
    }),
  ),
};
