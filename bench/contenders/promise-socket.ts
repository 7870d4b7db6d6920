import { PromiseSocket } from 'promise-socket';
import net from 'node:net';
import { Clock, LINES, type ClientSettings, type Contender, type Measured, type Where } from '../tasks.ts';
import { connected, listening } from './net.ts';

/** The package promise-socket. */

async function opened(where: Where): Promise<PromiseSocket<net.Socket>> {
  return new PromiseSocket(await connected(where));
}

async function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await opened(where);
  const message = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    await socket.write(message);
    await socket.read();
  }
  const measured = clock.measured(count);
  socket.destroy();
  return measured;
}

async function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await opened(where);
  const clock = new Clock(span);
  let count = 0;
  // With a size, read() waits for all of it; without, it takes what has arrived.
  while (!clock.isOver()) count += lengthOf(await (size < 65_536 ? socket.read(size) : socket.read()));
  const measured = clock.measured(count);
  socket.destroy();
  return measured;
}

async function send({ where, size, span }: ClientSettings): Promise<Measured> {
  const socket = await opened(where);
  const chunk = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += size) await socket.write(chunk);
  await socket.end();
  await socket.readAll();
  const measured = clock.measured(count);
  socket.destroy();
  return measured;
}

async function connect({ where, span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    const socket = new PromiseSocket(new net.Socket());
    await socket.connect(where);
    socket.destroy();
  }
  return clock.measured(count);
}

async function firstByte({ where, span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += 1) {
    const socket = new PromiseSocket(new net.Socket());
    await socket.connect(where);
    await socket.write('?');
    await socket.read();
    socket.destroy();
  }
  return clock.measured(count);
}

function lengthOf(chunk: string | Buffer | undefined): number {
  return chunk === undefined ? 0 : chunk.length;
}

/** Handles a connection; a failure closes it. */
function serving(serve: (socket: PromiseSocket<net.Socket>) => Promise<void>): (socket: net.Socket) => void {
  return (socket) => {
    serve(new PromiseSocket(socket)).catch(() => socket.destroy());
  };
}

export const clients: Contender['clients'] = { echo, receive, send, connect, 'first-byte': firstByte };

export const servers: Contender['servers'] = {
  accept: listening(serving(async (socket) => void socket.destroy())),
  echo: listening(
    serving(async (socket) => {
      for (let data = await socket.read(); data !== undefined; data = await socket.read()) await socket.write(data);
    }),
  ),
  source: listening(
    serving(async (socket) => {
      for (;;) await socket.write(LINES);
    }),
  ),
  sink: listening(
    serving(async (socket) => {
      while ((await socket.read()) !== undefined);
    }),
  ),
};
