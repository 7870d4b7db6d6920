import { setTimeout as sleep } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { command, integerFrom, run, seconds } from './support/command.ts';
import { blocksOf, sizeOf } from './support/file.ts';
import { Progress } from './support/progress.ts';
import { count } from './support/text.ts';

/** The determined sender: sends a file, again and again until the receiver has counted as many bytes as were sent. */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly tries: number;
  readonly pause: number;
}

/** The pause before the next try doubles each time, up to so many seconds. */
const LONGEST_PAUSE = 5;

async function main(path: string, { host, port, tries, pause }: Options): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await trySend(path, host, port);
    if (failure === undefined) return;
    if (attempt === tries) throw new Error(`gave up after ${count(tries, 'try', 'tries')}: ${failure}`);
    const wait = Math.min(pause * 2 ** (attempt - 1), LONGEST_PAUSE);
    console.log(`try ${attempt} failed: ${failure}; again in ${wait} s`);
    await sleep(wait * 1000);
  }
}

/** Sends the file once; what went wrong, if anything did that may be better next time. */
async function trySend(path: string, host: string, port: number): Promise<string | undefined> {
  const progress = new Progress(await sizeOf(path));
  try {
    const [sent, answer] = await send(path, host, port, progress);
    if (answer.trim() !== String(sent)) return `not all data sent: ${sent} bytes, and the answer is '${answer}'`;
    progress.stop();
    console.log(`sent ${count(sent, 'byte', 'bytes')} to ${host}:${port}`);
    return undefined;
  } catch (error) {
    const isTemporary = !(error instanceof socket.gaierror) || error.errno === socket.EAI_AGAIN;
    if (error instanceof socket.OSError && isTemporary) return error.message;
    throw error;
  } finally {
    progress.stop();
  }
}

async function send(path: string, host: string, port: number, progress: Progress): Promise<[number, string]> {
  const sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  try {
    await sock.connect([host, port]);
    let sent = 0;
    for await (const block of blocksOf(path, 1024)) {
      sent += await sock.send(block);
      progress.update(sent);
    }
    sock.shutdown(1);
    // All of the answer, although it may come in pieces: up to the receiver's close().
    const received = await sock.recv(30, socket.MSG_WAITALL);
    return [sent, received.toString()];
  } finally {
    sock.close();
  }
}

const program = command('determined-sender', 'Sends a file to a patient receiver until all of it has arrived.')
  .argument('<file>', 'the file to send')
  .option('--host <host>', 'where the receiver is', 'localhost')
  .option('--port <port>', "the receiver's port", integerFrom(1, 65535), 4000)
  .option('--tries <number>', 'how often to try', integerFrom(1, 1000), 10)
  .option(
    '--pause <seconds>',
    'how long to wait before the second try; each further wait is twice as long',
    seconds,
    0.1,
  )
  .parse();
const [file = ''] = program.args;
run(program.name(), () => main(file, program.opts<Options>()));
