import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Child } from './support/child.ts';
import { command, run } from './support/command.ts';
import { digestOf, makeFile } from './support/digest.ts';
import { sizeOf } from './support/file.ts';
import { count } from './support/text.ts';

/** `npm start`: runs a patient receiver and a determined sender as two processes, and compares what arrived. */

/** The size of the random file, if no file is given. */
const MEBIBYTES = 64;

const children: Child[] = [];
let folder: string | undefined;

async function main(given: string | undefined): Promise<void> {
  // npm runs scripts in the folder of package.json; INIT_CWD is the folder of the user.
  const original = given === undefined ? undefined : resolve(process.env.INIT_CWD ?? '', given);
  if (original !== undefined) await sizeOf(original);
  folder = await mkdtemp(join(tmpdir(), 'await-socket-'));
  const file = original ?? join(folder, 'sent');
  const copy = join(folder, 'received');
  try {
    if (original === undefined) await makeFile(file, MEBIBYTES);
    await transfer(file, copy);
    await compare(file, copy);
  } finally {
    await cleanUp();
  }
}

async function transfer(file: string, copy: string): Promise<void> {
  const receiver = start('patient-receiver', ['--host', '127.0.0.1', '--port', '0', '--once', '--out', copy], 'pipe');
  const line = await receiver.firstLine();
  const port = line.slice(line.lastIndexOf(':') + 1);
  const sender = start('determined-sender', [file, '--host', '127.0.0.1', '--port', port], 'inherit');
  // The receiver ends after the sender. If either one fails, there is no need to wait for the other.
  await Promise.all([receiver.ended, sender.ended]);
}

async function compare(file: string, copy: string): Promise<void> {
  const [sent, received] = await Promise.all([digestOf(file), digestOf(copy)]);
  const equal = sent.sha256 === received.sha256;
  const counts = `${count(sent.bytes, 'byte', 'bytes')} sent, ${count(received.bytes, 'byte', 'bytes')} received`;
  console.log(`${counts}, SHA-256 ${equal ? 'equal' : 'not equal'}`);
  if (!equal) process.exitCode = 1;
}

function start(demo: string, args: readonly string[], stdout: 'inherit' | 'pipe'): Child {
  const child = new Child(demo, args, stdout);
  children.push(child);
  return child;
}

async function cleanUp(): Promise<void> {
  await Promise.all(children.map((child) => child.interrupt()));
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

const program = command('start', 'Runs the patient receiver and the determined sender on a file.')
  .argument('[file]', `the file to send; ${MEBIBYTES} MiB of random bytes if it is left out`)
  .parse();
run(program.name(), () => main(program.args[0]), cleanUp);
