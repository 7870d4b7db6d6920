import * as socket from '../lib/index.ts';

/** A server that sends back all that comes, until the client has ended. */
async function echo(server: socket.Socket): Promise<void> {
  const [conn] = await server.accept();
  let block = await conn.recv(1024);
  while (block.length > 0) {
    await conn.sendall(block);
    block = await conn.recv(1024);
  }
  conn.close();
}

async function main(): Promise<void> {
  using server = socket.createServer(['127.0.0.1', 0]);
  const serving = echo(server);

  using client = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await client.connect(server.getsockname());
  for (const word of ['one', 'two', 'three']) {
    await client.sendall(word);
    console.log((await client.recv(1024)).toString());
  }
  client.shutdown(socket.SHUT_WR);
  console.log((await client.recv(1024)).length);
  await serving;
}

void main();
