import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { LineReader, type Entry } from './read.ts';

/** How often the files of a running trace are read, in milliseconds. */
const INTERVAL = 50;

/**
 * Runs a program, and reads the trace of it and of the processes that it starts while it runs. Each of them loads
 * `await-socket/trace` first, and writes a file of its own in a folder that exists only meanwhile.
 *
 * @param size - how many bytes of the data of each call are kept.
 * @param take - gets the lines as they come.
 * @returns the exit status that shells give: 128 and the number of the signal that ended the program.
 */
export async function runTraced(
  [program = '', ...args]: readonly string[],
  size: number,
  take: (entries: readonly Entry[]) => void,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'await-socket-trace-'));
  const files = new TraceFolder(folder);
  const read = (): void => {
    const entries = files.entries();
    if (entries.length > 0) take(entries);
  };
  const timer = setInterval(read, INTERVAL);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let forward: (signal: NodeJS.Signals) => void = () => undefined;
  try {
    const options = `${process.env.NODE_OPTIONS ?? ''} ${preloads().join(' ')}`.trim();
    const trace = { NODE_OPTIONS: options, AWAIT_SOCKET_TRACE: folder, AWAIT_SOCKET_TRACE_SIZE: String(size) };
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...trace } });
    // A terminal sends Ctrl-C to both; the trace ends with the program.
    forward = (signal) => {
      if (signal !== 'SIGINT') child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    return await new Promise<number>((end, fail) => {
      child.on('error', fail);
      child.on('close', (code, signal) => end(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, forward);
    read();
    rmSync(folder, { recursive: true });
  }
}

/** The options of Node that load the trace: from beside this program in dist/, or the sources by ts-node. */
function preloads(): string[] {
  const built = resolve(__dirname, '..', 'trace.cjs');
  const modules = existsSync(built) ? [built] : ['ts-node/register', resolve(__dirname, '../../lib/trace/index.ts')];
  return modules.map((module) => `--require ${JSON.stringify(module)}`);
}

/** The files of a trace, which grow. */
class TraceFolder {
  readonly #folder: string;
  readonly #files = new Map<string, GrowingFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What has come since the last time. */
  entries(): Entry[] {
    for (const name of readdirSync(this.#folder)) {
      if (!this.#files.has(name)) this.#files.set(name, new GrowingFile(join(this.#folder, name)));
    }
    return [...this.#files.values()].flatMap((file) => file.entries());
  }
}

class GrowingFile {
  readonly #path: string;
  readonly #lines: LineReader;
  readonly #decoder = new StringDecoder();
  #position = 0;

  constructor(path: string) {
    this.#path = path;
    this.#lines = new LineReader(path);
  }

  entries(): Entry[] {
    const found: Entry[] = [];
    const buffer = Buffer.alloc(1 << 20);
    const file = openSync(this.#path, 'r');
    try {
      for (;;) {
        const length = readSync(file, buffer, 0, buffer.length, this.#position);
        if (length === 0) return found;
        this.#position += length;
        found.push(...this.#lines.entries(this.#decoder.write(buffer.subarray(0, length))));
      }
    } finally {
      closeSync(file);
    }
  }
}
