import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BLOCKS, EXCHANGE_BLOCKS, type Names, type Program, type Result } from './program.ts';

/** One python3 that runs program after program. */
export class Python {
  readonly #child = spawn('python3', [join(__dirname, 'driver.py')], {
    // Not to wait for a name server that does not answer.
    env: { ...process.env, RES_OPTIONS: 'timeout:1 attempts:1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  /** The results of a program on Python's `socket`. One program at a time. */
  async run(steps: Program, names: Names, patience: number): Promise<Result[]> {
    const limits = { blocks: BLOCKS * patience, exchange_blocks: EXCHANGE_BLOCKS * patience };
    this.#child.stdin.write(`${JSON.stringify({ steps, ...names, ...limits, patience })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('python3 has ended');
    return JSON.parse(line.value) as Result[];
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
