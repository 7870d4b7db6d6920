import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { deadlineIn } from './support/deadline.ts';
import { count } from './support/text.ts';

/**
 * The UDP echo client: sends each word as a datagram, and waits for its echo. A datagram may get lost on the way there
 * or back without notice. After a time limit, the client sends the word again.
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
  // This sends nothing. But from now on only the server's datagrams come in, and its absence raises an error.
  await sock.connect([host, port]);
  try {
    for (const word of words) {
      const start = performance.now();
      await ask(sock, Buffer.from(word), tries, timeout);
      console.log(`${word}: echo after ${(performance.now() - start).toFixed(1)} ms`);
    }
  } catch (error) {
    if (!(error instanceof socket.ConnectionRefusedError)) throw error;
    throw new Error(`no server at ${host}:${port}: ${error.message}`, { cause: error });
  }
}

/** Sends a message until its echo comes. */
async function ask(sock: socket.Socket, message: Buffer, tries: number, timeout: number): Promise<void> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    await sock.send(message);
    if (await isEchoed(sock, message, deadlineIn(timeout))) return;
    console.log(`no echo of try ${attempt}`);
  }
  throw new Error(`gave up after ${count(tries, 'try', 'tries')}`);
}

/**
 * Whether the echo comes before the deadline. Any other datagram is the late echo of an earlier message. settimeout()
 * would not do: it limits each call, and a server that sends other datagrams again and again would never end the loop.
 */
async function isEchoed(sock: socket.Socket, message: Buffer, deadline: AbortSignal): Promise<boolean> {
  try {
    let data = await sock.recv(LONGEST, 0, { signal: deadline });
    while (!data.equals(message)) data = await sock.recv(LONGEST, 0, { signal: deadline });
    return true;
  } catch (error) {
    if (error === deadline.reason) return false;
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
