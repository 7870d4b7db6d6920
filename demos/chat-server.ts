import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { deadlineIn } from './support/deadline.ts';
import { Outbox } from './support/outbox.ts';
import { printable } from './support/printable.ts';
import { addressText } from './support/text.ts';

/**
 * A chat: everyone hears what each one says. The first line that a client sends is its name; it says each line after
 * that.
 *
 *     npx ts-node demos/chat-server.ts
 *     npx ts-node demos/chat-client.ts Ada
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  readonly timeout: number;
}

// No client may take the memory of all: these limits, times the clients, are what the server holds at most.
/** The longest line, in characters. */
const LONGEST_LINE = 1000;
/**
 * The most bytes that wait for a client that does not read. A client that needs more is disconnected. A hundred clients who
 * come at once are half of that, as each one's coming is told with all names.
 */
const MOST_UNREAD = 256 * 1024;

/** A name: letters, digits and a few other characters, so that no name looks like the server's own messages. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'-]{0,29}$/u;

/** The members of the chat, by name. */
const members = new Map<string, Member>();

async function main({ host, port, clients: most, timeout }: Options): Promise<void> {
  const server = socket.createServer([await socket.gethostbyname(host), port]);
  console.log(`listening on ${addressText(server.getsockname())}`);
  let clients = 0;
  while (true) {
    const [conn, address] = await server.accept();
    if (clients === most) {
      void refuse(conn, '* the chat is full\n');
      continue;
    }
    clients += 1;
    // Not awaited: the next client need not wait until this one leaves.
    void serve(conn, addressText(address), timeout).finally(() => (clients -= 1));
  }
}

async function refuse(conn: socket.Socket, text: string): Promise<void> {
  await conn.sendall(text).catch(() => undefined);
  conn.close();
}

/** Serves one client. Its errors concern no other client. */
async function serve(conn: socket.Socket, client: string, timeout: number): Promise<void> {
  const member = new Member(conn);
  try {
    const name = (await member.nextLine({ signal: deadlineIn(timeout) }))?.normalize();
    if (name === undefined) return;
    if (!NAME.test(name)) await conn.sendall('* a name has 1 to 30 letters and digits\n');
    else if (members.has(name)) await conn.sendall(`* the name '${name}' is taken\n`);
    else await takePart(member, name, client);
  } catch (error) {
    console.log(`lost ${client}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await member.leave();
  }
}

async function takePart(member: Member, name: string, client: string): Promise<void> {
  members.set(name, member);
  try {
    console.log(`${name} is ${client}`);
    tellAll(`* ${name} has come: ${[...members.keys()].join(', ')}`);
    for (let said = await member.nextLine(); said !== undefined; said = await member.nextLine()) {
      tellAll(`${name}: ${said}`);
    }
  } finally {
    members.delete(name);
    tellAll(`* ${name} has left`);
  }
}

function tellAll(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (const member of members.values()) member.tell(bytes);
}

class Member {
  readonly #conn: socket.Socket;
  readonly #lines: socket.TextFile;
  readonly #outbox: Outbox;
  #hasLeft = false;

  constructor(conn: socket.Socket) {
    this.#conn = conn;
    this.#lines = conn.makefile('r', { errors: 'replace' });
    this.#outbox = new Outbox(conn, MOST_UNREAD);
  }

  /** The client's next line; `undefined` if the client has ended. */
  async nextLine(options: socket.WaitOptions = {}): Promise<string | undefined> {
    const line = await this.#lines.readline(LONGEST_LINE, options);
    if (line === '') {
      // A reset is reported once: if a send has reported it, the input simply ends.
      if (this.#outbox.failure !== undefined) throw this.#outbox.failure;
      return undefined;
    }
    if (!line.endsWith('\n') && line.length >= LONGEST_LINE) {
      throw new Error(`a line of over ${LONGEST_LINE} characters`);
    }
    return printable(line.trim());
  }

  /** Sends a line after those that still wait. It does not wait itself: a slow client does not delay the others. */
  tell(line: Buffer): void {
    if (this.#hasLeft || this.#outbox.put(line)) return;
    // The kernel would keep unsent bytes until the client reads them; a reset drops them.
    this.#conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Int32Array.of(1, 0));
    void this.leave();
  }

  /** Hangs up. A socket stays open as long as a file of it is open. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    await this.#lines.close();
    this.#conn.close();
  }
}

const program = command('chat-server', 'A chat: everyone hears what each one says.')
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4001)
  .option('--clients <number>', 'how many clients may be connected at once', integerFrom(1, 1000), 100)
  .option('--timeout <seconds>', 'how long a client may take to say its name', timeLimit, 10)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
