import type { Socket } from '../../lib/index.ts';
import { reset } from '../support/peer.ts';
import { randomFrom } from '../support/random.ts';
import { figures, leakedDescriptors, type Figures } from './figures.ts';
import { openDescriptors } from '../support/peer-observed.ts';
import { Mistakes } from './part.ts';
import { connected, nameOf, type Transport } from './transport.ts';

/** The clients of a crowd: a process that makes as many connections as it is asked to, one round after the other. */

/** What the clients are asked to do. */
export interface Round {
  readonly transport: Transport;
  readonly port: number;
  readonly connections: number;
  /** For so long they talk, once all are connected. */
  readonly seconds: number;
  readonly seed: number;
}

/** What they have seen. */
export interface Told {
  readonly answers: number;
  /** The milliseconds of the slowest answer to a fast client. */
  readonly slowest: number;
  readonly mistakes: readonly string[];
  readonly figures: Figures;
}

/** How many connect at a time: a client beyond the kernel's queue would be a second late. */
const PORTION = 500;

/** A slow client sends a byte in so many milliseconds, and takes its answer as late. */
const PACE = 250;

class Clients {
  answers = 0;
  slowest = 0;
  readonly mistakes = new Mistakes();
  readonly #round: Round;
  readonly #random: () => number;
  #isOver = false;

  constructor(round: Round) {
    this.#round = round;
    this.#random = randomFrom(round.seed);
  }

  async run(): Promise<void> {
    const { connections, transport, port, seconds } = this.#round;
    const all: Socket[] = [];
    const talks: Promise<void>[] = [];
    while (all.length < connections) {
      const portion = Math.min(PORTION, connections - all.length);
      all.push(...(await Promise.all(Array.from({ length: portion }, () => connected(transport, port)))));
    }
    const kinds = [this.#fast, this.#slow, this.#silent];
    for (const [index, one] of all.entries()) talks.push(this.#watched(one, kinds[index % kinds.length] ?? this.#fast));
    await later(seconds * 1000);
    this.#isOver = true;
    // A silent client waits in recv() until its socket is closed.
    for (const [index, one] of all.entries()) if (index % kinds.length === 2) end(one, this.#random());
    await Promise.all(talks);
    for (const one of all) end(one, this.#random());
  }

  async #watched(one: Socket, talk: (one: Socket) => Promise<void>): Promise<void> {
    try {
      await talk.call(this, one);
    } catch (error) {
      this.mistakes.add(nameOf(error) === undefined ? `no OSError: ${String(error)}` : String(error));
    }
  }

  /** One message after the other, each answered in full before the next. */
  async #fast(one: Socket): Promise<void> {
    while (!this.#isOver) {
      const size = 1 + Math.floor(this.#random() ** 4 * 20_000);
      const message = Buffer.alloc(size, Math.floor(this.#random() * 256));
      const asked = performance.now();
      await one.sendall(message);
      const answer = await one.recvExactly(size);
      this.slowest = Math.max(this.slowest, Math.ceil(performance.now() - asked));
      this.#check(answer, message);
    }
  }

  async #slow(one: Socket): Promise<void> {
    await later(this.#random() * PACE);
    while (!this.#isOver) {
      const message = Buffer.of(Math.floor(this.#random() * 256));
      await one.sendall(message);
      await later(PACE);
      this.#check(await one.recv(10), message);
    }
  }

  async #silent(one: Socket): Promise<void> {
    const outcome = await one.recv(1).then(
      (block) => `${block.length} bytes`,
      (error: unknown) => nameOf(error) ?? String(error),
    );
    if (outcome !== 'EBADF') this.mistakes.add(`a silent client got ${outcome}`);
  }

  #check(answer: Buffer, message: Buffer): void {
    if (answer.equals(message)) this.answers += 1;
    else this.mistakes.add('a wrong answer');
  }
}

/** Most clients close; some reset. */
function end(one: Socket, chance: number): void {
  if (one.fileno() === -1) return;
  if (chance < 0.2) reset(one);
  else one.close();
}

async function later(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function round(asked: Round): Promise<void> {
  const before = openDescriptors();
  const clients = new Clients(asked);
  await clients.run();
  const leaked = await leakedDescriptors(before, 30);
  if (leaked > 0) clients.mistakes.add(`${leaked} descriptors are left`);
  const { answers, slowest, mistakes } = clients;
  const told: Told = { answers, slowest, mistakes: mistakes.shown, figures: await figures() };
  process.send?.(told);
}

process.on('message', (asked: Round) => void round(asked));
