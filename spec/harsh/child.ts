import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that is told what to do by lines, and answers by lines. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #stderr = '';

  constructor(file: string, args: readonly string[]) {
    this.#process = spawn(file, args, { stdio: 'pipe' });
    this.#ended = once(this.#process, 'close');
    // A process that has ended takes no more lines; what it has printed says why.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the process did not start');
    return pid;
  }

  /** Its next line; rejects where it has ended. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done !== true) return next.value;
    await this.#ended;
    throw new Error(`${this.#process.spawnargs.join(' ')} ended: ${this.#stderr}`);
  }

  /** Its next line, which is JSON. */
  async result<T>(): Promise<T> {
    return JSON.parse(await this.line()) as T;
  }

  /** Reads on without end, and drops what comes. */
  drain(): void {
    void (async () => {
      while ((await this.#lines.next()).done !== true);
    })();
  }

  /** Writes a line to it. */
  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}

/** The words that run a program, by ts-node. */
export function programWords(path: string, args: readonly string[]): string[] {
  return [process.execPath, '--expose-gc', require.resolve('ts-node/dist/bin'), path, ...args];
}

/** The lines that a process is told, one after another. */
export function toldLines(): () => Promise<string> {
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
  return async () => {
    const next = await lines.next();
    return next.done === true ? 'end' : next.value;
  };
}
