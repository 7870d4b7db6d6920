import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as socket from '../../lib/index.ts';
import * as select from '../../lib/select.ts';
import { receiveAll, sendAll } from './exchange.ts';
import { transfer } from './memory.ts';
import { BLOCKS, EXCHANGE_BLOCKS, type Manner, type Names, type Program, type Result, type Step } from './program.ts';
import { Values, type Used } from './values.ts';

/** The position of the options of each awaited call; their `signal` ends calls that block. */
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
  ['sendfile', 3],
  // Those of files.
  ['close', 0],
  ['flush', 0],
  ['peek', 1],
  ['read', 1],
  ['read1', 1],
  ['readinto', 1],
  ['readinto1', 1],
  ['readline', 1],
  ['readlines', 1],
  ['write', 1],
  ['writelines', 1],
]);

/** The number of required arguments before the options. */
const REQUIRED: ReadonlyMap<string, number> = new Map(
  ['accept', 'close', 'flush', 'peek', 'read', 'read1', 'readline', 'readlines'].map((call) => [call, 0]),
);

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Collects the garbage until an object is gone, and waits for what follows from it. Returns whether it is gone. */
async function collected(one: WeakRef<object>): Promise<boolean> {
  if (typeof collect !== 'function') throw new TypeError('gc() was expected');
  for (let round = 0; round < MOST_ROUNDS && one.deref() !== undefined; round += 1) {
    // The library keeps a new socket for a moment.
    await new Promise((resolve) => setTimeout(resolve, 20));
    Reflect.apply(collect, undefined, []);
    await turns(1);
  }
  await turns(TURNS);
  return one.deref() === undefined;
}

/** An object that is not collected by then is still referenced. */
const MOST_ROUNDS = 50;

const COPIES = new Set(['dup', 'detach', 'fromfd']);

const SENDS = new Set(['send', 'sendall', 'sendto', 'sendmsg']);

/** How many turns of the event loop the consequences of a step may take. */
const TURNS = 6;

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A file that `makefile()` has made. */
interface File {
  close(): Promise<void>;
}

/** Python's name of a method as ours: `recv_into` is `recvInto`. */
function methodName(call: string): string {
  return call.replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

/** Runs one program on our sockets. */
class Runner {
  readonly #values: Values;
  readonly #patience: number;
  /** The controller of the calls that share a signal; it is aborted when the program ends. */
  readonly #shared = new AbortController();
  readonly #objects = new Map<number, socket.Socket | File>();
  /** What was dropped and is still held by a file: Python closes such a socket together with its last file. */
  #held: readonly WeakRef<object>[] = [];

  constructor(names: Names, patience: number) {
    this.#values = new Values(names);
    this.#patience = patience;
  }

  async run(program: Program): Promise<Result[]> {
    const results: Result[] = [];
    for (const step of program) {
      const result = await this.#step(step);
      results.push(result);
      if (result === 'blocks') break;
      if (step.call === 'close' || step.call === 'makefile') await this.#collectHeld();
      await turns(step.ours?.turns ?? TURNS * this.#patience);
    }
    for (const one of this.#objects.values()) void close(one);
    return results;
  }

  async #step(step: Step): Promise<Result> {
    if (step.call === 'drop') return await this.#drop(step.on);
    const { options = 'own', memory = 'buffer' } = step.ours ?? {};
    const ending = options === 'shared' ? this.#shared : new AbortController();
    // Only a clock shows that a call blocks; Python's side has the same limit.
    const seconds = (step.call === 'exchange' ? EXCHANGE_BLOCKS : BLOCKS) * this.#patience;
    let timer: NodeJS.Timeout | undefined;
    const blocks = new Promise<'blocks'>((resolve) => {
      timer = setTimeout(() => {
        // A few turns later, so that a time limit passes first, even if a busy machine lets both timers fire in the
        // same turn.
        void turns(TURNS * this.#patience).then(() => {
          ending.abort();
          // A call without a signal ends when its socket is closed, at the end of the program.
          if (options !== 'own' && options !== 'shared') resolve('blocks');
        });
      }, seconds * 1000);
    });
    const used: Used = { kind: memory, rooms: [], sent: [], files: [] };
    try {
      return await Promise.race([outcome(ending.signal, () => this.#call(step, ending.signal, used)), blocks]);
    } finally {
      clearTimeout(timer);
      for (const file of used.files) await file.close();
    }
  }

  async #drop(on: number): Promise<Result> {
    const dropped = this.#forget(on);
    if (dropped === undefined) return 'no socket';
    this.#held = [...this.#held, dropped];
    await this.#collectHeld();
    return { value: null };
  }

  /** Has the garbage collected where nothing but a file that is closed by now can have held a socket. */
  async #collectHeld(): Promise<void> {
    const held: WeakRef<object>[] = [];
    for (const one of this.#held) if (!(await collected(one))) held.push(one);
    this.#held = held;
  }

  /** A function of its own, so that no variable of a waiting function keeps the object. */
  #forget(on: number): WeakRef<object> | undefined {
    const one = this.#objects.get(on);
    this.#objects.delete(on);
    this.#values.addresses.delete(on);
    return one === undefined ? undefined : new WeakRef(one);
  }

  async #call(step: Step, signal: AbortSignal, used: Used): Promise<Result> {
    const { on, call, into = on } = step;
    if (call === 'exchange') return await this.#exchange(step, signal);
    const args = await this.#values.decodeAll(step.args ?? [], used);
    if (call === 'socket') {
      const made: unknown = Reflect.apply(socket.socket, undefined, args);
      if (made instanceof socket.Socket) this.#put(on, made);
      return { value: 'a socket' };
    }
    if (call === 'socketpair') {
      const [family, type] = args.map(Number);
      const [one, other] = socket.socketpairSync(family, type);
      this.#put(on, one);
      this.#put(into, other);
      return { value: 'two sockets' };
    }
    const one = this.#objects.get(on);
    if (one === undefined) return 'no socket';
    if (call === 'select') return { value: await levels(one) };
    if (one instanceof socket.Socket && COPIES.has(call)) return this.#copy(one, call, into);
    if (!Reflect.has(one, methodName(call))) return 'no call';
    const method: unknown = Reflect.get(one, methodName(call));
    // An attribute, such as `closed`.
    if (typeof method !== 'function') return { value: this.#values.encode(method) };
    const at = optionsAt(step, args);
    const options = optionsOf(step.ours, signal);
    if (at !== undefined && options !== undefined && args.length <= at) args[at] = options;
    const value: unknown = await Reflect.apply(method, one, args);
    if (one instanceof socket.Socket) this.#learn(on, call, one);
    const made: unknown = Array.isArray(value) ? value[0] : undefined;
    if (call === 'accept' && isSocket(made)) {
      this.#put(into, made);
      this.#values.addresses.set(into, made.getsockname());
    }
    if (call === 'makefile' && isFile(value)) {
      this.#put(into, value);
      return { value: 'a file' };
    }
    // The system chooses the number of a descriptor.
    const result = { value: call === 'fileno' ? Number(value) >= 0 : this.#values.encode(value) };
    const room = Buffer.concat(used.rooms.map(({ bytes }) => bytes));
    if (![...used.rooms, ...used.sent].every((memory) => memory.isMarked())) throw new Error('written beside memory');
    const complete = used.rooms.length === 0 ? result : { ...result, room: this.#values.encode(room) };
    if (step.ours?.transfers === true) transfer([value, ...[...used.rooms, ...used.sent].map(({ given }) => given)]);
    return complete;
  }

  async #exchange({ on, into = on, args = [] }: Step, signal: AbortSignal): Promise<Result> {
    const sender = this.#objects.get(on);
    const receiver = this.#objects.get(into);
    if (!(sender instanceof socket.Socket) || !(receiver instanceof socket.Socket)) return 'no socket';
    if (sender.gettimeout() !== null || receiver.gettimeout() !== null) return 'does not wait';
    const [how = '', receives = ''] = args.filter((value) => typeof value === 'string');
    const [size = 0, part = 0] = args.filter((value) => typeof value === 'number');
    const exchange = { how, size, receives, part, path: how === 'sendfile' ? this.#values.file(size) : '' };
    const sending = outcome(signal, async () => ({ value: await sendAll(sender, exchange, signal) }));
    let length = 0;
    const received = await outcome(signal, async () => {
      const value = await receiveAll(receiver, exchange, signal);
      [length] = value;
      return { value };
    });
    // If the receiver does not receive all, the kernel's buffers decide how much can be sent.
    return length === size ? { value: [await sending, received] } : 'blocks';
  }

  /** Makes another socket of the descriptor, or of a copy of it. */
  #copy(one: socket.Socket, call: string, into: number): Result {
    const made = call === 'dup' ? one.dup() : ofDescriptor(one, call);
    if (made === undefined) return { value: -1 };
    this.#put(into, made);
    this.#values.addresses.set(into, made.getsockname());
    return { value: 'a socket' };
  }

  #learn(on: number, call: string, one: socket.Socket): void {
    const hasAddress = call === 'bind' || call === 'listen' || call === 'connect';
    if (hasAddress || (SENDS.has(call) && one.type === socket.SOCK_DGRAM)) {
      this.#values.addresses.set(on, one.getsockname());
    }
  }

  #put(on: number, one: socket.Socket | File): void {
    const old = this.#objects.get(on);
    if (old !== undefined) void close(old);
    this.#objects.set(on, one);
    this.#values.addresses.delete(on);
  }
}

/** What select(2) and poll(2) say of a socket, or of a file's; Node does not tell how a Unix peer has closed. */
async function levels(one: socket.Socket | File): Promise<[lists: string, events: number]> {
  const object = one as select.FileObject;
  const isSure = one instanceof socket.Socket && one.family !== socket.AF_UNIX;
  const ready = await select.select([object], [object], [object], 0);
  const poller = select.poll();
  poller.register(object, 0x7fff);
  const [found] = await poller.poll(0);
  return [
    ready.map((list, index) => (list.length > 0 ? 'rwx'[index] : '')).join(''),
    (found?.[1] ?? 0) & (isSure ? -1 : ~(select.POLLHUP | select.POLLERR)),
  ];
}

/** The position of a call's options, if it takes any. */
function optionsAt({ call, ours }: Step, args: readonly unknown[]): number | undefined {
  if (call === 'sendto') return sendtoOptionsAt(args);
  const last = OPTIONS_AT.get(call);
  const isEarly = ours?.early === true && args.length >= (REQUIRED.get(call) ?? 1);
  return last !== undefined && isEarly ? Math.min(args.length, last) : last;
}

/** The options of a call. */
function optionsOf({ options = 'own' }: Manner = {}, signal: AbortSignal): socket.WaitOptions | undefined {
  if (options === 'none') return undefined;
  if (options === 'empty') return {};
  return { signal: options === 'null' ? null : signal };
}

/** After the address; a call without one fails and does not wait. */
function sendtoOptionsAt(args: readonly unknown[]): number | undefined {
  return args.length < 2 || typeof args.at(-1) === 'number' ? undefined : args.length;
}

/** The socket of a descriptor that was detached, or of a copy of it. */
function ofDescriptor(one: socket.Socket, call: string): socket.Socket | undefined {
  if (call === 'fromfd') return socket.fromfd(one.fileno(), one.family, one.type);
  const descriptor = one.detach();
  return descriptor < 0 ? undefined : new socket.Socket(-1, -1, -1, descriptor);
}

function isSocket(value: unknown): value is socket.Socket {
  return value instanceof socket.Socket;
}

function isFile(value: unknown): value is File {
  return typeof value === 'object' && value !== null && 'close' in value;
}

/** Closes a socket or a file that no step uses any more; a file's flush may fail. */
async function close(one: socket.Socket | File): Promise<void> {
  try {
    await one.close();
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
  }
}

/** The outcome of a call, or `blocks` where the signal ended it. */
async function outcome(signal: AbortSignal, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error === signal.reason) return 'blocks';
    if (error instanceof socket.OSError) {
      const number = 'charactersWritten' in error ? error.charactersWritten : undefined;
      const written = typeof number === 'number' ? { written: number } : {};
      return { error: error.name, errno: error.errno, ...written };
    }
    if (error instanceof RangeError || error instanceof TypeError) return { error: error.name, errno: null };
    throw error;
  }
}

/** The results of a program on our sockets; with more patience, calls may take longer. */
export async function runOurs(program: Program, names: Names, patience: number): Promise<Result[]> {
  return await new Runner(names, patience).run(program);
}
