import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { addressText, count } from './support/text.ts';

/**
 * The UDP echo server: sends each datagram back to its sender (RFC 862). There are no connections: one socket serves
 * all clients, and the sender's address comes with each datagram.
 *
 *     npx ts-node demos/udp-echo-server.ts                 # in one terminal
 *     npx ts-node demos/udp-echo-client.ts hello world     # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
}

/** No datagram is longer. Unlike on a connection, the part that a receiver does not ask for is lost. */
const LONGEST = 65535;

async function main({ host, port }: Options): Promise<void> {
  using sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.bind([await socket.gethostbyname(host), port]);
  const [, ownPort] = sock.getsockname();
  console.log(`listening on ${addressText(sock.getsockname())}`);
  while (true) {
    const [data, sender] = await sock.recvfrom(LONGEST);
    // Two echo servers would answer each other for ever. A sender's address can be forged, also as that of this server.
    if (sender !== null && sender[1] !== ownPort) await echo(sock, data, sender);
  }
}

async function echo(sock: socket.Socket, data: Buffer, sender: socket.Address): Promise<void> {
  try {
    await sock.sendto(data, sender);
    console.log(`${count(data.length, 'byte', 'bytes')} back to ${addressText(sender)}`);
  } catch (error) {
    // A client that cannot be reached must not end the service for the others.
    if (!(error instanceof socket.OSError)) throw error;
    console.log(`no way back to ${addressText(sender)}: ${error.message}`);
  }
}

const program = command('udp-echo-server', 'Sends each datagram back to where it came from.')
  .option('--host <host>', 'the address to receive at', '127.0.0.1')
  .option('--port <port>', 'the port to receive at; 0 for a free one', integerFrom(0, 65535), 4007)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
