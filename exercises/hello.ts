import * as socket from '../lib/index.ts';

/** Two ends of a connection: one asks, the other answers. */
async function main(): Promise<void> {
  using server = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  server.bind(['127.0.0.1', 0]);
  server.listen(1);

  using client = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await client.connect(server.getsockname());
  const [conn] = await server.accept();
  using served = conn;

  await client.send('Alice');
  const name = await served.recv(1024);
  await served.send(`Hello, ${name.toString()}!`);
  console.log((await client.recv(1024)).toString());
}

void main();
