import type { Address } from '../common/addresses.ts';
import { buffersOf, rangeError, size } from '../common/arguments.ts';
import { isOptions, signalOf, takeOptions } from '../common/call-options.ts';
import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SOCK_DGRAM,
} from '../common/constants.ts';
import type { AncillaryItem } from '../kernel/control.ts';
import { resolvedBytes, settled } from '../waiting/gate.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import type { Received, Source, TakeFlags } from '../transports/source.ts';
import { datagramsOf } from './bind.ts';
import { coreOf, refused, type Core } from './core.ts';
import { memoryFailure, targetOf, writableBytesOf } from './memory.ts';
import { receiveKernel, tryReceiveKernel, type KernelReceived } from './kernel-receive.ts';
import { kernelWay, type KernelWay } from './kernel-switch.ts';
import { Reading, ReadingInto } from './reading.ts';
import { openStream, plainStream } from './stream.ts';
import {
  begun,
  checkFlags,
  given,
  limitsOf,
  mayTry,
  tryNow,
  unlessFailed,
  wait,
  type Operation,
  type Wait,
} from './wait.ts';
import type { Sender } from '../waiting/waiters.ts';

/**
 * What `recvmsg()` gives: the bytes or how many, ancillary data, flags, and the sender's address or `null`.
 */
export type Message<T, A extends Address | null = Address | null> = [
  content: T,
  ancdata: AncillaryItem[],
  flags: number,
  address: A,
];

/** The flags of most calls. */
const PLAIN: TakeFlags = { all: false, peek: false, unlimited: true };

/** Receives bytes: waits until some have arrived, and takes those. */
export function recv(socket: unknown, bufsize: unknown, flags: unknown = 0, options?: unknown): Promise<Buffer> {
  try {
    if (flags !== 0 && options === undefined && isOptions(flags)) return recv(socket, bufsize, 0, flags);
    const core = coreOf(socket, 'recv');
    const length = size(bufsize, 'bufsize', 'negative buffersize in recv');
    const stream = length === 0 ? undefined : plainStream(core, flags, options);
    if (stream !== undefined) return read(core, stream, length, PLAIN, 0, undefined);
    const way = length === 0 ? undefined : wayBeyondNode(core, flags);
    if (way !== undefined) return receiveKernel(core, way, 'recv', { length, flags, options }, ({ data }) => data);
    const take = takeFlags(core, flags, 'recv');
    const signal = signalOf(options, 'recv');
    if (length === 0) return settled(Buffer.alloc(0));
    return read(core, sourceOf(core, 'recv'), length, take, Number(flags), signal);
  } catch (error) {
    return refused(error, 'recv');
  }
}

function read(
  core: Core,
  source: Source,
  length: number,
  take: TakeFlags,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const found = mayTry(source.readers, signal) ? source.read(length, take) : undefined;
  if (found !== undefined) return resolvedBytes(unlessFailed(core, 'recv', found));
  return begun(new Reading(core, source, length, take), limitsOf(core, flags, signal));
}

/** Receives bytes into the caller's memory. */
export function recvInto(
  socket: unknown,
  buffer: unknown,
  nbytes: unknown,
  flags: unknown,
  options: unknown,
): Promise<number> {
  try {
    const core = coreOf(socket, 'recvInto');
    if (!isOptions(nbytes) && !isOptions(flags)) return readInto(core, buffer, nbytes, flags, options);
    const given = takeOptions([nbytes, flags, options], 2, 'recvInto');
    return readInto(core, buffer, given.values[0], given.values[1], given.options);
  } catch (error) {
    return refused(error, 'recvInto');
  }
}

function readInto(
  core: Core,
  buffer: unknown,
  nbytes: unknown = 0,
  flags: unknown = 0,
  options: unknown,
): Promise<number> {
  const target = targetOf(buffer, nbytes, 'recv_into', 'buffer too small for requested bytes');
  const way = target.length === 0 ? undefined : wayBeyondNode(core, flags);
  if (way !== undefined) {
    const given = { length: target.length, flags, options, targets: [target] };
    return receiveKernel(core, way, 'recv', given, ({ data }) => filled(data, [target]));
  }
  const take = takeFlags(core, flags, 'recv');
  const signal = signalOf(options, 'recvInto');
  if (target.length === 0) return settled(0);
  const source = sourceOf(core, 'recv');
  const found = mayTry(source.readers, signal) ? source.readInto(target, take) : undefined;
  if (found !== undefined) return given(unlessFailed(core, 'recv', found));
  const limits = limitsOf(core, Number(flags), signal);
  return wait(core, 'recv', source.readers, new ReadingInto(source, target, take), limits);
}

/** Receives bytes and their sender. */
export function recvfrom(
  socket: unknown,
  bufsize: unknown,
  flags: unknown = 0,
  options?: unknown,
): Promise<[Buffer, Address | null]> {
  try {
    if (options === undefined && isOptions(flags)) return recvfrom(socket, bufsize, 0, flags);
    const core = coreOf(socket, 'recvfrom');
    core.rules.checkMethod('recvfrom');
    const length = size(bufsize, 'bufsize', 'negative buffersize in recvfrom');
    const way = wayBeyondNode(core, flags);
    if (way !== undefined) {
      const withAddress = ({ data, address }: KernelReceived): [Buffer, Address | null] => [data, address];
      return receiveKernel(core, way, 'recvfrom', { length, flags, options }, withAddress);
    }
    return receive(core, 'recvfrom', { length, flags, options }, withSender);
  } catch (error) {
    return refused(error, 'recvfrom');
  }
}

/** Receives bytes into the caller's memory, and their sender. */
export function recvfromInto(
  socket: unknown,
  buffer: unknown,
  ...optional: readonly unknown[]
): Promise<[number, Address | null]> {
  try {
    const core = coreOf(socket, 'recvfromInto');
    core.rules.checkMethod('recvfromInto');
    const { values, options } = takeOptions(optional, 2, 'recvfromInto');
    const [nbytes = 0, flags = 0] = values;
    const target = targetOf(buffer, nbytes, 'recvfrom_into', 'nbytes is greater than the length of the buffer');
    const way = wayBeyondNode(core, flags);
    if (way !== undefined) {
      const given = { length: target.length, flags, options, targets: [target] };
      return receiveKernel(core, way, 'recvfrom', given, ({ data, address }) => [filled(data, [target]), address]);
    }
    const into = (own: Core, taken: Received): [number, Address | null] => {
      target.set(taken.data);
      return [taken.data.length, sender(own, taken.from)];
    };
    return receive(core, 'recvfrom', { length: target.length, flags, options, targets: [target] }, into);
  } catch (error) {
    return refused(error, 'recvfromInto');
  }
}

/** Receives bytes, and whether the datagram was truncated. */
export function recvmsg(socket: unknown, bufsize: unknown, ...optional: readonly unknown[]): Promise<Message<Buffer>> {
  try {
    const core = coreOf(socket, 'recvmsg');
    core.rules.checkMethod('recvmsg');
    const { values, options } = takeOptions(optional, 2, 'recvmsg');
    const [ancbufsize = 0, flags = 0] = values;
    const length = size(bufsize, 'bufsize', 'negative buffer size in recvmsg()');
    const room = checkAncbufsize(ancbufsize);
    const way = wayBeyondNode(core, flags, room);
    if (way !== undefined) {
      const given = { length, ancbufsize: room, flags, options };
      return receiveKernel(core, way, 'recvmsg', given, (taken) => kernelMessage(taken.data, taken));
    }
    return receive(core, 'recvmsg', { length, flags, options }, withFlags);
  } catch (error) {
    return refused(error, 'recvmsg');
  }
}

/** Receives bytes into several pieces of memory, one after the other. */
export function recvmsgInto(
  socket: unknown,
  buffers: unknown,
  ...optional: readonly unknown[]
): Promise<Message<number>> {
  try {
    const core = coreOf(socket, 'recvmsgInto');
    core.rules.checkMethod('recvmsgInto');
    const { values, options } = takeOptions(optional, 2, 'recvmsgInto');
    const [ancbufsize = 0, flags = 0] = values;
    const targets = buffersOf(buffers, 'recvmsg_into() argument 1', writableBytesOf);
    const room = checkAncbufsize(ancbufsize);
    const length = targets.reduce((sum, target) => sum + target.length, 0);
    const way = wayBeyondNode(core, flags, room);
    if (way !== undefined) {
      const given = { length, ancbufsize: room, flags, options, targets };
      return receiveKernel(core, way, 'recvmsg', given, (taken) => kernelMessage(filled(taken.data, targets), taken));
    }
    const into = (own: Core, taken: Received): Message<number> => {
      scatter(taken.data, targets);
      return message(own, taken.data.length, taken);
    };
    return receive(core, 'recvmsg', { length, flags, options, targets }, into);
  } catch (error) {
    return refused(error, 'recvmsgInto');
  }
}

/**
 * Receives bytes that have arrived already, as `recv()` does, but without a promise; `undefined` where recv() would
 * have to wait. Errors are thrown.
 */
export function tryRecv(core: Core, bufsize: number): Buffer | undefined {
  if (core.state.kind === 'kernel') {
    const { socket } = core.state;
    return tryNow(core, 'recv', socket.readers, tryReceiveKernel(socket, bufsize), undefined);
  }
  const source = sourceOf(core, 'recv');
  const found = mayTry(source.readers, undefined) ? source.read(bufsize, takeFlags(core, 0, 'recv')) : undefined;
  return unlessFailed(core, 'recv', found);
}

/** The arguments of a call that also gives the sender. */
interface ReceiveArguments {
  /** How many bytes at most. */
  readonly length: number;
  readonly flags: unknown;
  readonly options: unknown;
  /** The caller's memory, where the bytes go. */
  readonly targets?: readonly Uint8Array[];
}

/** What a call that also gives the sender makes of what it has taken. */
type Result<T> = (core: Core, taken: Received) => T;

/** The common part of all calls that also give the sender. */
function receive<T>(
  core: Core,
  call: string,
  { length, flags, options, targets }: ReceiveArguments,
  result: Result<T>,
): Promise<T> {
  const take = takeFlags(core, flags, call);
  const signal = signalOf(options, call);
  const source = sourceOf(core, call);
  const found = mayTry(source.readers, signal) ? source.receive(length, take) : undefined;
  if (found !== undefined) return given(result(core, unlessFailed(core, call, found)));
  const receiving = new Receiving(core, source, length, take, result);
  const operation = targets === undefined ? receiving : new ReceivingInto(receiving, targets);
  return wait(core, call, source.readers, operation, limitsOf(core, Number(flags), signal));
}

function sourceOf(core: Core, call: string): Source {
  if (core.type === SOCK_DGRAM) return datagramsOf(core, call);
  return openStream(core, call, core.family === AF_UNIX ? 'EINVAL' : 'ENOTCONN');
}

function sender(core: Core, from: Endpoint | undefined): Address | null {
  return from === undefined ? null : core.address(from);
}

function withSender(core: Core, { data, from }: Received): [Buffer, Address | null] {
  return [data, sender(core, from)];
}

function withFlags(core: Core, taken: Received): Message<Buffer> {
  return message(core, taken.data, taken);
}

function message<T>(core: Core, content: T, { from, truncated }: Received): Message<T> {
  return [content, [], truncated ? MSG_TRUNC : 0, sender(core, from)];
}

function kernelMessage<T>(content: T, { items, flags, address }: KernelReceived): Message<T> {
  return [content, items, flags, address];
}

/** Writes what was received into the caller's memory, and gives how many bytes that were. */
function filled(data: Buffer, targets: readonly Uint8Array[]): number {
  scatter(data, targets);
  return data.length;
}

const RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL;

/**
 * How a call is made that needs more of the kernel than Node gives: flags of its own, or for recvmsg() ancillary data.
 * `undefined` where it needs no more, or cannot have it.
 */
function wayBeyondNode(core: Core, flags: unknown, ancbufsize?: number): KernelWay | undefined {
  if (core.state.kind === 'kernel') return core.state.socket;
  const wantsFlags = typeof flags === 'number' && (flags & ~RECEIVE_FLAGS) !== 0;
  const wantsMore = wantsFlags || (ancbufsize !== undefined && wantsAncillaryData(core, ancbufsize));
  return wantsMore ? kernelWay(core) : undefined;
}

/** Whether recvmsg() has to ask the kernel itself: for ancillary data, or for whether some was cut off. */
function wantsAncillaryData(core: Core, ancbufsize: number): boolean {
  return ancbufsize > 0 || core.family === AF_UNIX || core.chosenOptions?.areBeyondNode === true;
}

function takeFlags(core: Core, flags: unknown, syscall: string): TakeFlags {
  return flags === 0 && core.timeout === null ? PLAIN : checkedTakeFlags(core, flags, syscall);
}

function checkedTakeFlags(core: Core, flags: unknown, syscall: string): TakeFlags {
  const number = checkFlags(core, flags, RECEIVE_FLAGS, syscall);
  const unlimited = core.timeout === null && (number & MSG_DONTWAIT) === 0;
  // MSG_WAITALL works only on a blocking descriptor, and Python makes that of a socket with a time limit non-blocking.
  return { all: unlimited && (number & MSG_WAITALL) !== 0, peek: (number & MSG_PEEK) !== 0, unlimited };
}

/** What the calls do that also give the sender. */
class Receiving<T> implements Operation<T> {
  readonly #core: Core;
  readonly #source: Source;
  readonly #length: number;
  readonly #take: TakeFlags;
  readonly #result: Result<T>;

  constructor(core: Core, source: Source, length: number, take: TakeFlags, result: Result<T>) {
    this.#core = core;
    this.#source = source;
    this.#length = length;
    this.#take = take;
    this.#result = result;
  }

  attempt(): T | Failure | undefined {
    const taken = this.#source.receive(this.#length, this.#take);
    return taken === undefined || taken instanceof Failure ? taken : this.#result(this.#core, taken);
  }

  offer(bytes: Buffer, isLent: boolean, wait: Wait<T>, from?: Sender): number {
    // Bytes of a stream come without their sender, whom Linux names where a Unix peer has a path.
    const mayTake = !isLent && this.#core.type === SOCK_DGRAM && !this.#take.peek;
    if (!mayTake || bytes.length > this.#length) return 0;
    wait.give(this.#result(this.#core, { data: bytes, from, truncated: false }));
    return bytes.length;
  }
}

/** The same, into the caller's memory. */
class ReceivingInto<T> implements Operation<T> {
  readonly #receiving: Receiving<T>;
  readonly #targets: readonly Uint8Array[];
  readonly #lengths: readonly number[];

  constructor(receiving: Receiving<T>, targets: readonly Uint8Array[]) {
    this.#receiving = receiving;
    this.#targets = targets;
    this.#lengths = targets.map((target) => target.length);
  }

  attempt(): T | Failure | undefined {
    return this.#hasChanged ? memoryFailure() : this.#receiving.attempt();
  }

  offer(bytes: Buffer, isLent: boolean, wait: Wait<T>, from?: Sender): number {
    return this.#hasChanged ? 0 : this.#receiving.offer(bytes, isLent, wait, from);
  }

  get #hasChanged(): boolean {
    return this.#targets.some((target, index) => target.length !== this.#lengths[index]);
  }
}

function scatter(data: Buffer, targets: readonly Uint8Array[]): void {
  let offset = 0;
  for (const target of targets) {
    const part = data.subarray(offset, offset + target.length);
    target.set(part);
    offset += part.length;
  }
}

/** The length of ancillary data is a C `socklen_t`. */
function checkAncbufsize(ancbufsize: unknown): number {
  const text = 'invalid ancillary data buffer length';
  const room = size(ancbufsize, 'ancbufsize', text);
  if (room > 0x7fff_ffff) throw rangeError(text, ancbufsize);
  return room;
}
