import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** The command line that runs a program of the repository; the processes that it starts inherit it. */
export function commandOf(recipe: string): readonly string[] {
  return [process.execPath, '--require', require.resolve('ts-node/register'), join(root, 'recipes', `${recipe}.ts`)];
}

const running = new Set<Program>();

/** A program beside this one. */
export class Program {
  /** Its output, standard error included. */
  output = '';
  readonly ended: Promise<unknown>;
  readonly #process: ChildProcess;
  #hasEnded = false;
  #waiting: (() => void)[] = [];

  constructor([file = '', ...args]: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root) {
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd, env: { ...process.env, ...env } });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#wake();
      });
    }
    running.add(this);
    this.ended = once(this.#process, 'exit').then(() => {
      this.#hasEnded = true;
      running.delete(this);
      this.#wake();
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the program has not started');
    return this.#process.pid;
  }

  /** Raises if it has ended. */
  checkRuns(): void {
    if (this.#hasEnded) throw new Error(`a program has ended: ${this.output}`);
  }

  /** Waits until the program has printed what `pattern` finds so many times; raises if it ends before. */
  async prints(pattern: RegExp, times = 1): Promise<readonly RegExpMatchArray[]> {
    for (;;) {
      const found = [...this.output.matchAll(pattern)];
      if (found.length >= times) return found;
      if (this.#hasEnded) throw new Error(`a program ended without ${pattern}: ${this.output}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, and waits until its last line has come. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.#hasEnded) this.#process.kill(signal);
    await this.ended;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Ends all programs that still run: their own children end with them. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map((program) => program.end()));
}
