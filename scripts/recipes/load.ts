import { setTimeout as delay } from 'node:timers/promises';
import * as socket from '../../lib/index.ts';

/** What became of one attempt: the process that has answered, or what came instead of the answer. */
export type Outcome =
  | { readonly answer: string }
  | {
      readonly failure: string;
      /** Whether the client may try again: it may not if the request can have been done. */
      readonly isFinal: boolean;
    };

/** Makes one attempt at a request. It never rejects. */
export type Attempt = (request: string) => Promise<Outcome>;

/** How often a request is tried. */
const ATTEMPTS = 200;

/** How long a client waits for each step of an attempt, in seconds. */
export const LIMIT = 20;

/** How much is asked. */
export interface LoadPlan {
  /** How many clients ask at once. */
  readonly clients: number;
  /** How long each of them waits after an attempt, in milliseconds: the servers need the processors, too. */
  readonly pause: number;
}

/** Requests from so many clients at once, each of which repeats a request until it is answered. */
export class Load {
  /** How many requests each process has answered, by its number. */
  readonly answered = new Map<string, number>();
  /** How many attempts have failed and were repeated, by what the client saw. */
  readonly repeated = new Map<string, number>();
  /** How many requests were not answered, by what the client saw. */
  readonly unanswered = new Map<string, number>();
  requests = 0;
  /** How long the slowest request took, its repetitions included, in seconds. */
  slowest = 0;
  readonly #plan: LoadPlan;
  readonly #attempt: Attempt;
  readonly #clients: readonly Promise<void>[];
  #isEnding = false;
  #waiting: (() => void)[] = [];

  constructor(plan: LoadPlan, attempt: Attempt) {
    this.#plan = plan;
    this.#attempt = attempt;
    this.#clients = Array.from({ length: plan.clients }, () => this.#run());
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
      const failure = await this.#failureOf(request);
      if (failure !== undefined) add(this.unanswered, failure);
      this.slowest = Math.max(this.slowest, (performance.now() - begin) / 1000);
      for (const resolve of this.#waiting.splice(0)) resolve();
      await delay(this.#plan.pause);
    }
  }

  /** Repeats a request until it is answered, or may not be repeated; then it gives what came last. */
  async #failureOf(request: string): Promise<string | undefined> {
    for (let left = ATTEMPTS; ; left -= 1) {
      const outcome = await this.#attempt(request);
      if ('answer' in outcome) {
        add(this.answered, outcome.answer);
        return undefined;
      }
      if (outcome.isFinal || left === 0) return outcome.failure;
      add(this.repeated, outcome.failure);
      await delay(this.#plan.pause);
    }
  }
}

/** Counts one more of something. */
export function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Asks a server that may do a request twice, by a new connection for each attempt. The answer is the number of the process. */
export function asking(port: number): Attempt {
  return async (request) => {
    try {
      using sock = await socket.createConnection(['127.0.0.1', port], { timeout: LIMIT });
      await sock.sendall(`${request}\n`);
      const answer = await received(sock);
      if (answer === '') return { failure: 'end', isFinal: false };
      const [, process, echo] = /^(\d+) (.*)\n$/.exec(answer) ?? [];
      return process !== undefined && echo === request
        ? { answer: process }
        : { failure: 'half an answer', isFinal: true };
    } catch (error) {
      return { failure: nameOf(error), isFinal: false };
    }
  };
}

/** The name of an error, as it is counted. */
export function nameOf(error: unknown): string {
  return error instanceof socket.OSError && error.code !== undefined ? error.code : String(error);
}

/** All that comes until the end. */
export async function received(sock: socket.Socket): Promise<string> {
  let text = '';
  for (let block = await sock.recv(1024); block.length > 0; block = await sock.recv(1024)) text += String(block);
  return text;
}
