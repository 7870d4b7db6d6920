import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { certificates } from './certificates.ts';
import type { Call, End, EndName, Result } from './dialogue.ts';

/** One end on Python's `ssl`, in a process of its own. */
export class PythonEnd implements End, Disposable {
  readonly #name: EndName;
  readonly #child = spawn('python3', [join(__dirname, 'driver.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  constructor(name: EndName) {
    this.#name = name;
  }

  async begin(): Promise<number | null> {
    const begin = { folder: certificates, is_server: this.#name === 'server' };
    return (await this.#ask({ begin })) as number | null;
  }

  async run(calls: readonly Call[], port: number, onResult: (result: Result) => void): Promise<void> {
    this.#tell({ calls, port });
    for (let result = await this.#hear(); result !== null; result = await this.#hear()) onResult(result as Result);
  }

  /** The kernel's word for it: a process that has something to read is not asleep, even where it has to wait its turn. */
  get isWaiting(): boolean {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'latin1');
    return stat.startsWith('S', stat.lastIndexOf(')') + 2);
  }

  interrupt(): void {
    this.#child.kill('SIGUSR1');
  }

  async end(): Promise<void> {
    await this.#ask({ end: true });
  }

  async #ask(job: object): Promise<unknown> {
    this.#tell(job);
    return await this.#hear();
  }

  #tell(job: object): void {
    this.#child.stdin.write(`${JSON.stringify(job)}\n`);
  }

  async #hear(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('python3 has ended');
    return JSON.parse(line.value);
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
