import { createHash } from 'node:crypto';
import * as socket from '../../lib/index.ts';
import { BLOCKS, type Names, type Program, type Result, type Step, type Value } from './program.ts';

/** The module's constants, by name. */
const MODULE = new Map<string, unknown>(Object.entries(socket));

/** Where the awaited calls take their options, of which `signal` ends those that block. */
const OPTIONS_AT: ReadonlyMap<string, number> = new Map([
  ['accept', 0],
  ['connect', 1],
  ['connect_ex', 1],
  ['recv', 2],
  ['recv_into', 3],
  ['recvfrom', 2],
  ['recvfrom_into', 3],
  ['recvmsg', 3],
  ['recvmsg_into', 3],
  ['send', 2],
  ['sendall', 2],
  ['sendmsg', 4],
]);

const SENDS = new Set(['send', 'sendall', 'sendto', 'sendmsg']);

/** How many turns of the event loop all that follows from a step may take. */
const TURNS = 6;

/** Python's name of a method as ours: `recv_into` is `recvInto`. */
function methodName(call: string): string {
  return call.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

function fill(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
}

/** Runs one program on our sockets. */
class Runner {
  readonly #names: Names;
  readonly #sockets = new Map<number, socket.Socket>();
  readonly #addresses = new Map<number, socket.Address>();
  readonly #ports = new Map<number, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  async run(program: Program): Promise<Result[]> {
    const results: Result[] = [];
    for (const step of program) {
      const result = await this.#step(step);
      results.push(result);
      if (result === 'blocks') break;
      for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const one of this.#sockets.values()) one.close();
    return results;
  }

  async #step(step: Step): Promise<Result> {
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), BLOCKS * 1000);
    try {
      return await this.#call(step, ending.signal);
    } catch (error) {
      if (error === ending.signal.reason) return 'blocks';
      if (error instanceof socket.OSError) return { error: error.name, errno: error.errno };
      if (error instanceof RangeError || error instanceof TypeError) return { error: error.name, errno: null };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #call({ on, call, args: values = [], into = on }: Step, signal: AbortSignal): Promise<Result> {
    const rooms: Buffer[] = [];
    const args = values.map((value) => this.#decode(value, rooms));
    if (call === 'socket') {
      const made: unknown = Reflect.apply(socket.socket, undefined, args);
      if (made instanceof socket.Socket) this.#put(on, made);
      return { value: 'a socket' };
    }
    const one = this.#sockets.get(on);
    if (one === undefined) return 'no socket';
    const method: unknown = Reflect.get(one, methodName(call));
    if (typeof method !== 'function') throw new Error(`no method ${call}`);
    const at = call === 'sendto' ? Math.max(2, args.length) : OPTIONS_AT.get(call);
    if (at !== undefined && args.length <= at) args[at] = { signal };
    const value: unknown = await Reflect.apply(method, one, args);
    this.#learn(on, call, one);
    if (call === 'accept' && Array.isArray(value) && value[0] instanceof socket.Socket) {
      this.#put(into, value[0]);
      this.#addresses.set(into, value[0].getsockname());
    }
    // Which number a descriptor has is the system's business.
    const result = { value: call === 'fileno' ? Number(value) >= 0 : this.#encode(value) };
    return rooms.length === 0 ? result : { ...result, room: this.#encode(Buffer.concat(rooms)) };
  }

  #learn(on: number, call: string, one: socket.Socket): void {
    const hasAddress = call === 'bind' || call === 'listen' || call === 'connect';
    if (hasAddress || (SENDS.has(call) && one.type === socket.SOCK_DGRAM)) this.#addresses.set(on, one.getsockname());
  }

  #put(on: number, one: socket.Socket): void {
    this.#sockets.get(on)?.close();
    this.#sockets.set(on, one);
    this.#addresses.delete(on);
  }

  #decode(value: Value, rooms: Buffer[]): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (isTuple(value)) return value.map((item) => this.#decode(item, rooms));
    if ('name' in value) return MODULE.get(value.name);
    if ('bytes' in value) return Buffer.from(value.bytes, 'hex');
    if ('fill' in value) return fill(value.fill);
    if ('room' in value) {
      const room = Buffer.alloc(value.room);
      rooms.push(room);
      return room;
    }
    if ('host' in value) return value.host === 4 ? this.#names.host : '::1';
    if ('path' in value) return `${this.#names.folder}/${value.path}`;
    if ('address' in value) return this.#addresses.get(value.address) ?? [this.#names.host, 1];
    if ('list' in value) return value.list.map((item) => this.#decode(item, rooms));
    return { nan: Number.NaN, inf: Infinity, '-inf': -Infinity }[value.number];
  }

  #encode(value: unknown): unknown {
    if (value === undefined) return null;
    if (value instanceof Buffer) return { bytes: value.length <= 32 ? value.toString('hex') : digest(value) };
    if (value instanceof socket.Socket) return 'a socket';
    if (typeof value === 'string') {
      return value.replaceAll(this.#names.host, 'HOST').replaceAll(this.#names.folder, 'FOLDER');
    }
    if (!Array.isArray(value)) return value;
    const [host, port, ...rest] = value as unknown[];
    const isAddress = typeof host === 'string' && typeof port === 'number' && (rest.length === 0 || rest.length === 2);
    if (isAddress) return [this.#encode(host), this.#port(port), ...rest];
    return value.map((item) => this.#encode(item));
  }

  /** Ports by the order in which they are seen, because the kernel chooses them. */
  #port(number: number): number | string {
    if (number < 1024) return number;
    const known = this.#ports.get(number) ?? `port ${this.#ports.size}`;
    this.#ports.set(number, known);
    return known;
  }
}

function isTuple(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function digest(value: Buffer): unknown {
  return [value.length, createHash('sha1').update(value).digest('hex')];
}

/** What our sockets make of a program. */
export async function runOurs(program: Program, names: Names): Promise<Result[]> {
  return await new Runner(names).run(program);
}
