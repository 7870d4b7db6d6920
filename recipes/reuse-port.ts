import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { serve } from '../lib/serve/index.ts';

// One of several processes on one port: each has a queue of its own, and the kernel chooses a queue for each client.
const address = ['127.0.0.1', Number(process.env.PORT ?? 4000)] as const;
const server = serve(socket.createServer(address, { reusePort: true }), answer, { handlerTimeout: 30 });

async function answer(conn: socket.Socket): Promise<void> {
  await using file = conn.makefile('rw');
  const line = await file.readline(1024);
  await delay(20); // The work.
  await file.write(`${process.pid} ${line}`);
}

process.once('SIGTERM', () => void server.close());
console.log('ready');
