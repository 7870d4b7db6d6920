import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Cut, CutKind, EndName } from './dialogue.ts';

/** A record begins with its type, the version, and the length of the rest. */
const HEADER = 5;

/** So many turns of the event loop without a byte are quiet. */
const QUIET_TURNS = 8;

/** Stands between a client and a server, and cuts their connection where it is told to. */
export class Relay {
  readonly #server: Server;
  readonly #target: number;
  readonly #cut: Cut | undefined;
  readonly #pairs: Pair[] = [];
  #activity = 0;

  private constructor(server: Server, target: number, cut: Cut | undefined) {
    this.#server = server;
    this.#target = target;
    this.#cut = cut;
    server.on('connection', (client) => this.#join(client));
  }

  /** @param target - the port of the server. */
  static async to(target: number, cut: Cut | undefined): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const relay = new Relay(server, target, cut);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  /** Where a client connects. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts the last connection. */
  cut(how: CutKind): void {
    this.#pairs.at(-1)?.cut(how);
  }

  /** Waits until nothing goes through. */
  async quiet(patience: number): Promise<void> {
    for (let turn = 0, seen = this.#activity; turn < QUIET_TURNS * patience; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#activity === seen) continue;
      seen = this.#activity;
      turn = -1;
    }
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) pair.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = new Pair({ client, server }, this.#pairs.length === 0 ? this.#cut : undefined, () => {
      this.#activity += 1;
    });
    this.#pairs.push(pair);
  }
}

/** One connection of a client, and one to the server. */
class Pair {
  readonly #ends: Readonly<Record<EndName, Socket>>;
  readonly #cut: Cut | undefined;
  readonly #onActivity: () => void;
  #isCut = false;

  constructor(ends: Readonly<Record<EndName, Socket>>, cut: Cut | undefined, onActivity: () => void) {
    this.#ends = ends;
    this.#cut = cut;
    this.#onActivity = onActivity;
    this.#forward('client', 'server');
    this.#forward('server', 'client');
  }

  cut(how: CutKind): void {
    this.#isCut = true;
    this.#onActivity();
    for (const end of Object.values(this.#ends)) {
      if (how === 'reset') end.resetAndDestroy();
      else if (how === 'close') end.destroySoon();
      else end.end();
    }
  }

  destroy(): void {
    for (const end of Object.values(this.#ends)) end.destroy();
  }

  #forward(from: EndName, to: EndName): void {
    const source = this.#ends[from];
    const target = this.#ends[to];
    const counter = this.#cut?.from === from ? new Counter(this.#cut) : undefined;
    source.on('data', (bytes: Buffer) => {
      this.#onActivity();
      if (this.#isCut) return;
      const allowed = counter?.allowed(bytes) ?? bytes.length;
      target.write(bytes.subarray(0, allowed), () => this.#onActivity());
      if (counter?.isThere === true) this.cut(counter.how);
    });
    source.on('end', () => {
      this.#onActivity();
      if (this.#isCut) return;
      // On Node 20 and 22 the end may be a reset that libuv hides (uv__stream_eof); an empty write brings it out.
      source.write('', (error) => {
        this.#onActivity();
        if (this.#isCut) return;
        if (error instanceof Error) target.resetAndDestroy();
        else target.end();
      });
    });
    source.on('error', () => {
      this.#onActivity();
      if (!this.#isCut) target.resetAndDestroy();
    });
    source.on('close', () => this.#onActivity());
  }
}

/** Counts records up to the place of the cut. */
class Counter {
  readonly #cut: Cut;
  #record = 0;
  /** The bytes of the record that have gone by. */
  #passed = 0;
  readonly #header = Buffer.alloc(HEADER);
  isThere = false;

  constructor(cut: Cut) {
    this.#cut = cut;
  }

  get how(): CutKind {
    return this.#cut.how;
  }

  /** How many of these bytes go through. */
  allowed(bytes: Buffer): number {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#isAtCut) {
        this.isThere = true;
        return at;
      }
      this.#count(bytes[at] ?? 0);
    }
    // A cut after a whole record does not wait for the next one.
    this.isThere = this.#isAtCut;
    return bytes.length;
  }

  get #isAtCut(): boolean {
    const { record, after } = this.#cut;
    return (this.#record === record && this.#passed >= after) || this.#record > record;
  }

  #count(byte: number): void {
    if (this.#passed < HEADER) this.#header[this.#passed] = byte;
    this.#passed += 1;
    if (this.#passed < HEADER || this.#passed < HEADER + this.#header.readUInt16BE(3)) return;
    this.#passed = 0;
    this.#record += 1;
  }
}
