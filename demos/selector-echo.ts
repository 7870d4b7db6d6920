import * as socket from '../lib/index.ts';
import * as selectors from '../lib/selectors.ts';
import { command, integerFrom, run } from './support/command.ts';
import { addressText } from './support/text.ts';

/**
 * An echo server as one loop: a selector says which sockets can be received from or sent by, and no socket waits. The
 * loop knows at any time what each client has, so it can do without a task for each.
 *
 *     npx ts-node demos/selector-echo.ts
 *     nc 127.0.0.1 4009
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
}

const { EVENT_READ, EVENT_WRITE } = selectors;

/** The most bytes that wait for a client that does not read: nothing more is received from it until then. */
const MOST_UNSENT = 64 * 1024;

/** What the loop keeps of each client; the listener has `null`. */
interface Client {
  readonly name: string;
  /** What has yet to be sent back. */
  unsent: Buffer;
  /** Whether the client has ended its output. */
  hasEnded: boolean;
}

type Selector = selectors.DefaultSelector<Client | null>;

async function main({ host, port, clients }: Options): Promise<void> {
  using server = socket.createServer([await socket.gethostbyname(host), port]);
  server.setblocking(false);
  console.log(`listening on ${addressText(server.getsockname())}`);
  using selector: Selector = new selectors.DefaultSelector<Client | null>();
  selector.register(server, EVENT_READ);
  while (true) {
    for (const [{ fileobj, data }, events] of await selector.select()) {
      if (data === null) await welcome(selector, fileobj, clients);
      else await serve(selector, fileobj, data, events);
    }
  }
}

async function welcome(selector: Selector, server: socket.Socket, most: number): Promise<void> {
  const [conn, address] = await server.accept();
  if ((selector.getMap()?.size ?? 0) > most) {
    console.log(`no room for ${addressText(address)}`);
    conn.close();
    return;
  }
  conn.setblocking(false);
  selector.register(conn, EVENT_READ, { name: addressText(address), unsent: Buffer.alloc(0), hasEnded: false });
}

/** Receives and sends what it can. The errors of a client concern no other. */
async function serve(selector: Selector, conn: socket.Socket, client: Client, events: number): Promise<void> {
  try {
    if ((events & EVENT_READ) !== 0 && wants(client) !== EVENT_WRITE) await receive(conn, client);
    if (client.unsent.length > 0) client.unsent = client.unsent.subarray(await send(conn, client.unsent));
    const wanted = wants(client);
    if (wanted !== 0) selector.modify(conn, wanted, client);
    else leave(selector, conn);
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    console.log(`lost ${client.name}: ${error.message}`);
    leave(selector, conn);
  }
}

/** The events that the loop waits for: none once all was sent back to a client that has ended. */
function wants({ unsent, hasEnded }: Client): number {
  const isFull = unsent.length >= MOST_UNSENT;
  return (isFull || hasEnded ? 0 : EVENT_READ) | (unsent.length > 0 ? EVENT_WRITE : 0);
}

async function receive(conn: socket.Socket, client: Client): Promise<void> {
  const data = await conn.recv(MOST_UNSENT);
  client.hasEnded = data.length === 0;
  client.unsent = Buffer.concat([client.unsent, data]);
}

/** How many bytes could be sent at once. */
async function send(conn: socket.Socket, data: Buffer): Promise<number> {
  try {
    return await conn.send(data);
  } catch (error) {
    if (error instanceof socket.BlockingIOError) return 0;
    throw error;
  }
}

function leave(selector: Selector, conn: socket.Socket): void {
  selector.unregister(conn);
  conn.close();
}

const program = command('selector-echo', 'An echo server as one loop over a selector.')
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4009)
  .option('--clients <number>', 'how many clients may be connected at once', integerFrom(1, 10_000), 1000)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
