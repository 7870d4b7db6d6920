import { createInterface } from 'node:readline';
import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';
import { printable } from './support/printable.ts';

/**
 * The command client: sends one command to a command server, or each one that is typed, and prints the answers.
 *
 *     npx ts-node demos/command-server.ts /tmp/commands     # in one terminal
 *     npx ts-node demos/command-client.ts /tmp/commands     # in another; then type: help
 *     npx ts-node demos/command-client.ts /tmp/commands echo hello
 */

/** The longest answer, in characters. */
const LONGEST_LINE = 65_536;

async function main(path: string, words: readonly string[]): Promise<void> {
  using sock = await connect(path);
  await using lines = sock.makefile('r', { errors: 'replace' });
  if (words.length > 0) {
    const answer = await ask(sock, lines, words.join(' '));
    // For scripts.
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
    // Either the path does not exist, or it does and the server that made it has ended.
    const isAbsent = error instanceof socket.FileNotFoundError || error instanceof socket.ConnectionRefusedError;
    throw isAbsent ? new Error(`no server at ${path}: ${error.message}`, { cause: error }) : error;
  }
}

/** Sends a command, and prints the line that comes back. */
async function ask(sock: socket.Socket, lines: socket.TextFile, text: string): Promise<string> {
  let gone: socket.BrokenPipeError | undefined;
  try {
    await sock.sendall(`${text}\n`);
  } catch (error) {
    // A server that hung up before the question may have sent the reason.
    if (!(error instanceof socket.BrokenPipeError)) throw error;
    gone = error;
  }
  const line = await lines.readline(LONGEST_LINE);
  if (line === '' && gone !== undefined) throw gone;
  if (line.length === LONGEST_LINE) throw new Error(`an answer of over ${LONGEST_LINE} characters`);
  if (!line.endsWith('\n')) throw new Error('the server hung up');
  const answer = line.slice(0, -1);
  console.log(printable(answer));
  return answer;
}

const program = command('command-client', 'Asks a command server.')
  .argument('<path>', "the path of the server's socket")
  .argument('[command...]', 'the command; if it is left out, the client reads commands from the keyboard')
  .parse();
const [path = '', ...words] = program.args;
run(program.name(), () => main(path, words));
