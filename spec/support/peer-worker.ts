import * as socket from '../../lib/index.ts';

/** Listens on the descriptor that it was started with, and sends its process number to each client. */
async function main(): Promise<void> {
  const listener = new socket.Socket(-1, socket.SOCK_STREAM, -1, 3);
  listener.listen();
  console.log('listening');
  for (;;) {
    const [conn] = await listener.accept();
    await conn.sendall(String(process.pid));
    conn.close();
  }
}

void main();
