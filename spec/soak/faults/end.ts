import { SHUT_WR, type Socket } from '../../../lib/index.ts';
import { nameOf, secured } from '../transport.ts';
import { bytesOf, type Plan, type Side } from './plan.ts';

/** What one direction has come to: how many bytes, and `done`, `end`, or the name of the error. */
export interface Direction {
  count: number;
  end: string;
}

/** What an end has seen. */
export interface Told {
  readonly sent: Direction;
  readonly received: Direction;
  /** The milliseconds of its slowest call. */
  readonly slowest: number;
  /** An error that is no OSError. */
  readonly strange: string | null;
}

export const WRONG_BYTES = 'WRONG BYTES';

/** Our end of a transfer: it sends and receives at the same time. */
class End {
  readonly sent: Direction = { count: 0, end: 'not begun' };
  readonly received: Direction = { count: 0, end: 'not begun' };
  slowest = 0;
  strange: string | null = null;
  readonly #plan: Plan;
  readonly #side: Side;

  constructor(plan: Plan, side: Side) {
    this.#plan = plan;
    this.#side = side;
  }

  async talk(connecting: Promise<Socket>): Promise<void> {
    const { limit, transport } = this.#plan;
    try {
      // A fault may come as early as this: the connection is reset before connect() returns.
      const raw = await connecting;
      raw.settimeout(limit);
      using sock = transport === 'TCP' ? raw : await this.#timed(secured(raw, this.#side));
      await Promise.all([this.#send(sock), this.#receive(sock)]);
    } catch (error) {
      this.sent.end = this.received.end = this.#named(error);
    }
  }

  async #send(sock: Socket): Promise<void> {
    const data = bytesOf(this.#plan, this.#side);
    try {
      while (this.sent.count < data.length) {
        const chunk = data.subarray(this.sent.count, this.sent.count + this.#plan.chunk);
        await this.#timed(sock.sendall(chunk));
        this.sent.count += chunk.length;
      }
      sock.shutdown(SHUT_WR);
      this.sent.end = 'done';
    } catch (error) {
      this.sent.end = this.#named(error);
    }
  }

  async #receive(sock: Socket): Promise<void> {
    const expected = bytesOf(this.#plan, this.#side === 'client' ? 'server' : 'client');
    try {
      for (;;) {
        const block = await this.#timed(sock.recv(65_536));
        if (block.length === 0) break;
        const before = this.received.count;
        this.received.count += block.length;
        if (!block.equals(expected.subarray(before, before + block.length))) {
          this.received.end = WRONG_BYTES;
          return;
        }
      }
      this.received.end = 'end';
    } catch (error) {
      this.received.end = this.#named(error);
    }
  }

  async #timed<T>(call: Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await call;
    } finally {
      this.slowest = Math.max(this.slowest, performance.now() - started);
    }
  }

  #named(error: unknown): string {
    const name = nameOf(error);
    if (name === undefined) this.strange = String(error);
    return error instanceof Error && error.name === 'TimeoutError' ? 'TimeoutError' : (name ?? 'no OSError');
  }
}

/** Runs our end over a connection, as soon as it is made, and closes it. */
export async function talk(connecting: Promise<Socket>, plan: Plan, side: Side): Promise<Told> {
  const end = new End(plan, side);
  await end.talk(connecting);
  return end;
}
