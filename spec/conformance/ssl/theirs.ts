import { spawn } from 'node:child_process';
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

  async run(calls: readonly Call[], port: number, blocks: number): Promise<readonly Result[]> {
    return (await this.#ask({ calls, port, blocks })) as Result[];
  }

  async end(): Promise<void> {
    await this.#ask({ end: true });
  }

  async #ask(job: object): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('python3 has ended');
    return JSON.parse(line.value);
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
