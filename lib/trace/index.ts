import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { Recorder } from './recorder.ts';
import type { TraceEvent, TraceProcess } from './event.ts';
import { mayColour, TraceText } from './text.ts';

/**
 * `await-socket/trace`: a program that imports this module shows each call of its sockets on standard error. With
 * AWAIT_SOCKET_TRACE in the environment it writes JSON lines to the file of that name, or to a file of its own where
 * that is a folder. AWAIT_SOCKET_TRACE_SIZE says how many bytes of the data of each call are kept.
 */

export type { CallMessage } from '../common/channels.ts';
export type { TraceError, TraceEvent, TraceProcess } from './event.ts';

/** How many bytes of each call are kept where the environment says nothing. */
const SIZE = 4096;

function start(): void {
  const name = isMainThread ? String(process.pid) : `${process.pid}/${threadId}`;
  const path = process.env.AWAIT_SOCKET_TRACE ?? '';
  const wanted = Number(process.env.AWAIT_SOCKET_TRACE_SIZE);
  const size = Number.isSafeInteger(wanted) && wanted > 0 ? wanted : SIZE;
  const command = [process.argv0, ...process.execArgv, ...process.argv.slice(1)].join(' ');
  const recorder = new Recorder({
    process: name,
    command,
    size,
    write: path === '' ? toTerminal() : toFile(path, name),
  });
  process.once('exit', () => recorder.stop());
}

type Write = (entries: readonly (TraceProcess | TraceEvent)[]) => void;

function toTerminal(): Write {
  const text = new TraceText(mayColour(process.stderr));
  return (entries) => void process.stderr.write(text.lines(entries));
}

function toFile(path: string, name: string): Write {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, `${name.replace('/', '-')}.jsonl`) : path;
  // Lines are written whole, at once: several processes may append to one file, and none is lost when a process ends.
  return (entries) => appendFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** One trace of a process is enough, where `npx await-socket trace` runs a program that imports this module. */
const STARTED = Symbol.for('await-socket.trace');
if (!Reflect.has(globalThis, STARTED)) {
  Reflect.set(globalThis, STARTED, true);
  start();
}
