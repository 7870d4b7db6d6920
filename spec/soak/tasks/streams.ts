import * as socket from '../../../lib/index.ts';
import type { Socket, WaitOptions } from '../../../lib/index.ts';
import { reset } from '../../support/peer.ts';
import { Chance, isPassing } from './chance.ts';
import { isAllOf, isBeginningOf, taken, type Received, type Sent } from './journal.ts';

/** A program of concurrent tasks on both ends of a stream. */

/** How many tasks send on an end, and how many receive, at most; and how often each sends. */
const MOST = { tasks: 4, sends: 12 };

const NEWLINE = 10;

export class StreamProgram {
  calls = 0;
  readonly mistakes: string[] = [];
  readonly #chance: Chance;
  /** The socket that was closed in the middle. */
  #closed: Socket | undefined;

  readonly #hasFlags: boolean;

  /** @param hasFlags - whether the sockets take flags; those with TLS take none. */
  constructor(seed: number, hasFlags: boolean) {
    this.#chance = new Chance(seed);
    this.#hasFlags = hasFlags;
  }

  async run([one, other]: readonly [Socket, Socket]): Promise<void> {
    const ways = [this.#way(one, other), this.#way(other, one)];
    // Some programs close a socket in the middle.
    if (this.#chance.is(0.15)) void this.#closing(this.#chance.among([one, other]));
    await Promise.all(ways);
    one.close();
    other.close();
  }

  async #closing(one: Socket): Promise<void> {
    await this.#chance.turns(30);
    this.#closed = one;
    if (this.#chance.is(0.3) && one.fileno() !== -1) reset(one);
    else one.close();
  }

  /** All that goes from one end to the other. */
  async #way(from: Socket, to: Socket): Promise<void> {
    const sent: Sent[] = [];
    const received: Received[] = [];
    const senders = Array.from({ length: 1 + this.#chance.upTo(MOST.tasks) }, () => this.#sender(from, sent));
    const receivers = Array.from({ length: 1 + this.#chance.upTo(MOST.tasks) }, () => this.#receiver(to, received));
    await Promise.all(senders);
    try {
      from.shutdown(socket.SHUT_WR);
    } catch (error) {
      this.#failed(error);
    }
    await Promise.all(receivers);
    const stream = taken(received);
    if (typeof stream === 'string') this.mistakes.push(stream);
    else if (!(this.#closed !== undefined ? isBeginningOf : isAllOf)(stream, sent)) {
      this.mistakes.push(`the ${stream.length} bytes that were received are not those that were sent`);
    }
  }

  async #sender(one: Socket, sent: Sent[]): Promise<void> {
    for (let count = 1 + this.#chance.upTo(MOST.sends); count > 0; count -= 1) {
      const data = Buffer.alloc(1 + this.#chance.upTo(this.#chance.is(0.02) ? 700_000 : 4000), this.#block());
      const call: Sent = { data, isWhole: false };
      try {
        await this.#chance.limited(one, async (options) => {
          // Only what is called takes its place in the order.
          sent.push(call);
          await this.#sending(one, call, options);
        });
        call.isWhole = true;
      } catch (error) {
        this.#failed(error);
      }
      await this.#chance.turns(2);
    }
  }

  /** Bytes with a newline here and there. */
  #block(): Buffer {
    return Buffer.from(Array.from({ length: 61 }, () => this.#chance.upTo(256)));
  }

  async #sending(one: Socket, call: Sent, options: WaitOptions): Promise<void> {
    this.calls += 1;
    const { data } = call;
    if (this.#chance.is(0.3)) {
      await one.sendall(data, 0, options);
      return;
    }
    const isLimited = one.gettimeout() !== null;
    const count = await one.send(data, 0, options);
    // Within a time limit, it sends what there is room for.
    if (count > data.length || (!isLimited && count < data.length)) {
      this.mistakes.push(`send() gave ${count} for ${data.length} bytes`);
    }
    call.data = data.subarray(0, count);
  }

  async #receiver(one: Socket, received: Received[]): Promise<void> {
    for (;;) {
      const isPeek = this.#hasFlags && this.#chance.is(0.15);
      const call: { isPeek: boolean; bytes: Buffer | undefined } = { isPeek, bytes: undefined };
      try {
        await this.#chance.limited(one, async (options) => {
          received.push(call);
          call.bytes = await this.#receiving(one, isPeek, options);
        });
        if (call.bytes?.length === 0) return;
      } catch (error) {
        // A call that wanted more than came has taken the rest.
        if (error instanceof socket.IncompleteReadError) call.bytes = error.partial;
        this.#failed(error);
        // A socket that was closed, or whose peer was, may raise its error each time.
        if (!isPassing(error)) return;
      }
      await this.#chance.turns(2);
    }
  }

  async #receiving(one: Socket, isPeek: boolean, options: WaitOptions): Promise<Buffer> {
    this.calls += 1;
    const size = 1 + this.#chance.upTo(this.#chance.is(0.1) ? 300_000 : 3000);
    if (isPeek) return await one.recv(size, socket.MSG_PEEK, options);
    const way = this.#chance.upTo(7);
    if (way === 0) return await one.recvExactly(size, options);
    if (way === 1 && this.#hasFlags) return await one.recv(size, socket.MSG_WAITALL, options);
    if (way === 2 && this.#hasFlags) return await one.recv(size, socket.MSG_DONTWAIT, options);
    if (way === 3) return await one.recvUntil(Buffer.of(NEWLINE), { limit: 1000, ...options });
    if (way === 4) {
      const memory = new Uint8Array(size);
      const count = await one.recvInto(memory, 0, 0, options);
      // The memory is the caller's again: what it writes there changes nothing that comes later.
      const bytes = Buffer.from(memory.subarray(0, count));
      memory.fill(0xee);
      return bytes;
    }
    return await one.recv(size, 0, options);
  }

  #failed(error: unknown): void {
    const isOfClose = this.#closed !== undefined && error instanceof socket.OSError;
    if (!isPassing(error) && !isOfClose) this.mistakes.push(`an unexpected error: ${String(error)}`);
  }
}
