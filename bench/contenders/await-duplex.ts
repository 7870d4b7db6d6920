import { once } from 'node:events';
import type * as socket from '../../lib/index.ts';
import { Clock, type ClientSettings, type Measured } from '../tasks.ts';
import { consume } from './net.ts';

/** This library's connections as streams of Node's, used as `node:net` is by plain code. */

export async function receive(stream: socket.SocketDuplex, { size, span }: ClientSettings): Promise<Measured> {
  const clock = new Clock(span);
  let count = 0;
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      count += consume(chunk, size);
      if (clock.isOver()) resolve();
    });
  });
  const measured = clock.measured(count);
  stream.destroy();
  return measured;
}

export async function send(stream: socket.SocketDuplex, { size, span }: ClientSettings): Promise<Measured> {
  const chunk = Buffer.alloc(size, 'm');
  const clock = new Clock(span);
  let count = 0;
  for (; !clock.isOver(); count += size) if (!stream.write(chunk)) await once(stream, 'drain');
  stream.end();
  stream.resume();
  await once(stream, 'end');
  return clock.measured(count);
}
