import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { addressText } from './support/text.ts';

/**
 * The UDP time server: whoever sends a datagram, empty or not, is told the time (RFC 868): the seconds since 1900, as
 * four bytes, the highest first.
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

async function main({ host, port }: Options): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind([await socket.gethostbyname(host), port]);
  console.log(`listening on ${addressText(sock.getsockname())}`);
  while (true) {
    // What is in the datagram does not matter, and is lost with a bufsize this small.
    const [, sender] = await sock.recvfrom(1);
    if (sender !== null) await tell(sock, sender);
  }
}

async function tell(sock: socket.Socket, sender: socket.Address): Promise<void> {
  try {
    await sock.sendto(now(), sender);
    console.log(`told ${addressText(sender)}`);
  } catch (error) {
    // One client that cannot be reached must not end the service for all others.
    if (!(error instanceof socket.OSError)) throw error;
    console.log(`no way back to ${addressText(sender)}: ${error.message}`);
  }
}

function now(): Buffer {
  const bytes = Buffer.alloc(4);
  // In 2036 the four bytes are full, and begin again from 0.
  bytes.writeUInt32BE((Math.floor(Date.now() / 1000) + SECONDS_TO_1970) % 2 ** 32);
  return bytes;
}

const program = command('time-server', 'Tells the time to whoever sends a datagram.')
  .option('--host <host>', 'the address to receive at', '127.0.0.1')
  .option('--port <port>', 'the port to receive at; 0 for a free one', integerFrom(0, 65535), 4037)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
