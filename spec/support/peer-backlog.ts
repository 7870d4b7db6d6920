import { readSync } from 'node:fs';
import * as socket from '../../lib/index.ts';

/**
 * `peer-backlog <backlog>` listens, prints its port, and blocks its event loop until its standard input has a line; then
 * it sends a byte to each client.
 */
async function main(backlog: number): Promise<void> {
  const listener = socket.createServer(['127.0.0.1', 0], { backlog });
  console.log(listener.getsockname()[1]);
  readSync(0, Buffer.alloc(1));
  for (;;) {
    const [conn] = await listener.accept();
    await conn.sendall('x');
    conn.close();
  }
}

void main(Number(process.argv[2]));
