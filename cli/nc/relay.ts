import { setTimeout as sleep } from 'node:timers/promises';
import * as socket from '../../lib/index.ts';
import { output, type Input } from './input.ts';
import type { Options } from './options.ts';

/** Datagrams that are sent are no longer than those of Debian's nc. */
const LONGEST_SENT = 16_384;
const LONGEST_RECEIVED = 65_536;

/** Ends a conversation before both directions have ended, because the user has set a time. */
class Enough extends Error {}

/** A conversation between the terminal, or two pipes, and a socket. */
class Relay {
  readonly #sock: socket.Socket;
  readonly #input: Input;
  readonly #options: Options;
  readonly #ending = new AbortController();
  /** When the last bytes passed, in either direction. */
  #active = performance.now();

  constructor(sock: socket.Socket, input: Input, options: Options) {
    this.#sock = sock;
    this.#input = input;
    this.#options = options;
    sock.settimeout(options.timeout ?? null);
  }

  async run(): Promise<void> {
    const [sending, receiving] = [this.#send(), this.#receive()];
    // Where one of the two decides, the other one may still fail.
    for (const each of [sending, receiving]) each.catch(() => undefined);
    // A server does not wait for the rest of its input once the client has gone, and a person has nothing more to say.
    const isPatient = !this.#options.listen && !process.stdin.isTTY;
    try {
      if (isPatient) await Promise.all([sending, receiving]);
      else await Promise.race([receiving, sending.then(async () => await receiving)]);
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    } finally {
      this.#ending.abort();
    }
  }

  async #send(): Promise<void> {
    const { signal } = this.#ending;
    for (let block = await this.#input.next(signal); block !== undefined; block = await this.#input.next(signal)) {
      for (let sent = 0; sent < block.length; sent += LONGEST_SENT) {
        await this.#sock.sendall(block.subarray(sent, sent + LONGEST_SENT), { signal });
        this.#active = performance.now();
      }
    }
    if (signal.aborted) return;
    const { quit, shutdown = true } = this.#options;
    if (shutdown && this.#sock.type === socket.SOCK_STREAM) this.#sock.shutdown(socket.SHUT_WR);
    if (quit === undefined) return;
    await sleep(quit * 1000, undefined, { signal });
    throw new Enough();
  }

  async #receive(): Promise<void> {
    const isStream = this.#sock.type === socket.SOCK_STREAM;
    while (true) {
      const block = await this.#recv();
      // An empty datagram is not the end of anything.
      if (block.length === 0 && isStream) return;
      this.#active = performance.now();
      await output(block);
    }
  }

  async #recv(): Promise<Buffer> {
    while (true) {
      try {
        return await this.#sock.recv(LONGEST_RECEIVED, { signal: this.#ending.signal });
      } catch (error) {
        if (!(error instanceof socket.TimeoutError)) throw error;
        if (performance.now() - this.#active >= (this.#options.timeout ?? 0) * 1000) throw new Enough();
      }
    }
  }
}

/** Carries bytes both ways between the input and output of the process and a socket, and closes the socket. */
export async function relay(sock: socket.Socket, input: Input, options: Options): Promise<void> {
  try {
    await new Relay(sock, input, options).run();
  } finally {
    sock.close();
  }
}
