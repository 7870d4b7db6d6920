import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { printable } from './support/printable.ts';
import { addressText } from './support/text.ts';

/**
 * A chat: what one says, all hear. The first line that a client sends is its name, each line after that is said.
 *
 *     npx ts-node demos/chat-server.ts
 *     npx ts-node demos/chat-client.ts Ada
 */

interface Options {
  readonly host: string;
  readonly port: number;
}

/** Nobody's line may fill the memory of all. */
const LONGEST_LINE = 1000;
/** Who does not read has to go once so many lines wait for it. */
const MOST_UNREAD = 1000;

/** Who is in, by name. */
const members = new Map<string, Member>();

async function main({ host, port }: Options): Promise<void> {
  const server = socket.createServer([await socket.gethostbyname(host), port]);
  console.log(`listening on ${addressText(server.getsockname())}`);
  while (true) {
    const [conn, address] = await server.accept();
    // Not awaited: the next one need not wait until this one leaves.
    void serve(conn, addressText(address));
  }
}

/** Serves one client; whatever goes wrong is only this client's trouble. */
async function serve(conn: socket.Socket, client: string): Promise<void> {
  const lines = conn.makefile('r', { errors: 'replace' });
  const member = new Member(conn, lines);
  try {
    const name = await nextLine(lines);
    if (name === undefined) return;
    if (name === '' || members.has(name)) {
      await conn.sendall(`* the name '${name}' ${name === '' ? 'is none' : 'is taken'}\n`);
      return;
    }
    members.set(name, member);
    try {
      console.log(`${name} is ${client}`);
      tellAll(`* ${name} has come: ${[...members.keys()].join(', ')}`);
      for (let said = await nextLine(lines); said !== undefined; said = await nextLine(lines)) {
        tellAll(`${name}: ${said}`);
      }
    } finally {
      members.delete(name);
      tellAll(`* ${name} has left`);
    }
  } catch (error) {
    console.log(`lost ${client}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await member.leave();
  }
}

/** A client's next line; nothing if the client has ended. */
async function nextLine(lines: socket.TextFile): Promise<string | undefined> {
  const line = await lines.readline(LONGEST_LINE);
  if (line === '') return undefined;
  if (!line.endsWith('\n') && line.length >= LONGEST_LINE) throw new Error(`a line of over ${LONGEST_LINE} characters`);
  return printable(line.trim());
}

function tellAll(line: string): void {
  for (const member of members.values()) member.tell(line);
}

class Member {
  readonly #conn: socket.Socket;
  readonly #lines: socket.TextFile;
  #unread = 0;

  constructor(conn: socket.Socket, lines: socket.TextFile) {
    this.#conn = conn;
    this.#lines = lines;
  }

  /** Sends a line, behind those that are still on their way, and waits for none: one who is slow delays nobody else. */
  tell(line: string): void {
    if (this.#unread === MOST_UNREAD) {
      void this.leave();
      return;
    }
    this.#unread += 1;
    // That it could not be sent is seen where the client's own lines are read.
    this.#conn.sendall(`${line}\n`).then(
      () => (this.#unread -= 1),
      () => undefined,
    );
  }

  /** Hangs up. A socket stays open as long as a file of it is. */
  async leave(): Promise<void> {
    await this.#lines.close();
    this.#conn.close();
  }
}

const program = command('chat-server', 'A chat: what one says, all hear.')
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4001)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
