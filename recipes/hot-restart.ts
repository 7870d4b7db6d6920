import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve } from '../lib/serve/index.ts';

const [, program = '', role] = process.argv;
// The successor gets its predecessor's listener, with the clients that wait in it.
const listener =
  role === 'successor'
    ? new socket.Socket(-1, socket.SOCK_STREAM, -1, 4)
    : socket.createServer(['127.0.0.1', Number(process.env.PORT ?? 4000)]);
const server = serve(listener, answer, { handlerTimeout: 30 });

async function answer(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rw');
  const line = await file.readline(1024);
  await delay(20); // The work.
  await file.write(`${process.pid} ${line}`);
}

/** Starts a successor, and ends once it serves. If it fails, this process goes on. */
async function restart(): Promise<void> {
  const successor = fork(program, ['successor'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', listener.fileno()] });
  const serves = await new Promise<boolean>((resolve) => {
    successor.once('message', () => resolve(true));
    successor.once('exit', () => resolve(false));
  });
  if (!serves) {
    process.once('SIGHUP', () => void restart());
    return;
  }
  successor.disconnect();
  await server.close();
}

process.once('SIGHUP', () => void restart());
process.once('SIGTERM', () => void server.close());
process.send?.('ready');
console.log(`ready ${process.pid}`);
