import cluster from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve } from '../lib/serve/index.ts';

if (cluster.isPrimary) {
  const shared = socket.socket();
  shared.bind(['127.0.0.1', Number(process.env.PORT ?? 4000)]); // And no listen(): the primary takes no clients.
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc', shared.fileno()] });
  for (let count = 0; count < Number(process.env.WORKERS ?? 4); count += 1) cluster.fork();
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) setTimeout(() => cluster.fork(), 100);
  });
  process.once('SIGTERM', () => {
    cluster.disconnect();
    shared.close();
  });
} else {
  const listener = new socket.Socket(-1, socket.SOCK_STREAM, -1, 4);
  listener.listen();
  const server = serve(listener, answer, { handlerTimeout: 30 });
  process.once('disconnect', () => void server.close());
  console.log('ready');
}

async function answer(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rw');
  const line = await file.readline(1024);
  await delay(20); // The work.
  await file.write(`${process.pid} ${line}`);
}
