import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';

/** One of the demos as a process of its own. */
export class Child {
  /** Settles when the process has ended: rejects with its error message if it failed. */
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;

  /** Starts a demo the way this one was started: by ts-node, or as the package has it. `stdout` is where it prints. */
  constructor(demo: string, args: readonly string[], stdout: 'inherit' | 'pipe') {
    const own = process.argv[1] ?? '';
    const script = join(dirname(own), demo + extname(own));
    this.#process = spawn(process.execPath, [...process.execArgv, script, ...args], {
      stdio: ['ignore', stdout, 'pipe'],
    });
    this.ended = this.#end(demo);
    // A caller that waits for one process is not listening when another one fails.
    this.ended.catch(() => undefined);
  }

  /** The first line that it prints; rejects if it ends before. */
  async firstLine(): Promise<string> {
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('its output goes elsewhere');
    const lines = createInterface({ input: stdout });
    // Later lines are read and dropped: the child must not block on a full pipe.
    const first = once(lines, 'line').then(([line]) => String(line));
    const none = this.ended.then(() => {
      throw new Error('it ended without a line');
    });
    return await Promise.race([first, none]);
  }

  /** Ends it as Ctrl-C does, and waits for that. */
  async interrupt(): Promise<void> {
    this.#process.kill('SIGINT');
    await this.ended.catch(() => undefined);
  }

  async #end(demo: string): Promise<void> {
    let problem = '';
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (problem += text));
    const [status, signal] = (await once(this.#process, 'close')) as [number | null, NodeJS.Signals | null];
    if (status !== 0) throw new Error(problem.trim() || `${demo} ended with ${signal ?? `status ${String(status)}`}`);
  }
}
