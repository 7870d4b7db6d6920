import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', name]).status === 0;
}

/** A program that runs beside the test. Its standard output and standard error are kept. */
export class OtherProgram implements AsyncDisposable {
  /** Its status, once it has ended. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #blocks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  #hasEnded = false;
  /** Callbacks for when it prints more, or ends. */
  #waiting: (() => void)[] = [];

  constructor(file: string, args: readonly string[]) {
    this.#process = spawn(file, args, { stdio: 'pipe' });
    // A program that has ended reads nothing more.
    this.#process.stdin.on('error', () => undefined);
    for (const name of ['stdout', 'stderr'] as const) {
      this.#process[name].on('data', (block: Buffer) => {
        this.#blocks[name].push(block);
        this.#wake();
      });
    }
    this.ended = once(this.#process, 'close').then(([status]: (number | null)[]) => {
      this.#hasEnded = true;
      this.#wake();
      return status ?? null;
    });
  }

  /** All that it has printed so far. */
  get printed(): Buffer {
    return Buffer.concat(this.#blocks.stdout);
  }

  /** Waits until `pattern` is found in its output; rejects if it ends before. */
  async tells(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const [stdout, stderr] = [this.printed.toString(), Buffer.concat(this.#blocks.stderr).toString()];
      const found = pattern.exec(stdout) ?? pattern.exec(stderr);
      if (found !== null) return found;
      if (this.#hasEnded) throw new Error(`ended without ${pattern}: ${JSON.stringify({ stdout, stderr })}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Writes to its standard input. */
  type(data: string | Buffer): void {
    this.#process.stdin.write(data);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#process.stdin.end();
  }

  /** Ends it, if it has not ended yet. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
