import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve } from '../lib/serve/index.ts';

const [, program = '', role] = process.argv;
if (role === 'worker') work();
else manage();

/** Serves clients of the socket that the parent has bound. */
function work(): void {
  const listener = new socket.Socket(-1, socket.SOCK_STREAM, -1, 4);
  listener.listen();
  const server = serve(listener, answer, { handlerTimeout: 30 });
  const stop = async (): Promise<void> => {
    await server.close();
    if (process.connected) process.disconnect?.();
  };
  process.once('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop()); // The parent has ended.
  process.send?.('ready');
}

async function answer(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rw');
  const line = await file.readline(1024);
  await delay(20); // The work.
  await file.write(`${process.pid} ${line}`);
}

/** Keeps the socket, and so many workers. It never listens: it would take clients that it does not serve. */
function manage(): void {
  const shared = socket.socket();
  shared.bind(['127.0.0.1', Number(process.env.PORT ?? 4000)]);
  const workers = new Set<ChildProcess>();

  const start = async (): Promise<void> => {
    const worker = fork(program, ['worker'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', shared.fileno()] });
    workers.add(worker);
    worker.once('exit', () => {
      // One that was told to end is no longer in the set. The pause is for a program that fails as it starts.
      if (workers.delete(worker)) void delay(100).then(start);
    });
    await once(worker, 'message');
    console.log('ready');
  };

  const retire = (worker: ChildProcess): void => {
    workers.delete(worker);
    worker.kill('SIGTERM');
  };

  /** Replaces all workers, one after the other: each begins before the other ends. */
  const replace = async (): Promise<void> => {
    for (const worker of [...workers]) {
      await start();
      retire(worker);
    }
  };

  for (let count = 0; count < Number(process.env.WORKERS ?? 4); count += 1) void start();
  process.on('SIGHUP', () => void replace());
  process.once('SIGTERM', () => {
    for (const worker of workers) retire(worker);
    shared.close();
  });
}
