import * as socket from '../../../lib/index.ts';
import type { Socket } from '../../../lib/index.ts';
import { Chance, isPassing } from './chance.ts';

/** A program of concurrent tasks on one listener: each client is accepted once. */
export class ListenerProgram {
  calls = 0;
  readonly mistakes: string[] = [];
  readonly #chance: Chance;
  readonly #total: number;
  #accepted = 0;
  readonly #done = new AbortController();

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#total = 5 + this.#chance.upTo(20);
  }

  async run(listener: Socket): Promise<void> {
    const numbers = Array.from({ length: this.#total }, (_, index) => index);
    const acceptors = Array.from({ length: 1 + this.#chance.upTo(4) }, () => this.#acceptor(listener));
    await Promise.all([...numbers.map((number) => this.#client(listener, number)), ...acceptors]);
    if (this.#accepted !== this.#total) this.mistakes.push(`${this.#accepted} of ${this.#total} clients were accepted`);
    listener.close();
  }

  async #client(listener: Socket, number: number): Promise<void> {
    await this.#chance.turns(20);
    using client = socket.socket();
    this.calls += 3;
    await client.connect(listener.getsockname());
    await client.sendall(Buffer.of(number));
    const answer = await client.recv(10);
    if (answer.length !== 1 || answer[0] !== number)
      this.mistakes.push(`client ${number} got ${answer.toString('hex')}`);
  }

  async #acceptor(listener: Socket): Promise<void> {
    while (this.#accepted < this.#total) {
      this.calls += 1;
      try {
        const [conn] = await this.#chance.limited(listener, ({ signal }) =>
          listener.accept({ signal: signal ?? this.#done.signal }),
        );
        this.#accepted += 1;
        if (this.#accepted === this.#total) this.#done.abort();
        using ours = conn;
        this.calls += 2;
        await ours.sendall(await ours.recvExactly(1));
      } catch (error) {
        if (!isPassing(error)) this.mistakes.push(`an unexpected error: ${String(error)}`);
      }
      await this.#chance.turns(2);
    }
  }
}
