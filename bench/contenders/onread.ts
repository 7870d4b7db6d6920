import { once } from 'node:events';
import net from 'node:net';
import { Clock, type ClientSettings, type Contender, type Measured } from '../tasks.ts';
import { crowd, exercise, gather, rush, scatter, tlsGather } from './crowd.ts';
import { consume } from './net.ts';

/** Plain `node:net` that reads into one buffer with `onread`, which Node has for clients only. */

async function echo({ where, size, span }: ClientSettings): Promise<Measured> {
  const message = Buffer.alloc(size, 'm');
  return await measuring({ where, span }, size, (socket, clock, done) => {
    let count = 0;
    socket.write(message);
    return () => {
      count += 1;
      if (clock.isOver()) done(count);
      else socket.write(message);
    };
  });
}

async function receive({ where, size, span }: ClientSettings): Promise<Measured> {
  return await measuring({ where, span }, 65_536, (_socket, clock, done) => {
    let count = 0;
    return (chunk) => {
      count += consume(chunk, size);
      if (clock.isOver()) done(count);
    };
  });
}

/**
 * Opens a connection, and closes it when the measurement is done. `measure` returns the handler of received bytes.
 */
async function measuring(
  { where, span }: Pick<ClientSettings, 'where' | 'span'>,
  room: number,
  measure: (socket: net.Socket, clock: Clock, done: (count: number) => void) => (chunk: Buffer) => void,
): Promise<Measured> {
  const buffer = Buffer.alloc(room);
  let onChunk: (chunk: Buffer) => void = () => undefined;
  const callback = (length: number): boolean => {
    onChunk(buffer.subarray(0, length));
    return true;
  };
  const socket = net.connect({ ...where, noDelay: true, onread: { buffer, callback } });
  await once(socket, 'connect');
  const measured = await new Promise<Measured>((resolve, reject) => {
    const clock = new Clock(span);
    socket.on('error', reject);
    onChunk = measure(socket, clock, (count) => resolve(clock.measured(count)));
  });
  socket.destroy();
  return measured;
}

export const clients: Contender['clients'] = {
  echo,
  receive,
  crowd,
  rush,
  gather,
  'tls-gather': tlsGather,
  exercise,
  scatter,
};

export const servers: Contender['servers'] = {};
