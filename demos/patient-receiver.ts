import * as socket from '../lib/index.ts';
import { command, integerFrom, run } from './support/command.ts';
import { Output } from './support/file.ts';
import { addressText, count } from './support/text.ts';

/** The patient receiver: receives all that is sent, answers with the number of bytes, and waits for the next sender. */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly once?: true;
  readonly out?: string;
}

async function main({ host, port, once, out }: Options): Promise<void> {
  await Output.check(out);
  const ss = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  ss.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  ss.bind([await socket.gethostbyname(host), port]);
  ss.listen(1);
  console.log(`listening on ${addressText(ss.getsockname())}`);
  while (true) {
    const [conn, addr] = await ss.accept();
    const complete = await receive(conn, addressText(addr), new Output(out));
    if (once && complete) break;
  }
  ss.close();
}

/** Serves one sender; whether all of it came. */
async function receive(conn: socket.Socket, sender: string, output: Output): Promise<boolean> {
  let received = 0;
  try {
    let block = await conn.recv(1024);
    while (block.length > 0) {
      received += block.length;
      await output.write(block);
      block = await conn.recv(1024);
    }
    // -- end of data
    await output.close();
    await conn.send(String(received));
    console.log(`received ${count(received, 'byte', 'bytes')} from ${sender}`);
    return true;
  } catch (error) {
    // Only the sender's troubles are socket errors: a file that cannot be written ends the program.
    if (!(error instanceof socket.OSError)) throw error;
    await output.close();
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
  .option('--host <host>', 'the address to listen on; all of this machine if it is left out', '')
  .option('--port <port>', 'the port to listen on; 0 for a free one', integerFrom(0, 65535), 4000)
  .option('--once', 'stop after the first sender that has sent all')
  .option('--out <file>', 'the file to write; each sender starts it anew')
  .parse();
run(program.name(), () => main(program.opts<Options>()));
