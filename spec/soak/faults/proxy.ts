import { setImmediate } from 'node:timers/promises';
import * as socket from '../../../lib/index.ts';
import type { Socket } from '../../../lib/index.ts';
import { reset } from '../../support/peer.ts';
import { nameOf } from '../transport.ts';
import { Deferred } from './deferred.ts';
import type { Fault, Side } from './plan.ts';

/** A proxy for one connection, which does something to the bytes that go to one side. */

/** Bytes that are gathered are sent when so many milliseconds bring no more: the other end may wait for them. */
const QUIET = 10;

export class FaultProxy {
  /** Whether the fault has taken effect. */
  hasActed = false;
  /** Errors that are no OSErrors. */
  readonly strange: string[] = [];
  readonly #fault: Fault;
  readonly #sides: Readonly<Record<Side, Socket>>;
  /** Resolved when a stall may end. */
  readonly #released = new Deferred<void>();

  constructor(fault: Fault, client: Socket, server: Socket) {
    this.#fault = fault;
    this.#sides = { client, server };
  }

  /** Passes everything on, until both directions have ended. */
  async run(): Promise<void> {
    await Promise.all([this.#guarded('client'), this.#guarded('server')]);
  }

  /** Ends all of it. */
  close(): void {
    this.#released.resolve();
    for (const one of Object.values(this.#sides)) one.close();
  }

  async #guarded(to: Side): Promise<void> {
    try {
      await this.#pass(to);
    } catch (error) {
      if (nameOf(error) === undefined) this.strange.push(String(error));
      // What has failed on one side fails on the other. A socket that the fault has closed is the fault's.
      if (!this.hasActed || this.#fault.kind === 'half-close') this.#resetAll();
    }
  }

  async #pass(to: Side): Promise<void> {
    const [from, into] =
      to === 'client' ? [this.#sides.server, this.#sides.client] : [this.#sides.client, this.#sides.server];
    const { kind, towards, position } = this.#fault;
    let passed = 0;
    for (;;) {
      const block = await from.recv(65_536);
      if (block.length === 0) break;
      if (towards !== to || passed + block.length <= position) {
        await into.sendall(block);
        passed += block.length;
        continue;
      }
      // From here on it is the fault's.
      const before = Math.max(0, position - passed);
      await into.sendall(block.subarray(0, before));
      this.hasActed = true;
      const rest = block.subarray(before);
      if (kind === 'cut') {
        this.close();
        return;
      }
      if (kind === 'reset') {
        this.#resetAll();
        return;
      }
      if (kind === 'stall') {
        await this.#released.promise;
        return;
      }
      if (kind === 'half-close') {
        into.shutdown(socket.SHUT_WR);
        while ((await from.recv(65_536)).length > 0);
        return;
      }
      await this.#altered(from, into, rest);
      break;
    }
    into.shutdown(socket.SHUT_WR);
  }

  /** Passes on all that comes, in other portions or at other times. */
  async #altered(from: Socket, into: Socket, first: Buffer): Promise<void> {
    const { kind, length, milliseconds } = this.#fault;
    if (kind === 'coalesce') {
      await this.#gathered(from, into, first);
      return;
    }
    let single = length;
    for (let block = first; block.length > 0; block = await from.recv(65_536)) {
      if (kind === 'delay') {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        await into.sendall(block);
        continue;
      }
      const ones = Math.min(single, block.length);
      for (let index = 0; index < ones; index += 1) {
        await into.sendall(block.subarray(index, index + 1));
        await setImmediate();
      }
      single -= ones;
      await into.sendall(block.subarray(ones));
    }
  }

  async #gathered(from: Socket, into: Socket, first: Buffer): Promise<void> {
    let blocks = [first];
    for (;;) {
      const block = await this.#soon(from, blocks.length > 0);
      if (block !== undefined && block.length > 0) blocks.push(block);
      const size = blocks.reduce((sum, one) => sum + one.length, 0);
      const isEnd = block?.length === 0;
      if (isEnd || block === undefined || size >= this.#fault.length * 100) {
        await into.sendall(Buffer.concat(blocks));
        blocks = [];
      }
      if (isEnd) return;
    }
  }

  /** The next bytes; `undefined` where there are some to send, and no more come. */
  async #soon(from: Socket, isUrgent: boolean): Promise<Buffer | undefined> {
    if (!isUrgent) return await from.recv(65_536);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), QUIET);
    try {
      return await from.recv(65_536, 0, { signal: controller.signal });
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #resetAll(): void {
    for (const one of Object.values(this.#sides)) if (one.fileno() !== -1) reset(one);
    this.#released.resolve();
  }
}
