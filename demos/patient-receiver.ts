import * as socket from '../lib/index.ts';
import { command, integerFrom, run, timeLimit } from './support/command.ts';
import { Output } from './support/file.ts';
import { addressText, count } from './support/text.ts';

/**
 * The patient receiver: receives all that a sender sends, answers with the number of bytes, and waits for the next
 * sender.
 *
 *     npx ts-node demos/patient-receiver.ts --out copy     # in one terminal
 *     npx ts-node demos/determined-sender.ts FILE          # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly once?: true;
  readonly out?: string;
  readonly timeout: number;
}

async function main({ host, port, once, out, timeout }: Options): Promise<void> {
  // A file that cannot be written is reported before anything is received for it.
  if (out !== undefined) await (await Output.open(out)).discard();
  using ss = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  ss.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  ss.bind([await socket.gethostbyname(host), port]);
  ss.listen(1);
  console.log(`listening on ${addressText(ss.getsockname())}`);
  while (true) {
    const [conn, addr] = await ss.accept();
    conn.settimeout(timeout);
    const complete = await receive(conn, addressText(addr), out);
    if (once && complete) break;
  }
}

/** Serves one sender. The result says whether all data came. */
async function receive(conn: socket.Socket, sender: string, out: string | undefined): Promise<boolean> {
  const output = out === undefined ? undefined : await Output.open(out);
  let received = 0;
  try {
    let block = await conn.recv(1024);
    while (block.length > 0) {
      received += block.length;
      await output?.write(block);
      block = await conn.recv(1024);
    }
    // -- end of data
    await output?.complete();
    await conn.send(String(received));
    console.log(`received ${count(received, 'byte', 'bytes')} from ${sender}`);
    return true;
  } catch (error) {
    // A socket error concerns this sender only. A file that cannot be written ends the program.
    if (!(error instanceof socket.OSError)) throw error;
    await output?.discard();
    console.log(`lost ${sender} after ${count(received, 'byte', 'bytes')}: ${error.message}`);
    return false;
  } finally {
    conn.close();
  }
}

const program = command(
  'patient-receiver',
  'Receives what determined senders send, and answers with the number of bytes.',
)
  .option('--host <host>', 'the address to listen on; 0.0.0.0 for all of this machine', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4000)
  .option('--once', 'stop after the first sender that has sent all')
  .option('--out <file>', 'the file to write; each complete transfer replaces it')
  .option('--timeout <seconds>', 'how long a sender may be silent', timeLimit, 60)
  .parse();
run(program.name(), () => main(program.opts<Options>()));
