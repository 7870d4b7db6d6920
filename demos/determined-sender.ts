import { setTimeout as sleep } from 'node:timers/promises';
import * as socket from '../lib/index.ts';
import { allOrReset } from './support/all-or-reset.ts';
import { command, integerFrom, run, seconds, timeLimit } from './support/command.ts';
import { blocksOf, sizeOf } from './support/file.ts';
import { printable } from './support/printable.ts';
import { Progress } from './support/progress.ts';
import { count } from './support/text.ts';

/**
 * The determined sender: sends a file, again and again until the receiver has counted as many bytes as were sent.
 *
 *     npx ts-node demos/patient-receiver.ts --out copy     # in one terminal
 *     npx ts-node demos/determined-sender.ts FILE          # in another
 */

interface Options {
  readonly host: string;
  readonly port: number;
  readonly tries: number;
  readonly pause: number;
  readonly timeout: number;
}

/** The pause before the next try doubles each time, up to so many seconds. */
const LONGEST_PAUSE = 5;
const LONGEST_ANSWER = 30;

async function main(path: string, options: Options): Promise<void> {
  const { tries, pause } = options;
  for (let attempt = 1; ; attempt += 1) {
    const failure = await trySend(path, options);
    if (failure === undefined) return;
    if (attempt === tries) throw new Error(`gave up after ${count(tries, 'try', 'tries')}: ${failure}`);
    const wait = Math.min(pause * 2 ** (attempt - 1), LONGEST_PAUSE);
    console.log(`try ${attempt} failed: ${failure}; again in ${wait} s`);
    await sleep(wait * 1000);
  }
}

/** Sends the file once. The result says what failed, if another try may succeed. */
async function trySend(path: string, options: Options): Promise<string | undefined> {
  const size = await sizeOf(path);
  const progress = new Progress(size);
  try {
    const [sent, answer] = await send(path, options, size, progress);
    if (answer.trim() !== String(sent))
      return `not all data sent: ${sent} bytes, and the answer is '${printable(answer)}'`;
    progress.stop();
    console.log(`sent ${count(sent, 'byte', 'bytes')} to ${options.host}:${options.port}`);
    return undefined;
  } catch (error) {
    const isTemporary = !(error instanceof socket.gaierror) || error.errno === socket.EAI_AGAIN;
    if (error instanceof socket.OSError && isTemporary) return error.message;
    throw error;
  } finally {
    progress.stop();
  }
}

async function send(path: string, options: Options, size: number, progress: Progress): Promise<[number, string]> {
  const { host, port, timeout } = options;
  using sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  sock.settimeout(timeout);
  await sock.connect([host, port]);
  // The end of the connection is the end of the file, so a sender that gives up must not simply close.
  return await allOrReset(sock, async () => {
    let sent = 0;
    for await (const block of blocksOf(path, 1024)) {
      sent += await sock.send(block);
      progress.update(sent);
    }
    if (sent < size) throw new Error(`${path} has become shorter: ${sent} of ${count(size, 'byte', 'bytes')} read`);
    sock.shutdown(1);
    return [sent, await answerFrom(sock)];
  });
}

/** The receiver's answer, which may come in several pieces, up to its close(). */
async function answerFrom(sock: socket.Socket): Promise<string> {
  let answer = '';
  while (answer.length < LONGEST_ANSWER) {
    const piece = await sock.recv(LONGEST_ANSWER - answer.length);
    if (piece.length === 0) break;
    answer += piece.toString('latin1');
  }
  return answer;
}

const program = command('determined-sender', 'Sends a file to a patient receiver until all of it has arrived.')
  .argument('<file>', 'the file to send')
  .option('--host <host>', 'where the receiver is', 'localhost')
  .option('--port <port>', "the receiver's port", integerFrom(1, 65535), 4000)
  .option('--tries <number>', 'how often to try', integerFrom(1, 1000), 10)
  .option(
    '--pause <seconds>',
    'how long to wait before the second try; each later wait is twice as long, up to 5 s',
    seconds,
    0.1,
  )
  .option('--timeout <seconds>', 'how long the receiver may stand still', timeLimit, 60)
  .parse();
const [file = ''] = program.args;
run(program.name(), () => main(file, program.opts<Options>()));
