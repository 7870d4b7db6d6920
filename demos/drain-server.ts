import * as socket from '../lib/index.ts';
import { serve, type Server } from '../lib/serve/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { addressText, count } from './support/text.ts';

/**
 * The draining server: answers lines in capitals, to a limited number of clients at once. When the process is told to end
 * (SIGTERM, Ctrl-C), it takes no new clients, lets the conversations end that have begun, and exits. A second signal
 * breaks them off.
 *
 *     npx ts-node demos/drain-server.ts     # in one terminal
 *     nc localhost 4070                     # in another; type lines, and Ctrl-D; press Ctrl-C in the first one meanwhile
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  readonly rate: number;
  readonly timeout: number;
  readonly proxy: readonly string[];
}

/** The longest line that is read, in characters, with its newline. */
const LONGEST_LINE = 1024;

let server: Server | undefined;
let isDraining = false;

async function main({ host, port, clients, rate, timeout, proxy }: Options): Promise<void> {
  const listener = socket.createServer([await socket.gethostbyname(host), port]);
  server = serve(listener, answer, {
    concurrency: clients,
    rate,
    handlerTimeout: timeout,
    proxyProtocol: { trusted: proxy },
    onError: (error, address) => {
      const text = error instanceof Error ? error.message : String(error);
      console.log(`lost ${address === null ? 'the listener' : addressText(address)}: ${text}`);
    },
  });
  console.log(`listening on ${addressText(server.address)}`);
}

async function answer(conn: socket.Socket, address: socket.Address): Promise<void> {
  console.log(`serves ${addressText(address)}`);
  await using lines = conn.makefile('r', { errors: 'replace' });
  for (let line = await lines.readline(LONGEST_LINE); line !== ''; line = await lines.readline(LONGEST_LINE)) {
    await conn.sendall(line.toUpperCase());
  }
}

/** Ends the server; conversations that are under way may finish, unless the user insists. */
async function drain(): Promise<void> {
  if (server === undefined) return;
  const ending = isDraining ? server.abort() : server.close();
  isDraining = true;
  console.log(`draining: ${count(server.active, 'client is', 'clients are')} being served, ${server.waiting} wait`);
  await ending;
  console.log(`served ${server.accepted}, of which ${server.refused} were refused and ${server.failed} failed`);
}

const program = command('drain-server', 'Answers lines in capitals; lets conversations finish before it exits.')
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4070)
  .option('--clients <number>', 'how many clients are served at once', integerFrom(1, 1000), 100)
  .option('--rate <number>', 'how many clients a second are taken', integerFrom(1, 100_000), 1000)
  .option('--timeout <seconds>', 'how long a conversation may take', timeLimit, 600)
  .option('--proxy <address...>', 'a proxy, or a network, whose PROXY headers are believed', [])
  .parse();
run(program.name(), () => main(program.opts<Options>()), drain);
