import { createInterface } from 'node:readline';
import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';
import { printable } from './support/printable.ts';

/**
 * The command client: asks a command server one command, or those that are typed, and prints the answers.
 *
 *     npx ts-node demos/command-server.ts /tmp/commands     # in one terminal
 *     npx ts-node demos/command-client.ts /tmp/commands     # in another; then type: help
 *     npx ts-node demos/command-client.ts /tmp/commands echo hello
 */

async function main(path: string, words: readonly string[]): Promise<void> {
  using sock = await connect(path);
  await using lines = sock.makefile('r', { errors: 'replace' });
  if (words.length > 0) {
    const answer = await ask(sock, lines, words.join(' '));
    // So that scripts can tell.
    if (answer.startsWith('error: ')) process.exitCode = 1;
    return;
  }
  const keyboard = createInterface({ input: process.stdin });
  for await (const line of keyboard) {
    const answer = await ask(sock, lines, line);
    if (answer === 'bye') break;
  }
  keyboard.close();
}

async function connect(path: string): Promise<socket.Socket> {
  const sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  try {
    await sock.connect(path);
    return sock;
  } catch (error) {
    // The path is not there; or it is, but the server that made it is not.
    const isNobody = error instanceof socket.FileNotFoundError || error instanceof socket.ConnectionRefusedError;
    throw isNobody ? new Error(`nobody is at ${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** Sends a command, and prints the line that comes back. */
async function ask(sock: socket.Socket, lines: socket.TextFile, text: string): Promise<string> {
  await sock.sendall(`${text}\n`);
  const line = await lines.readline();
  if (!line.endsWith('\n')) throw new Error('the server has hung up');
  const answer = line.slice(0, -1);
  console.log(printable(answer));
  return answer;
}

const program = command('command-client', 'Asks a command server.')
  .argument('<path>', "the path of the server's socket")
  .argument('[command...]', 'the command; those that are typed if it is left out')
  .parse();
const [path = '', ...words] = program.args;
run(program.name(), () => main(path, words));
