import * as socket from '../lib/index.ts';
import * as ssl from '../lib/ssl/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { localTLS } from './support/local-tls.ts';
import { printable } from './support/printable.ts';
import { addressText } from './support/text.ts';

/**
 * A TLS echo server, and its client. The server makes a certificate authority when it starts, and a certificate for
 * `localhost`; both are worthless a day later. The client trusts that authority and no other.
 *
 *     npx ts-node demos/tls-echo.ts hello world     # both, in one process
 *     npx ts-node demos/tls-echo.ts --port 4433     # only the server, which says what to trust; then, for instance:
 *     openssl s_client -connect localhost:4433 -verify_return_error -CAfile /tmp/await-socket-demo-…/ca.pem
 */

interface Options {
  readonly port: number;
  readonly clients: number;
  readonly timeout: number;
}

async function main(words: readonly string[], { port, clients, timeout }: Options): Promise<void> {
  const { context, cafile } = await localTLS('TLS echo');
  const listener = socket.createServer(['127.0.0.1', port]);
  // accept() gives a connection whose handshake is still to be done: a client that is slow at it delays no other.
  using server = await context.wrapSocket(listener, { serverSide: true, doHandshakeOnConnect: false });
  console.log(`listening on ${addressText(server.getsockname())}`);
  const serving = serveAll(server, clients, timeout);
  if (words.length === 0) {
    console.log(`trust ${cafile}`);
    await serving;
  } else await Promise.race([serving, ask(words, server.getsockname(), cafile, timeout)]);
}

async function serveAll(server: ssl.SSLSocket, most: number, timeout: number): Promise<never> {
  let clients = 0;
  while (true) {
    const [conn, address] = await server.accept();
    if (clients === most) {
      conn.close();
      continue;
    }
    clients += 1;
    conn.settimeout(timeout);
    // Not awaited: the next client need not wait until this one is done.
    void serve(conn, addressText(address)).finally(() => (clients -= 1));
  }
}

/** Serves one client. Its errors concern no other client. */
async function serve(conn: ssl.SSLSocket, client: string): Promise<void> {
  try {
    await conn.doHandshake();
    console.log(`${client} speaks ${conn.version() ?? ''}`);
    for (let block = await conn.recv(4096); block.length > 0; block = await conn.recv(4096)) await conn.sendall(block);
    // The client has said that it ends here; so does the server, and then the client knows that nothing was cut off.
    await conn.unwrap();
  } catch (error) {
    console.log(`lost ${client}: ${printable(error instanceof Error ? error.message : String(error))}`);
  } finally {
    conn.close();
  }
}

/** Sends each word, and waits for its echo. */
async function ask(words: readonly string[], address: socket.Address, cafile: string, timeout: number): Promise<void> {
  const context = ssl.createDefaultContext({ cafile });
  const plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  plain.settimeout(timeout);
  using sock = await context.wrapSocket(plain, { serverHostname: 'localhost' });
  await sock.connect(address);
  console.log(`the server is ${namesOf(sock)}, by ${sock.version() ?? ''} with ${sock.cipher()?.[0] ?? ''}`);
  for (const word of words) {
    await sock.sendall(word);
    // One message may arrive in several pieces.
    let echo = Buffer.alloc(0);
    while (echo.length < Buffer.byteLength(word)) {
      const block = await sock.recv(4096);
      if (block.length === 0) throw new Error('the server hung up');
      echo = Buffer.concat([echo, block]);
    }
    console.log(`echo: ${printable(echo.toString())}`);
  }
  await sock.unwrap();
}

/** Whom the server's certificate is for. */
function namesOf(sock: ssl.SSLSocket): string {
  const names = sock.getpeercert()?.subjectAltName ?? [];
  return names.map(([, name]) => String(name)).join(', ');
}

const program = command('tls-echo', 'Serves echoes over TLS, and asks for some.')
  .argument('[words...]', 'what the client sends; without any, there is only the server')
  .option('--port <port>', 'the port to listen at; 0 for a free one', integerFrom(0, 65535), 0)
  .option('--clients <number>', 'how many clients may be connected at once', integerFrom(1, 1000), 100)
  .option('--timeout <seconds>', 'how long each side waits for the other', timeLimit, 60)
  .parse();
run(program.name(), () => main(program.args, program.opts<Options>()));
