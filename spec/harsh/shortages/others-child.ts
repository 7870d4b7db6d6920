/**
 * What a process does whose memory is short, whose receiver has a full disk, and that was stopped: `others-child.ts FOLDER
 * CLOCK` prints how each has ended, in JSON. The folder is on a disk of 1 MB; libfaketime reads the wall clock's offset from
 * the file CLOCK, where there is one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as socket from '../../../lib/index.ts';
import { select } from '../../../lib/select.ts';
import { connectedPair, recvAll, reset } from '../../support/peer.ts';

const [, , folder = '', clock = ''] = process.argv;
const { now } = Date;
const begun = now();

async function outcome(call: () => Promise<unknown>): Promise<string> {
  return await call().then(String, (error: unknown) => {
    if (error instanceof socket.OSError) return `${error.name} ${error.code ?? ''}`;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  });
}

/** A peer sends a file, and the receiver's disk is full. */
async function fullDisk(): Promise<[sender: string, receiver: string]> {
  const [ours, theirs] = await connectedPair();
  await using file = await open(process.execPath);
  const sending = outcome(() => ours.sendfile(file));
  const receiving = outcome(async () => {
    const target = openSync(join(folder, 'received'), 'w');
    try {
      for (let block = await theirs.recv(65_536); block.length > 0; block = await theirs.recv(65_536))
        writeSync(target, block);
    } finally {
      closeSync(target);
      reset(theirs);
    }
  });
  const outcomes: [string, string] = [await sending, await receiving];
  ours.close();
  return outcomes;
}

/** Stops the process, sends it bytes, and lets it go on after its time limit. */
const STOPPER = `
import os, signal, socket, sys, time
port, pid = map(int, sys.argv[1:])
peer = socket.create_connection(("127.0.0.1", port))
time.sleep(0.2)
os.kill(pid, signal.SIGSTOP)
peer.sendall(b"in time")
time.sleep(1)
os.kill(pid, signal.SIGCONT)
peer.recv(1)
`;

/** The process stands still for longer than a time limit, and bytes come meanwhile. */
async function stopped(): Promise<string> {
  using listener = socket.createServer(['127.0.0.1', 0]);
  // Only this process has a clock of its own.
  const args = ['-c', STOPPER, String(listener.getsockname()[1]), String(process.pid)];
  const child = spawn('python3', args, { env: { ...process.env, LD_PRELOAD: '' } });
  using ours = (await listener.accept())[0];
  ours.settimeout(0.5);
  const result = await outcome(() => ours.recv(10));
  child.unref();
  return result;
}

/** How the wall clock is set, so many days off: for the whole process where libfaketime reads a file. */
const setClock =
  clock === ''
    ? (days: number): void => {
        Date.now = () => now() + days * 86_400_000;
      }
    : (days: number): void => writeFileSync(clock, `${days < 0 ? '' : '+'}${days}d`);

/** The wall clock jumps while calls wait: by a day, and then back by two. */
async function clockJumped(): Promise<string> {
  const [ours, theirs] = await connectedPair();
  ours.settimeout(0.3);
  const outcomes = new Set<string>();
  for (const days of [1, -1]) {
    const start = process.hrtime.bigint();
    const receiving = Promise.all([outcome(() => ours.recv(10)), outcome(() => select([theirs], [], [], 0.3))]);
    setClock(days);
    const [received, selected] = await receiving;
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
    const hasJumped = Math.abs(Date.now() - begun - days * 86_400_000) < 3_600_000;
    const when = milliseconds >= 300 ? 'at its time' : 'too early';
    outcomes.add(hasJumped ? `${received} ${when}, ${selected === ',,' ? 'and nothing' : selected}` : 'no jump');
  }
  setClock(0);
  for (const sock of [ours, theirs]) sock.close();
  return [...outcomes].join('; ');
}

/** A message is announced, and comes, for which there is no memory. */
async function shortMemory(): Promise<[call: string, kept: boolean]> {
  const [ours, theirs] = await connectedPair();
  const size = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[0]) * 4096;
  execFileSync('prlimit', ['--pid', String(process.pid), `--as=${size + 300_000_000}`]);
  const message = Buffer.alloc(60_000_000, 'y');
  const sending = theirs.sendall(message).then(() => theirs.close());
  const call = await outcome(() => ours.recvExactly(900_000_000));
  const kept = await recvAll(ours);
  await sending;
  ours.close();
  return [call, kept.equals(message)];
}

export interface Others {
  readonly disk: readonly [sender: string, receiver: string];
  readonly stopped: string;
  readonly clock: string;
  readonly memory: readonly [call: string, kept: boolean];
}

async function main(): Promise<void> {
  const others: Others = {
    disk: await fullDisk(),
    stopped: await stopped(),
    clock: await clockJumped(),
    memory: await shortMemory(),
  };
  console.log(JSON.stringify(others));
  process.exit();
}

void main();
