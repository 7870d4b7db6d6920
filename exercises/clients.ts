import * as socket from '../lib/index.ts';

let served = 0;

/** Serves one client: answers with what it has sent, backwards. */
async function serveOne(conn: socket.Socket): Promise<void> {
  try {
    const word = (await conn.recv(1024)).toString();
    await conn.sendall(Array.from(word).reverse().join(''));
    served += 1;
  } finally {
    conn.close();
  }
}

/** Accepts clients until the server is closed. */
async function serve(server: socket.Socket): Promise<void> {
  while (true) {
    const [conn] = await server.accept();
    // Not awaited, so that the next client need not wait. What happens to this one is its own affair.
    serveOne(conn).catch((error: unknown) => console.error('one client lost:', error));
  }
}

async function main(): Promise<void> {
  const server = socket.createServer(['127.0.0.1', 0]);
  const serving = serve(server);
  const connect = async (): Promise<socket.Socket> => {
    const sock = socket.socket();
    await sock.connect(server.getsockname());
    return sock;
  };
  // The first client says nothing until the others have been served.
  const [slow, ...others] = [await connect(), await connect(), await connect()];
  for (const [index, sock] of others.entries()) {
    await sock.sendall(['stressed', 'drawer'][index] ?? '');
    console.log((await sock.recv(1024)).toString());
    sock.close();
  }
  await slow.sendall('late');
  console.log((await slow.recv(1024)).toString());
  slow.close();
  server.close();
  // The wait of accept() ends with EBADF.
  await serving.catch(() => console.log(`${served} served`));
}

void main();
