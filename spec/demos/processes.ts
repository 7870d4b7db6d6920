import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a process ended, and what it printed. */
interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<Program>();

/** A demo, or one of the textbook's programs, as a process. */
export class Program {
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #output = { stdout: '', stderr: '' };
  /** Callbacks for when it prints more, or ends. */
  #waiting: (() => void)[] = [];

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(file, args, { stdio: 'pipe', env: { ...process.env, ...env } });
    // A process that has ended takes no more lines; its output says why.
    this.#process.stdin?.on('error', () => undefined);
    for (const name of ['stdout', 'stderr'] as const) {
      this.#process[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#output[name] += text;
        this.#wake();
      });
    }
    running.add(this);
    this.ended = once(this.#process, 'close').then(([status]: (number | null)[]) => {
      running.delete(this);
      this.#wake();
      return { status: status ?? null, ...this.#output };
    });
  }

  /** Waits until its output matches `pattern`; rejects if it ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#output.stdout);
      if (found !== null) return found;
      if (!running.has(this)) throw new Error(`ended without ${pattern}: ${JSON.stringify(this.#output)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The port of a receiver, from its first line. */
  async port(): Promise<number> {
    const [, port] = await this.printed(/^listening on [\d.]+:(\d+)\n/);
    return Number(port);
  }

  /** Types lines into it, as on a terminal. */
  type(...lines: readonly string[]): void {
    for (const line of lines) this.#process.stdin?.write(`${line}\n`);
  }

  /** Types Ctrl-D. */
  endInput(): void {
    this.#process.stdin?.end();
  }

  /** Closes the pipe of its output, as `head` does. */
  closeOutput(): void {
    this.#process.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Starts a demo as `npm start` does. */
export function startDemo(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  return new Program(process.execPath, ['node_modules/ts-node/dist/bin.js', `demos/${name}.ts`, ...args], env);
}

/** Starts one of the textbook's programs in Python. */
export function startPython(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  return new Program('python3', [join(__dirname, 'python', `${name}.py`), ...args], env);
}

/** Ends processes that a failed test has left running. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(async (program) => {
      program.kill('SIGKILL');
      await program.ended;
    }),
  );
}

/** A temporary folder with files to send. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'await-socket-spec-'));

  in(name: string): string {
    return join(this.path, name);
  }

  /** A file of bytes that do not repeat in step with the blocks. */
  make(name: string, size: number): string {
    const pattern = Buffer.from(Array.from({ length: 65_521 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
    const path = this.in(name);
    writeFileSync(path, Buffer.alloc(size, pattern));
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A demo's standard error after a mistake in its command line. `problem` is the end of the first line. */
export function usageError(name: string, problem: RegExp): RegExp {
  return new RegExp(`^${name}: .*${problem.source}\\nusage: ${name} .*\\n$`);
}

export function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
