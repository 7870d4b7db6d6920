import { chmodSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import * as socket from '../lib/index.ts';
import { command, run } from './support/command.ts';
import { count } from './support/text.ts';

/**
 * The command server: answers commands, each a line, at a Unix socket, which has a path for
 * an address: only programs of this machine can connect to it, and here only those of the same user.
 *
 *     npx ts-node demos/command-server.ts /tmp/commands     # in one terminal
 *     npx ts-node demos/command-client.ts /tmp/commands     # in another; then type: help
 */

/** The longest line that is read, in characters, with its newline. */
const LONGEST_LINE = 1024;

const started = performance.now();

/** What can be asked, and how it is answered. */
const commands: ReadonlyMap<string, (text: string) => string> = new Map<string, (text: string) => string>([
  ['help', () => `commands: ${[...commands.keys()].join(', ')}`],
  ['time', () => new Date().toISOString()],
  ['uptime', () => count(Math.floor((performance.now() - started) / 1000), 'second', 'seconds')],
  ['echo', (text) => text],
  ['quit', () => 'bye'],
]);

let bound: string | undefined;

async function main(path: string): Promise<void> {
  await clear(path);
  using server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  server.bind(path);
  bound = path;
  try {
    // Nobody can connect before listen(), so nobody gets in before the path is closed to others.
    chmodSync(path, 0o600);
    server.listen();
    console.log(`listening on ${path}`);
    while (true) {
      const [conn] = await server.accept();
      // Not awaited: the next client need not wait until this one is done.
      void serve(conn);
    }
  } finally {
    await unlink();
  }
}

/** Leaves no path behind, also if a signal ends the process. */
async function unlink(): Promise<void> {
  if (bound !== undefined) await rm(bound, { force: true });
}

/** Removes what a server that was killed has left behind: a port is free when its process has ended, a path is not. */
async function clear(path: string): Promise<void> {
  using probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  try {
    await probe.connect(path);
  } catch (error) {
    if (error instanceof socket.FileNotFoundError) return;
    // Refused: nobody listens there any more. But it may be an ordinary file as well.
    if (!(error instanceof socket.ConnectionRefusedError)) throw error;
    if (!(await lstat(path)).isSocket())
      throw new Error(`${path} is there already, and is no socket`, { cause: error });
    await rm(path);
    return;
  }
  throw new Error(`another server is using ${path}`);
}

async function serve(conn: socket.Socket): Promise<void> {
  try {
    await using lines = conn.makefile('r', { errors: 'replace' });
    for (let line = await lines.readline(LONGEST_LINE); line !== ''; line = await lines.readline(LONGEST_LINE)) {
      if (!line.endsWith('\n')) throw new Error('a line without an end, or one that is too long');
      const [name = '', ...words] = line.trim().split(' ');
      await conn.sendall(`${answer(name, words.join(' '))}\n`);
      if (name === 'quit') break;
    }
  } catch (error) {
    // A client that dies or is no client of ours ends nothing but its own connection.
    console.log(`lost a client: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    conn.close();
  }
}

function answer(name: string, text: string): string {
  return commands.get(name)?.(text) ?? `error: no command '${name}'; help lists all`;
}

const program = command('command-server', 'Answers commands at a Unix socket.')
  .argument('<path>', 'where the socket is made')
  .parse();
const [path = ''] = program.args;
run(program.name(), () => main(path), unlink);
