import * as socket from '../lib/index.ts';
import * as ssl from '../lib/ssl/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { Dialogue } from './support/dialogue.ts';
import { localTLS } from './support/local-tls.ts';
import { Mailbox } from './support/mailbox.ts';
import { printable } from './support/printable.ts';
import { addressText } from './support/text.ts';

/**
 * Mail by SMTP that begins in plain text and goes on in TLS: the client asks for it by STARTTLS (RFC 3207), and each side
 * wraps the socket that it has.
 *
 *     npx ts-node demos/starttls-mail.ts hello               # a server and a client, in one process
 *     npx ts-node demos/starttls-mail.ts --port 2525         # only the server, which says what to trust
 *     npx ts-node demos/starttls-mail.ts hello --port 2525 --cafile /tmp/await-socket-demo-…/ca.pem
 */

interface Options {
  readonly port: number;
  readonly cafile?: string;
  readonly clients: number;
  readonly timeout: number;
}

async function main(words: readonly string[], { port, cafile, clients, timeout }: Options): Promise<void> {
  const text = words.join(' ');
  if (cafile !== undefined) {
    await send(text, ['localhost', port], cafile, timeout);
    return;
  }
  const tls = await localTLS('STARTTLS mail');
  using server = socket.createServer(['127.0.0.1', port]);
  console.log(`listening on ${addressText(server.getsockname())}`);
  const serving = serveAll(server, tls.context, clients, timeout);
  if (words.length === 0) {
    console.log(`trust ${tls.cafile}`);
    await serving;
  } else await Promise.race([serving, send(text, ['localhost', server.getsockname()[1]], tls.cafile, timeout)]);
}

// The client.

async function send(text: string, address: [string, number], cafile: string, timeout: number): Promise<void> {
  const context = ssl.createDefaultContext({ cafile });
  using plain = await socket.createConnection(address, { timeout });
  await using before = new Dialogue(plain);
  await answer(before, '220');
  const offers = await ask(before, 'EHLO localhost', '250');
  // Who can change what is sent could take the offer out, so no mail goes without TLS.
  if (!offers.includes('STARTTLS')) throw new Error('the server has no STARTTLS');
  await ask(before, 'STARTTLS', '220');

  using sock = await context.wrapSocket(plain, { serverHostname: address[0] });
  console.log(`-- ${sock.version() ?? ''}`);
  await using dialogue = new Dialogue(sock);
  // All that was said before may have been changed on the way: it counts for nothing.
  await ask(dialogue, 'EHLO localhost', '250');
  await ask(dialogue, 'MAIL FROM:<alice@localhost>', '250');
  await ask(dialogue, 'RCPT TO:<bob@localhost>', '250');
  await ask(dialogue, 'DATA', '354');
  // A dot at the beginning of a line is doubled, as one alone is the end.
  await ask(dialogue, [...text.split(/\r?\n/).map((line) => line.replace(/^\./, '..')), '.'], '250');
  await ask(dialogue, 'QUIT', '221');
}

/** Says something, and waits for the answer. */
async function ask(dialogue: Dialogue, command: string | readonly string[], status: string): Promise<string[]> {
  const lines = [command].flat();
  for (const line of lines) console.log(`C: ${line}`);
  await dialogue.say(...lines);
  return await answer(dialogue, status);
}

/** The most lines of an answer. */
const MOST_LINES = 100;

/** Receives an answer. A hyphen after the status means that another line follows. */
async function answer(dialogue: Dialogue, status: string): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const line = await dialogue.hear();
    console.log(`S: ${printable(line)}`);
    if (!line.startsWith(status)) throw new Error(`the server says ${printable(line)}`);
    if (texts.push(line.slice(4)) > MOST_LINES) throw new Error(`an answer of over ${MOST_LINES} lines`);
    if (line[3] !== '-') return texts;
  }
}

// The server.

async function serveAll(server: socket.Socket, context: ssl.SSLContext, most: number, timeout: number): Promise<never> {
  let clients = 0;
  while (true) {
    const [conn, address] = await server.accept();
    if (clients === most) {
      conn.close();
      continue;
    }
    clients += 1;
    conn.settimeout(timeout);
    // Not awaited: the next client need not wait until this one is done.
    void serve(conn, addressText(address), context).finally(() => (clients -= 1));
  }
}

/** Serves one client. Its errors concern no other client. */
async function serve(plain: socket.Socket, client: string, context: ssl.SSLContext): Promise<void> {
  let sock = plain;
  try {
    await sock.sendall('220 localhost ESMTP\r\n');
    while ((await converse(sock)) === 'STARTTLS') sock = await context.wrapSocket(sock, { serverSide: true });
  } catch (error) {
    console.log(`lost ${client}: ${printable(error instanceof Error ? error.message : String(error))}`);
  } finally {
    sock.close();
  }
}

/** Answers commands, up to one that ends the dialogue. What was said before STARTTLS is forgotten after it. */
async function converse(sock: socket.Socket): Promise<'STARTTLS' | 'QUIT'> {
  const isSecure = sock instanceof ssl.SSLSocket;
  await using dialogue = new Dialogue(sock);
  const mailbox = new Mailbox(dialogue);
  while (true) {
    const line = await dialogue.hear();
    const [verb] = /^\w*/.exec(line.toUpperCase()) ?? [];
    if (verb === 'QUIT') {
      await dialogue.say('221 bye');
      return verb;
    }
    if (verb === 'STARTTLS' && !isSecure) {
      await dialogue.say('220 go ahead');
      return verb;
    }
    if (verb === 'EHLO') await dialogue.say(...(isSecure ? ['250 localhost'] : ['250-localhost', '250 STARTTLS']));
    else if (isSecure) await mailbox.take(line);
    else await dialogue.say('530 STARTTLS first');
  }
}

const program = command('starttls-mail', 'Sends a mail over TLS that begins in plain text.')
  .argument('[words...]', 'the mail; without any, there is only the server')
  .option('--cafile <file>', 'whom the client trusts, in PEM; then there is only the client')
  .option('--port <port>', "the server's port; 0 for a free one", integerFrom(0, 65535), 0)
  .option('--clients <number>', 'how many clients may be connected at once', integerFrom(1, 1000), 100)
  .option('--timeout <seconds>', 'how long each side waits for the other', timeLimit, 60)
  .parse();
run(program.name(), () => main(program.args, program.opts<Options>()));
