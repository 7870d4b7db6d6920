import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { addressText } from './support/text.ts';

/**
 * The UDP time server: answers each datagram, empty or not, with the time (RFC 868): the seconds since 1900, as four
 * bytes in network order.
 *
 *     npx ts-node demos/time-server.ts     # in one terminal
 *     npx ts-node demos/time-client.ts     # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
}

/** From 1900, where RFC 868 begins to count, to 1970, where JavaScript and Unix do. */
const SECONDS_TO_1970 = 2_208_988_800;

/** The bytes of an answer. */
const TIME_SIZE = 4;

async function main({ host, port }: Options): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind([await socket.gethostbyname(host), port]);
  console.log(`listening on ${addressText(sock.getsockname())}`);
  while (true) {
    // The content does not matter, and with a bufsize this small most of it is lost.
    const [question, sender] = await sock.recvfrom(TIME_SIZE + 1);
    // Four bytes may be an answer. Two time servers, or this one and an echo server, would answer each other for ever.
    if (sender !== null && question.length !== TIME_SIZE) await tell(sock, sender);
  }
}

async function tell(sock: socket.Socket, sender: socket.Address): Promise<void> {
  try {
    await sock.sendto(now(), sender);
    console.log(`told ${addressText(sender)}`);
  } catch (error) {
    // A client that cannot be reached must not end the service for the others.
    if (!(error instanceof socket.OSError)) throw error;
    console.log(`no way back to ${addressText(sender)}: ${error.message}`);
  }
}

function now(): Buffer {
  const bytes = Buffer.alloc(TIME_SIZE);
  // In 2036 the four bytes overflow, and begin again at 0.
  bytes.writeUInt32BE((Math.floor(Date.now() / 1000) + SECONDS_TO_1970) % 2 ** 32);
  return bytes;
}

const program = command('time-server', 'Answers each datagram with the time.')
  .option('--host <host>', 'the address to receive at', '127.0.0.1')
  .option('--port <port>', 'the port to receive at; 0 for a free one', integerFrom(0, 65535), 4037)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
