import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ClientSettings, ClientTask, Command, Measured, ServerSettings, ServerTask, Where } from './tasks.ts';

/** A round never takes that long: a process that has not answered by then is stuck. */
const PATIENCE = 30_000;

/** A process's answer. */
interface Answer {
  readonly unable?: true;
  readonly error?: string;
  /** The processor time since the process was started. */
  readonly processorSeconds?: number;
}

/** The processor time of a process since its previous answer. */
export interface Used {
  readonly used: number;
}

/** The error of a contender that cannot do a task. */
export class Unable extends Error {}

/** A contender's process. It lives through all rounds of a row, idle when it is not its turn. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #processorSeconds = 0;

  /** Starts a command; `variables` are added to the environment of this process. */
  constructor(name: string, [file, ...args]: readonly [string, ...string[]], variables: Record<string, string>) {
    this.name = name;
    const env = { ...process.env, ...variables };
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    const { stdout, stdin } = this.#child;
    if (stdout === null || stdin === null) throw new Error('it has no pipes');
    // A write to a process that has ended fails; the missing answer is noticed all the same.
    stdin.on('error', () => undefined);
    this.#child.on('error', () => undefined);
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  async client(task: ClientTask, settings: ClientSettings): Promise<Measured & Used> {
    return await this.#ask({ client: task, ...settings });
  }

  async server(task: ServerTask, settings: ServerSettings): Promise<{ where: Where }> {
    return await this.#ask({ server: task, ...settings });
  }

  /** Ends the running server, and returns what it has used. */
  async stop(): Promise<Used> {
    return await this.#ask({ stop: true });
  }

  /** How many bytes of memory it has in use, and how many of them are in V8's heap. */
  async memory(): Promise<{ readonly bytes: number; readonly heap?: number }> {
    return await this.#ask({ memory: true });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async #ask<T>(command: Command): Promise<T & Used> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    // A stuck process must not hold up the whole benchmark.
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const line = await this.#answers.next();
    clearTimeout(patience);
    if (line.done === true) throw new Error(`${this.name}: ended without an answer`);
    const answer = JSON.parse(line.value) as Answer & T;
    if (answer.unable === true) throw new Unable(`${this.name}: unable`);
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`);
    const { processorSeconds = 0 } = answer;
    const used = processorSeconds - this.#processorSeconds;
    this.#processorSeconds = processorSeconds;
    return { ...answer, used };
  }
}
