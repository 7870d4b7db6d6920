import { isIPv4 } from 'node:net';
import { createInterface } from 'node:readline';
import { InvalidArgumentError } from 'commander';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { printable } from './support/printable.ts';

/**
 * The multicast chat: a chat without a server. Each member sends to a group's address, and the network delivers to all
 * members of the group. Here the network is the loopback interface: the members are on one machine.
 *
 *     npx ts-node demos/multicast-chat.ts --name Ann     # in one terminal
 *     npx ts-node demos/multicast-chat.ts --name Ben     # in another, and so on; Ctrl-D leaves
 */

interface Options {
  readonly name: string;
  readonly group: string;
  readonly port: number;
  readonly interface: string;
}

/** No datagram is longer. */
const LONGEST = 65535;

/** Says goodbye, also if Ctrl-C ends the program. */
let leave = async (): Promise<void> => undefined;

/** The ear receives what is sent to the group. */
function openEar({ group, port, interface: address }: Options): socket.Socket {
  const ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  // All members on one machine have the same port.
  ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  // Bound to the group, and not to '': datagrams to this machine alone do not belong in the chat.
  ear.bind([group, port]);
  // C's struct ip_mreq: the group that is joined, and on which interface.
  const request = Buffer.concat([socket.inetAton(group), socket.inetAton(address)]);
  ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request);
  return ear;
}

/** The mouth has an address of its own, by which a member recognizes its own datagrams. */
function openMouth({ interface: address }: Options): socket.Socket {
  const mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  mouth.bind([address, 0]);
  mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inetAton(address));
  // Datagrams also go to this machine, where the other members are. That is the default, and always so on loopback.
  mouth.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1);
  return mouth;
}

async function main(options: Options): Promise<void> {
  const { name, group } = options;
  using ear = openEar(options);
  using mouth = openMouth(options);
  const [, port] = ear.getsockname();
  const say = async (text: string): Promise<void> => {
    await mouth.sendto(text, [group, Number(port)]);
  };
  leave = async () => await say(`* ${name} has left`);

  console.log(`listening on ${group}:${port}`);
  await say(`* ${name} has joined`);
  // hear() ends only when the ear is closed, and its error then is expected.
  await Promise.race([hear(ear, mouth.getsockname()), talk(name, say)]);
  await leave();
}

async function hear(ear: socket.Socket, self: socket.Address): Promise<void> {
  while (true) {
    const [data, sender] = await ear.recvfrom(LONGEST);
    if (String(sender) !== String(self)) console.log(printable(data.toString()));
  }
}

async function talk(name: string, say: (text: string) => Promise<void>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      await say(`${name}: ${line}`);
    } catch (error) {
      // Such as a line that is longer than a datagram.
      if (!(error instanceof socket.OSError)) throw error;
      console.log(`not sent: ${error.message}`);
    }
  }
}

/** Reads the option. */
function groupAddress(text: string): string {
  const first = isIPv4(text) ? Number.parseInt(text) : 0;
  if (first >= 224 && first <= 239) return text;
  throw new InvalidArgumentError('It must be an address from 224.0.0.0 to 239.255.255.255.');
}

const program = command('multicast-chat', 'Talks to all members of a multicast group.')
  .requiredOption('--name <name>', 'your name in the chat')
  .option('--group <address>', "the group's address", groupAddress, '239.255.42.7')
  .option('--port <port>', "the group's port; 0 for a free one", integerFrom(0, 65535), 4239)
  .option('--interface <address>', 'the address of the network interface', '127.0.0.1')
  .parse();
run(
  program.name(),
  () => main(program.opts<Options>()),
  async () => await leave(),
);
