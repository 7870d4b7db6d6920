import { chmodSync } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { count } from './support/text.ts';

/**
 * The command server: answers commands, one a line, at a Unix socket. Its address is a path, so only programs of this
 * machine can connect to it, and here only those of the same user.
 *
 *     npx ts-node demos/command-server.ts /tmp/commands     # in one terminal
 *     npx ts-node demos/command-client.ts /tmp/commands     # in another; then type: help
 */

/** The longest line that is read, in characters, with its newline. */
const LONGEST_LINE = 1024;

const started = performance.now();

/** The commands, and what answers each. */
const commands: ReadonlyMap<string, (text: string) => string> = new Map<string, (text: string) => string>([
  ['help', () => `commands: ${[...commands.keys()].join(', ')}`],
  ['time', () => new Date().toISOString()],
  ['uptime', () => count(Math.floor((performance.now() - started) / 1000), 'second', 'seconds')],
  ['echo', (text) => text],
  ['quit', () => 'bye'],
]);

let bound: string | undefined;

async function main(path: string, most: number): Promise<void> {
  await clear(path);
  using server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  server.bind(path);
  bound = path;
  try {
    // No program can connect before listen(), so other users never can.
    chmodSync(path, 0o600);
    server.listen();
    console.log(`listening on ${path}`);
    let clients = 0;
    while (true) {
      const [conn] = await server.accept();
      if (clients === most) {
        void refuse(conn);
        continue;
      }
      clients += 1;
      // Not awaited: the next client need not wait until this one is done.
      void serve(conn).finally(() => (clients -= 1));
    }
  } finally {
    await unlink();
  }
}

/** Removes the path, also if a signal ends the process. */
async function unlink(): Promise<void> {
  if (bound !== undefined) await rm(bound, { force: true });
}

/** Removes the path of a server that was killed: unlike a port, a path outlives its process. */
async function clear(path: string): Promise<void> {
  using probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM);
  try {
    await probe.connect(path);
  } catch (error) {
    if (error instanceof socket.FileNotFoundError) return;
    // Refused: the server has ended, or the path is an ordinary file.
    if (!(error instanceof socket.ConnectionRefusedError)) throw error;
    if (!(await lstat(path)).isSocket()) throw new Error(`${path} exists, and is not a socket`, { cause: error });
    await rm(path);
    return;
  }
  throw new Error(`another server is using ${path}`);
}

async function refuse(conn: socket.Socket): Promise<void> {
  await conn.sendall('error: too many clients\n').catch(() => undefined);
  conn.close();
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
    // A client that dies, or that speaks another protocol, ends its own connection only.
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
  .option('--clients <number>', 'how many clients may be connected at once', integerFrom(1, 1000), 100)
  .parse();
const [path = ''] = program.args;
run(program.name(), () => main(path, program.opts<{ clients: number }>().clients), unlink);
