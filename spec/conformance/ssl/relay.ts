import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Cut, CutKind, EndName } from './dialogue.ts';
import { turns } from './quiet.ts';

/** A record begins with its type, the version, and the length of the rest. */
const HEADER = 5;

/** So many turns of the event loop are enough for Node to read all that a socket has received. */
const READ_TURNS = 3;

const OTHER = { client: 'server', server: 'client' } as const;

/** Where a relay leads to, and where it cuts. */
export interface Route {
  /** The port of the server. */
  readonly target: number;
  readonly cut: Cut | undefined;
  /** Waits until both ends have taken all that they were sent. */
  settle(relay: Relay): Promise<void>;
}

/**
 * Stands between a client and a server, and cuts their connection where the route says so. What one end meets does not
 * depend on how fast the other is: all that has come from an end is passed on before anything is sent to it, and both
 * have read what was sent to them before the cut.
 */
export class Relay {
  readonly #server: Server;
  readonly #route: Route;
  readonly #pairs: Pair[] = [];
  #activity = 0;
  #tasks = 0;

  private constructor(server: Server, route: Route) {
    this.#server = server;
    this.#route = route;
    server.on('connection', (client) => this.#join(client));
  }

  static async to(route: Route): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const relay = new Relay(server, route);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  /** Where a client connects. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A number that grows with all that goes through. */
  get activity(): number {
    return this.#activity;
  }

  /** Whether something is about to be passed on, or to be cut. */
  get isBusy(): boolean {
    return this.#tasks > 0;
  }

  /** Cuts the last connection. */
  cut(how: CutKind): void {
    this.#pairs.at(-1)?.cut(how);
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) pair.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A task keeps the relay busy, and not while it waits for the kernel to take bytes. */
  onTask(change: 1 | -1): void {
    this.#activity += 1;
    this.#tasks += change;
  }

  async settle(): Promise<void> {
    await this.#route.settle(this);
  }

  #join(client: Socket): void {
    const { target, cut } = this.#route;
    const server = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#pairs.push(new Pair({ client, server }, this.#pairs.length === 0 ? cut : undefined, this));
  }
}

/** One connection of a client, and one to the server. */
class Pair {
  readonly #ends: Readonly<Record<EndName, Socket>>;
  readonly #cut: Cut | undefined;
  readonly #relay: Relay;
  /** What came from each end is passed on in its order. */
  readonly #last: Record<EndName, Promise<void>> = { client: Promise.resolve(), server: Promise.resolve() };
  readonly #hasEnded = { client: false, server: false };
  #isCut = false;

  constructor(ends: Readonly<Record<EndName, Socket>>, cut: Cut | undefined, relay: Relay) {
    this.#ends = ends;
    this.#cut = cut;
    this.#relay = relay;
    this.#forward('client');
    this.#forward('server');
  }

  cut(how: CutKind): void {
    this.#isCut = true;
    for (const end of Object.values(this.#ends)) {
      if (how === 'reset') end.resetAndDestroy();
      else if (how === 'close') end.destroySoon();
      else end.end();
    }
  }

  destroy(): void {
    this.#isCut = true;
    for (const end of Object.values(this.#ends)) end.destroy();
  }

  #forward(from: EndName): void {
    const source = this.#ends[from];
    const counter = this.#cut?.from === from ? new Counter(this.#cut) : undefined;
    source.on('data', (bytes: Buffer) => this.#do(from, () => this.#pass(from, bytes, counter)));
    source.on('end', () => this.#do(from, () => this.#passEnd(from)));
    source.on('error', () => this.#do(from, () => this.#passReset(from)));
  }

  #do(from: EndName, task: () => Promise<void> | void): void {
    this.#relay.onTask(1);
    this.#last[from] = this.#last[from].then(async () => {
      if (!this.#isCut) await task();
      this.#relay.onTask(-1);
    });
  }

  async #pass(from: EndName, bytes: Buffer, counter: Counter | undefined): Promise<void> {
    const allowed = counter?.allowed(bytes) ?? bytes.length;
    const isCutHere = counter?.isThere === true;
    this.#isCut = isCutHere;
    await this.#send(OTHER[from], bytes.subarray(0, allowed));
    if (!isCutHere || counter === undefined) return;
    await this.#relay.settle();
    this.cut(counter.how);
  }

  async #send(to: EndName, bytes: Buffer): Promise<void> {
    const target = this.#ends[to];
    // What the target has sent comes first: a write that fails would lose it.
    await turns(READ_TURNS);
    if (target.destroyed) return;
    this.#relay.onTask(-1);
    await written(target, bytes);
    this.#relay.onTask(1);
    if (this.#hasEnded[to]) await this.#isBroken(to);
  }

  async #passEnd(from: EndName): Promise<void> {
    this.#hasEnded[from] = true;
    // On Node 20 and 22 the end may be a reset that libuv hides (uv__stream_eof).
    const isReset = await this.#isBroken(from);
    const target = this.#ends[OTHER[from]];
    if (isReset) target.resetAndDestroy();
    else target.end();
  }

  #passReset(from: EndName): void {
    this.#ends[OTHER[from]].resetAndDestroy();
  }

  /** Node does not read from an end that has ended its output: an empty write tells whether it was reset since. */
  async #isBroken(name: EndName): Promise<boolean> {
    const end = this.#ends[name];
    await turns(READ_TURNS);
    return !end.destroyed && !end.writableEnded && (await written(end, Buffer.alloc(0))) !== undefined;
  }
}

/** Writes, and waits until the kernel has taken the bytes; the error, if there is one. */
async function written(to: Socket, bytes: Buffer): Promise<Error | undefined> {
  return await new Promise((resolve) => {
    to.write(bytes, (error) => resolve(error ?? undefined));
  });
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
