import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { count } from './support/text.ts';

/**
 * The UDP echo client: sends each word as a datagram, and waits for its echo. A datagram may get lost on the way there
 * or back, and nobody tells: so there is a time limit, and the word is sent again when it is over.
 *
 *     npx ts-node demos/udp-echo-server.ts                 # in one terminal
 *     npx ts-node demos/udp-echo-client.ts hello world     # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly tries: number;
  readonly timeout: number;
}

/** No datagram is longer. */
const LONGEST = 65535;

async function main(words: readonly string[], { host, port, tries, timeout }: Options): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.settimeout(timeout);
  // Nothing is sent by this. But from now on only the server's datagrams come in, and we are told if it is not there.
  await sock.connect([host, port]);
  try {
    for (const word of words) {
      const start = performance.now();
      await ask(sock, Buffer.from(word), tries);
      console.log(`${word}: echo after ${(performance.now() - start).toFixed(1)} ms`);
    }
  } catch (error) {
    if (!(error instanceof socket.ConnectionRefusedError)) throw error;
    throw new Error(`nobody is at ${host}:${port}: ${error.message}`, { cause: error });
  }
}

/** Sends a message until its echo comes. */
async function ask(sock: socket.Socket, message: Buffer, tries: number): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    await sock.send(message);
    if (await isEchoed(sock, message)) return;
    console.log(`no echo of try ${attempt}`);
  }
  throw new Error(`gave up after ${count(tries, 'try', 'tries')}`);
}

/** Whether the echo comes in time. Anything else that comes is the late echo of a message before. */
async function isEchoed(sock: socket.Socket, message: Buffer): Promise<boolean> {
  try {
    let data = await sock.recv(LONGEST);
    while (!data.equals(message)) data = await sock.recv(LONGEST);
    return true;
  } catch (error) {
    if (error instanceof socket.TimeoutError) return false;
    throw error;
  }
}

const program = command('udp-echo-client', 'Sends words to a UDP echo server, and waits for each to come back.')
  .argument('<words...>', 'the words, each of which is a datagram')
  .option('--host <host>', 'where the server is', '127.0.0.1')
  .option('--port <port>', "the server's port", integerFrom(1, 65535), 4007)
  .option('--tries <number>', 'how often to send a word', integerFrom(1, 1000), 3)
  .option('--timeout <seconds>', 'how long to wait for each echo', timeLimit, 1)
  .parse();
run(program.name(), () => main(program.args, program.opts<Options>()));
