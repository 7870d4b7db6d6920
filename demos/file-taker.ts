import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';

/**
 * Takes an open file from demos/file-giver.ts, and prints it. Needs koffi.
 *
 *     npx ts-node demos/file-taker.ts /tmp/giver
 */
async function main(path: string): Promise<void> {
  using sock = socket.socket(socket.AF_UNIX);
  await sock.connect(path);
  const [name, [fd]] = await socket.recvFds(sock, 4096, 1, socket.MSG_CMSG_CLOEXEC);
  if (fd === undefined) throw new Error('the peer gave no file');
  console.error(`took ${String(name)}`);
  await pipeline(createReadStream('', { fd }), process.stdout);
}

const program = command('file-taker', 'Takes an open file from another program, and prints it.')
  .argument('<path>', 'the path at which the giver listens')
  .parse();
const [path = ''] = program.args;
run(program.name(), () => main(path));
