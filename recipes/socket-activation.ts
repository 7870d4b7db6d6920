import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve } from '../lib/serve/index.ts';

/** Where the descriptors begin that systemd hands over. */
const FIRST = 3;

const [, program = '', role] = process.argv;
const count = Number(process.env.LISTEN_FDS ?? 0);
const names = (process.env.LISTEN_FDNAMES ?? '').split(':');
if (role === 'worker') work();
else manage();

/** Serves the sockets by their names. */
function work(): void {
  const take = (name: string): socket.Socket => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`systemd has handed over no socket with the name ${name}`);
    return new socket.Socket(-1, socket.SOCK_STREAM, -1, FIRST + index);
  };
  const server = serve(take('app'), answer, { handlerTimeout: 30 });
  const admin = serve(take('admin'), (conn) => conn.sendall(`${process.pid} has served ${server.accepted}\n`));
  const stop = async (): Promise<void> => {
    await Promise.all([server.close(), admin.close()]);
    if (process.connected) process.disconnect?.();
  };
  process.once('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop()); // The parent has ended.
  console.log('ready');
}

async function answer(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rw');
  const line = await file.readline(1024);
  await delay(20); // The work.
  await file.write(`${process.pid} ${line}`);
}

/** Hands the descriptors on to so many workers, under the same numbers. */
function manage(): void {
  if (process.env.LISTEN_PID !== String(process.pid)) throw new Error('systemd has handed nothing over');
  const descriptors = Array.from({ length: count }, (_, index) => FIRST + index);
  const workers = new Set<ChildProcess>();
  const start = (): void => {
    const worker = fork(program, ['worker'], { stdio: ['ignore', 'inherit', 'inherit', ...descriptors, 'ipc'] });
    workers.add(worker);
    worker.once('exit', () => {
      // One that was told to end is no longer in the set. The pause is for a program that fails as it starts.
      if (workers.delete(worker)) setTimeout(start, 100);
    });
  };
  for (let started = 0; started < Number(process.env.WORKERS ?? 4); started += 1) start();
  process.once('SIGTERM', () => {
    for (const worker of workers) {
      workers.delete(worker);
      worker.kill('SIGTERM');
    }
  });
}
