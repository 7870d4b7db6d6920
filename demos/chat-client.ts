import { createInterface } from 'node:readline';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { printable } from './support/printable.ts';

/**
 * Takes part in a chat: says each line that is typed, and prints what everyone says. Ctrl-D leaves.
 *
 *     npx ts-node demos/chat-client.ts Ada
 */

interface Options {
  readonly host: string;
  readonly port: number;
}

/** The longest line that is read at once, in characters; the rest of a longer one is printed as a line of its own. */
const LONGEST_LINE = 5000;

async function main(name: string, { host, port }: Options): Promise<void> {
  using sock = await socket.createConnection([host, port]);
  // With a buffer of one line, each line goes out at its end.
  await using file = sock.makefile('rw', { buffering: 1, errors: 'replace' });
  await file.write(`${name}\n`);
  // The first that fails ends both.
  await Promise.all([say(file, sock), hear(file)]);
}

let hasSaidAll = false;

async function say(file: socket.TextFile, sock: socket.Socket): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) await file.write(`${line}\n`);
  hasSaidAll = true;
  sock.shutdown(socket.SHUT_WR);
}

async function hear(file: socket.TextFile): Promise<void> {
  for (let line = await file.readline(LONGEST_LINE); line !== ''; line = await file.readline(LONGEST_LINE)) {
    console.log(printable(line.trimEnd()));
  }
  if (!hasSaidAll) throw new Error('the server hung up');
}

const program = command('chat-client', 'Takes part in a chat: says what is typed, and prints what everyone says.')
  .argument('<name>', 'your name in the chat')
  .option('--host <host>', 'where the server is', 'localhost')
  .option('--port <port>', "the server's port", integerFrom(1, 65535), 4001)
  .parse();
const [name = ''] = program.args;
run(program.name(), () => main(name, program.opts<Options>()));
