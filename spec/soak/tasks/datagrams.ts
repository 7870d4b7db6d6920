import { setImmediate } from 'node:timers/promises';
import * as socket from '../../../lib/index.ts';
import type { Socket, WaitOptions } from '../../../lib/index.ts';
import { Chance, isPassing } from './chance.ts';

/** A program of concurrent tasks on two datagram sockets. */

/** Datagrams that are on their way at most: the kernel drops those that its buffer has no room for. */
const ON_THEIR_WAY = 20;

export class DatagramProgram {
  calls = 0;
  readonly mistakes: string[] = [];
  readonly #chance: Chance;
  readonly #total: number;
  /** Datagrams in the order in which send() was called. */
  #sent = 0;
  /** The numbers of those that were received, by the order of the calls. */
  readonly #received: (number | undefined)[] = [];
  #count = 0;
  readonly #done = new AbortController();

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    this.#total = 20 + this.#chance.upTo(100);
  }

  async run([one, other]: readonly [Socket, Socket]): Promise<void> {
    const tasks = Array.from({ length: 1 + this.#chance.upTo(4) }, () => this.#sender(one));
    const receivers = Array.from({ length: 1 + this.#chance.upTo(4) }, () => this.#receiver(other));
    await Promise.all([...tasks, ...receivers]);
    const numbers = this.#received.filter((number) => number !== undefined);
    if (numbers.some((number, index) => number !== index))
      this.mistakes.push(`the datagrams came as ${numbers.join()}`);
    const more = await other.recv(100, socket.MSG_DONTWAIT).catch(() => undefined);
    if (more !== undefined) this.mistakes.push('a datagram more than were sent');
    one.close();
    other.close();
  }

  async #sender(one: Socket): Promise<void> {
    while (this.#sent < this.#total) {
      if (this.#sent - this.#count >= ON_THEIR_WAY) {
        await setImmediate();
        continue;
      }
      const data = Buffer.alloc(4 + this.#chance.upTo(1500), this.#sent);
      data.writeUInt32BE(this.#sent);
      this.#sent += 1;
      this.calls += 1;
      const count = await one.send(data);
      if (count !== data.length) this.mistakes.push(`send() gave ${count} for ${data.length} bytes`);
      await this.#chance.turns(1);
    }
  }

  async #receiver(one: Socket): Promise<void> {
    while (this.#count < this.#total) {
      const place = this.#received.push(undefined) - 1;
      this.calls += 1;
      try {
        const data = await this.#chance.limited(one, (options) => this.#receiving(one, options));
        if (data === undefined) continue;
        this.#received[place] = data.readUInt32BE();
        this.#count += 1;
        if (!data.subarray(4).equals(Buffer.alloc(data.length - 4, data.readUInt32BE()))) {
          this.mistakes.push('a datagram has other bytes');
        }
        if (this.#count === this.#total) this.#done.abort();
      } catch (error) {
        if (!isPassing(error)) this.mistakes.push(`an unexpected error: ${String(error)}`);
      }
      await this.#chance.turns(1);
    }
  }

  /** The next datagram; `undefined` where it was only looked at. */
  async #receiving(one: Socket, { signal }: WaitOptions): Promise<Buffer | undefined> {
    const options = { signal: signal ?? this.#done.signal };
    const way = this.#chance.upTo(5);
    if (way === 0) {
      await one.recv(2000, socket.MSG_PEEK, options);
      return undefined;
    }
    if (way === 1) return (await one.recvfrom(2000, 0, options))[0];
    if (way === 2) return (await one.recvmsg(2000, 0, 0, options))[0];
    if (way === 3) {
      const memory = Buffer.alloc(2000);
      return memory.subarray(0, await one.recvInto(memory, 0, 0, options));
    }
    return await one.recv(2000, 0, options);
  }
}
