import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { count } from './support/text.ts';

/**
 * The UDP time client: sends an empty datagram to a time server, and reads the clock from the answer's four bytes
 * (RFC 868).
 *
 *     npx ts-node demos/time-server.ts     # in one terminal
 *     npx ts-node demos/time-client.ts     # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly tries: number;
  readonly timeout: number;
}

/** From 1900, where RFC 868 begins to count, to 1970, where JavaScript and Unix do. */
const SECONDS_TO_1970 = 2_208_988_800;

async function main({ host, port, tries, timeout }: Options): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.settimeout(timeout);
  await sock.connect([host, port]);
  const time = timeIn(await ask(sock, `${host}:${port}`, tries));
  const ahead = Math.round((time.getTime() - Date.now()) / 1000);
  console.log(`${time.toISOString()}, ${difference(ahead)}`);
}

/** Asks until an answer comes: datagrams get lost, so it asks again when the time limit is over. */
async function ask(sock: socket.Socket, server: string, tries: number): Promise<Buffer> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    try {
      await sock.send('');
      return await sock.recv(1024);
    } catch (error) {
      if (error instanceof socket.ConnectionRefusedError) {
        throw new Error(`no server at ${server}: ${error.message}`, { cause: error });
      }
      if (!(error instanceof socket.TimeoutError)) throw error;
      console.log(`no answer to try ${attempt}`);
    }
  }
  throw new Error(`gave up after ${count(tries, 'try', 'tries')}`);
}

function timeIn(answer: Buffer): Date {
  if (answer.length !== 4)
    throw new Error(`an answer of ${count(answer.length, 'byte', 'bytes')} is not a time of four bytes`);
  const seconds = answer.readUInt32BE() - SECONDS_TO_1970;
  // A time before 1970 is one after 2036, when the four bytes begin again.
  return new Date((seconds < 0 ? seconds + 2 ** 32 : seconds) * 1000);
}

function difference(ahead: number): string {
  // Both clocks go on between the question and the answer.
  if (Math.abs(ahead) <= 1) return 'as here';
  return `${Math.abs(ahead)} seconds ${ahead > 0 ? 'ahead' : 'behind'}`;
}

const program = command('time-client', 'Asks a UDP time server for the time.')
  .option('--host <host>', 'where the server is', '127.0.0.1')
  .option('--port <port>', "the server's port", integerFrom(1, 65535), 4037)
  .option('--tries <number>', 'how often to ask', integerFrom(1, 1000), 3)
  .option('--timeout <seconds>', 'how long to wait for each answer', timeLimit, 1)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
