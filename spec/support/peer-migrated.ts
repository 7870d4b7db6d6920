import * as socket from '../../lib/index.ts';

/** Connects 40 clients to one port of two listeners, closes one of these at once, and prints how many are served. */
async function main(): Promise<void> {
  const first = socket.createServer(['127.0.0.1', 0], { reusePort: true });
  const address = first.getsockname();
  const second = socket.createServer(address, { reusePort: true });
  const clients = Array.from({ length: 40 }, () => socket.socket());
  const answers = clients.map(async (client) => {
    await client.connect(address);
    return await client.recv(1);
  });
  first.close();
  void serve(second);
  const settled = await Promise.allSettled(answers);
  console.log(settled.filter(({ status }) => status === 'fulfilled').length);
  process.exit();
}

async function serve(listener: socket.Socket): Promise<void> {
  for (;;) {
    const [conn] = await listener.accept();
    await conn.sendall('x');
    conn.close();
  }
}

void main();
