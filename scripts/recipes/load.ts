import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../../lib/index.ts';

/** What became of one attempt: the answer, or the name of what came instead. */
export type Outcome = { readonly answer: string } | { readonly failure: string };

/** Makes one attempt at a request. It never rejects. */
export type Attempt = (request: string) => Promise<Outcome>;

/** How often a request is tried. */
const ATTEMPTS = 200;

/** The pause of a client after each attempt, in milliseconds: the servers need the processors, too. */
const PAUSE = 20;

/** How long an attempt may take, in seconds. */
const LIMIT = 20;

/** Requests from so many clients at once, each of which repeats a request until it is answered. */
export class Load {
  /** How many requests each process has answered, by its number. */
  readonly answered = new Map<string, number>();
  /** How many attempts have failed, by what the client saw. */
  readonly failures = new Map<string, number>();
  /** Requests that were not answered in any attempt. */
  readonly lost: string[] = [];
  requests = 0;
  /** How long the slowest request took, its repetitions included, in seconds. */
  slowest = 0;
  readonly #attempt: Attempt;
  readonly #clients: readonly Promise<void>[];
  #isEnding = false;
  #waiting: (() => void)[] = [];

  constructor(clients: number, attempt: Attempt) {
    this.#attempt = attempt;
    this.#clients = Array.from({ length: clients }, () => this.#run());
  }

  /** How many requests were answered. */
  get answers(): number {
    return [...this.answered.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits until something is true, as it may be after each answer. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Lets each client finish its request. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#clients);
  }

  async #run(): Promise<void> {
    while (!this.#isEnding) {
      this.requests += 1;
      const request = `request-${this.requests}`;
      const begin = performance.now();
      if (!(await this.#isAnswered(request))) this.lost.push(request);
      this.slowest = Math.max(this.slowest, (performance.now() - begin) / 1000);
      for (const resolve of this.#waiting.splice(0)) resolve();
      await delay(PAUSE);
    }
  }

  async #isAnswered(request: string): Promise<boolean> {
    for (let tried = 0; tried < ATTEMPTS; tried += 1) {
      const outcome = await this.#attempt(request);
      if ('answer' in outcome) {
        add(this.answered, outcome.answer);
        return true;
      }
      add(this.failures, outcome.failure);
      await delay(PAUSE);
    }
    return false;
  }
}

/** Counts one more of something. */
export function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Asks the servers of the recipes, by a new connection for each attempt. The answer is the number of the process. */
export function asking(port: number): Attempt {
  return async (request) => {
    try {
      using sock = await socket.createConnection(['127.0.0.1', port], { timeout: LIMIT });
      await sock.sendall(`${request}\n`);
      const answer = await received(sock);
      if (answer === '') return { failure: 'end' };
      const [, process, echo] = /^(\d+) (.*)\n$/.exec(answer) ?? [];
      return process !== undefined && echo === request ? { answer: process } : { failure: 'half an answer' };
    } catch (error) {
      return { failure: error instanceof socket.OSError ? String(error.code) : String(error) };
    }
  };
}

async function received(sock: socket.Socket): Promise<string> {
  let text = '';
  for (let block = await sock.recv(1024); block.length > 0; block = await sock.recv(1024)) text += String(block);
  return text;
}
