import { buffersOf, bytesOf, int, rangeError, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, takeOptions } from '../common/call-options.ts';
import { AF_INET, AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM, SOCK_STREAM } from '../common/constants.ts';
import { unlessAborted } from '../waiting/abort.ts';
import { controlOf } from '../kernel/control.ts';
import type { KernelSocket } from '../kernel/kernel-socket.ts';
import { ancillaryItems, listOf } from './ancillary-items.ts';
import { awaited, DONE } from '../waiting/gate.ts';
import { tryConsume } from '../waiting/fairness.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import { checkFilePart, piecesOf, type SendableFile } from '../files/sendable-file.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import type { Stream } from '../transports/stream.ts';
import { boundDatagrams } from './bind.ts';
import { calleeOf, coreOf, refused, type Core } from './core.ts';
import { kernelTarget } from './kernel-address.ts';
import { kernelFlags } from './kernel-calls.ts';
import { KernelPartialSending, KernelSending, sendKernel } from './kernel-send.ts';
import { kernelWay, Switch, whyNoKernel, type KernelWay } from './kernel-switch.ts';
import { memoryFailure } from './memory.ts';
import { sendDatagram, type Sending } from './sending.ts';
import { openStream, plainStream } from './stream.ts';
import { resolve, targetOf } from './address.ts';
import type { Target } from './target.ts';
import { checkFlags, given, limitsOf, mayTry, nothing, tryNow, unlessFailed, wait } from './wait.ts';

/**
 * How many bytes are handed to Node at a time. This bounds what a send that ends early leaves with Node, and costs a
 * large send little.
 */
const SEND_PIECE = 256 * 1024;

const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** Sends bytes: waits until the kernel has all of them. */
export function send(socket: unknown, data: unknown, flags: unknown = 0, options?: unknown): Promise<number> {
  try {
    if (options === undefined && isOptions(flags)) return send(socket, data, 0, flags);
    const core = coreOf(socket, 'send');
    const bytes = bytesOf(data);
    const known = sendFlags(core, flags);
    return sendNow(core, bytes, known, signalOf(options, 'send'));
  } catch (error) {
    return refused(error, 'send');
  }
}

/** Sends all of the bytes. */
export function sendall(socket: unknown, data: unknown, flags: unknown = 0, options?: unknown): Promise<void> {
  try {
    if (flags !== 0 && options === undefined && isOptions(flags)) return sendall(socket, data, 0, flags);
    const core = coreOf(socket, 'sendall');
    const bytes = bytesOf(data);
    const stream = bytes.length <= SEND_PIECE ? plainStream(core, flags, options) : undefined;
    if (stream !== undefined) {
      const sent = beginOn(core, WHOLE, stream, bytes, false, undefined);
      return typeof sent === 'number' ? DONE : goOn(core, sent, 0, undefined).then(nothing);
    }
    const known = sendFlags(core, flags);
    const signal = signalOf(options, 'sendall');
    const sent = begin(core, WHOLE, bytes, known, signal);
    // Most sends are done by now; they need no async function, which would slow small sends down.
    return typeof sent === 'number' ? DONE : goOn(core, sent, known, signal).then(nothing);
  } catch (error) {
    return refused(error, 'sendall');
  }
}

/** Sends a datagram to an address: `(data, address, options)` or `(data, flags, address, options)`. */
export function sendto(
  socket: unknown,
  data: unknown,
  flagsOrAddress: unknown,
  addressOrOptions: unknown,
  options: unknown,
): Promise<number> {
  try {
    const core = coreOf(socket, 'sendto');
    core.rules.checkMethod('sendto');
    const bytes = bytesOf(data);
    // Without an argument after it, a number is a wrong address and not flags, as in Python.
    const isNumber = typeof flagsOrAddress === 'number' || typeof flagsOrAddress === 'boolean';
    const hasFlags = isNumber && addressOrOptions !== undefined;
    if (!hasFlags && options !== undefined) {
      throw typeError('sendto() takes 3 arguments and options', options);
    }
    const flags = sendFlags(core, hasFlags ? flagsOrAddress : 0);
    const address = hasFlags ? addressOrOptions : flagsOrAddress;
    const waitOptions = hasFlags ? options : addressOrOptions;
    const way = wayBeyondNode(core, flags);
    if (way !== undefined) {
      const to = kernelTarget(core, 'sendto', address);
      return sendKernel(core, way, 'send', { bytes, flags }, to, signalOf(waitOptions, 'sendto'));
    }
    const target = destination(core, 'sendto', address);
    return sendTo(core, 'sendto', bytes, flags, target, signalOf(waitOptions, 'sendto'));
  } catch (error) {
    return refused(error, 'sendto');
  }
}

/** Sends the bytes of several pieces as one. */
export function sendmsg(socket: unknown, buffers: unknown, ...optional: readonly unknown[]): Promise<number> {
  try {
    const core = coreOf(socket, 'sendmsg');
    core.rules.checkMethod('sendmsg');
    const [first, ...others] = optional;
    const { values, options } = takeOptions([listOf(first), ...others], 3, 'sendmsg');
    const [ancdata = [], flags = 0, address = null] = values;
    const bytes = Buffer.concat(buffersOf(buffers, 'sendmsg() argument 1'));
    const items = ancillaryItems(ancdata);
    const known = sendFlags(core, flags, 'sendmsg');
    const way = wayBeyondNode(core, known, items.length > 0);
    if (way !== undefined) {
      const to = address === null ? undefined : kernelTarget(core, 'sendmsg', address);
      const message = { bytes, control: items.length === 0 ? undefined : controlOf(items), flags: known };
      return sendKernel(core, way, 'sendmsg', message, to, signalOf(options, 'sendmsg'));
    }
    if (items.length > 0) throw noAncillaryData(core);
    const target = address === null ? undefined : destination(core, 'sendmsg', address);
    return sendTo(core, 'sendmsg', bytes, known, target, signalOf(options, 'sendmsg'));
  } catch (error) {
    return refused(error, 'sendmsg');
  }
}

/** Sends a file, or a part of it, in little memory whatever its size. */
export function sendfile(socket: unknown, file: SendableFile, ...optional: readonly unknown[]): Promise<number> {
  return awaited(() => {
    const core = coreOf(socket, 'sendfile');
    const { values, options } = takeOptions(optional, 2, 'sendfile');
    const [offset = 0, count = null] = values;
    const part = checkFilePart(file, offset, count);
    const signal = signalOf(options, 'sendfile');
    // By the bit, as Python: SOCK_SEQPACKET has it, too, and gets a message for each piece.
    if ((core.type & SOCK_STREAM) === 0) {
      throw rangeError('only SOCK_STREAM type sockets are supported', socket);
    }
    if (core.timeout === 0) throw rangeError('non-blocking sockets are not supported', socket);
    return sendPieces(core, piecesOf(file, part), signal);
  }, calleeOf('sendfile'));
}

async function sendPieces(
  core: Core,
  pieces: AsyncIterator<Uint8Array, void>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const closing = core.state.kind === 'closed' ? undefined : core.closing;
  let sent = 0;
  for (;;) {
    const piece = await nextPiece(core, pieces, signal, closing);
    if (piece === undefined) return sent;
    await sendall(core, piece, 0, { signal });
    sent += piece.length;
  }
}

/** The file's next bytes, unless the signal is aborted or the socket is closed first. */
async function nextPiece(
  core: Core,
  pieces: AsyncIterator<Uint8Array, void>,
  signal: AbortSignal | undefined,
  closing: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  signal?.throwIfAborted();
  try {
    const { value } = await unlessAborted(unlessAborted(pieces.next(), signal), closing);
    return value ?? undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (closing?.aborted === true) core.checkOpen('sendfile');
    throw error;
  }
}

/**
 * Sends bytes as {@link send} does, out of memory that does not change even if the signal ends the wait: so nothing is
 * copied. Gives the count without a promise where the bytes are sent at once; throws the error of the first attempt.
 */
export function sendKept(core: Core, bytes: Buffer, signal: AbortSignal | undefined): number | Promise<number> {
  const sent = begin(core, PARTIAL_OF_KEPT, bytes, 0, signal);
  return typeof sent === 'number' ? sent : goOn(core, sent, 0, signal);
}

function sendTo(
  core: Core,
  call: string,
  bytes: Buffer,
  flags: number,
  target: Target | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (target !== undefined && core.family === AF_UNIX) {
    core.checkOpen(call);
    // TCP takes no notice of an address; Unix streams refuse it (unix_stream_sendmsg).
    throw core.error(core.state.kind === 'connected' ? 'EISCONN' : 'ENOTSUP', call);
  }
  if (target === undefined || target.endpoint !== undefined || core.type !== SOCK_DGRAM) {
    return sendNow(core, bytes, flags, signal, target?.endpoint);
  }
  core.checkOpen(call);
  signal?.throwIfAborted();
  return awaited(() => sendResolved(core, call, bytes, flags, target, signal));
}

async function sendResolved(
  core: Core,
  call: string,
  bytes: Buffer,
  flags: number,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<number> {
  const endpoint = await resolve(core, call, target, limitsOf(core, flags, signal));
  return await sendNow(core, bytes, flags, signal, endpoint);
}

/** Most datagrams go where the one before went, so an address that was checked already is not checked again. */
function destination(core: Core, call: string, address: unknown): Target {
  const { state } = core;
  const last = state.kind === 'datagrams' ? state.lastTarget : undefined;
  if (
    last !== undefined &&
    Array.isArray(address) &&
    address.length === 2 &&
    address[0] === last.host &&
    address[1] === last.port
  )
    return last;
  const target = targetOf(core, call, address);
  // What an IPv6 host means may depend on the interfaces that exist.
  const isFixed = core.family === AF_INET && target.endpoint !== undefined;
  if (state.kind === 'datagrams' && isFixed) state.lastTarget = target;
  return target;
}

function sendNow(
  core: Core,
  bytes: Buffer,
  flags: number,
  signal: AbortSignal | undefined,
  to?: Endpoint,
): Promise<number> {
  const sent = begin(core, PARTIAL, bytes, flags, signal, to);
  return typeof sent === 'number' ? given(sent) : goOn(core, sent, flags, signal);
}

/**
 * The first attempt of all sends. Most are done with it, and need no object: it gives the count. Otherwise it gives what
 * goes on.
 */
function begin(
  core: Core,
  kinds: SendingKinds,
  bytes: Buffer,
  flags: number,
  signal: AbortSignal | undefined,
  to?: Endpoint,
): number | Sending {
  // The call may end before the kernel has the bytes: the caller may then change the memory.
  const copies = core.timeout !== null || (!kinds.areKept && (flags !== 0 || signal !== undefined));
  const way = wayBeyondNode(core, flags);
  if (way !== undefined) return tried(core, sendingBy(core, way, kinds, bytes, flags), signal);
  if (core.type === SOCK_DGRAM) return sendDatagram(core, bytes, { copies, flags, signal }, to);
  const stream = openStream(core, 'send', core.family === AF_UNIX ? 'ENOTCONN' : 'EPIPE');
  if (bytes.length > SEND_PIECE) return tried(core, new kinds.OfStream(stream, bytes, copies), signal);
  return beginOn(core, kinds, stream, bytes, copies, signal);
}

function tried(core: Core, sending: Sending, signal: AbortSignal | undefined): number | Sending {
  return tryNow(core, 'send', sending.waiters, sending, signal) ?? sending;
}

/** The first attempt of a send of one piece over a connection. */
function beginOn(
  core: Core,
  kinds: SendingKinds,
  stream: Stream,
  bytes: Buffer,
  copies: boolean,
  signal: AbortSignal | undefined,
): number | Sending {
  const taken = mayTry(stream.writers, signal) ? stream.write(bytes, copies) : undefined;
  const count = unlessFailed(core, 'send', taken);
  return count === bytes.length && stream.isFlushed ? count : new kinds.OfStream(stream, bytes, copies, count);
}

function goOn(core: Core, sending: Sending, flags: number, signal: AbortSignal | undefined): Promise<number> {
  return wait(core, 'send', sending.waiters, sending, limitsOf(core, flags, signal));
}

/** A send that needs more of the kernel than Node gives. */
function sendingBy(core: Core, way: KernelWay, kinds: SendingKinds, bytes: Buffer, flags: number): Sending {
  const made = (socket: KernelSocket): KernelSending =>
    new (kinds.isPartial ? KernelPartialSending : KernelSending)(core, socket, { bytes, flags });
  return way instanceof Switch ? { ...way.operation(made), waiters: way.writers } : made(way);
}

/** A send over a connection, which goes piece by piece. */
class StreamSending implements Sending {
  readonly #stream: Stream;
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #copies: boolean;
  /** How many bytes Node has; for an empty send, the kernel is still asked whether the connection is open. */
  protected sent: number | undefined;

  constructor(stream: Stream, bytes: Buffer, copies: boolean, sent?: number) {
    this.sent = sent;
    this.#stream = stream;
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.#copies = copies;
  }

  get waiters(): WaiterList {
    return this.#stream.writers;
  }

  attempt(): number | Failure | undefined {
    if (this.#bytes.length !== this.#length) return memoryFailure();
    while (this.sent === undefined || this.sent < this.#length) {
      // Others have their turn before the next piece.
      if (this.sent !== undefined && !tryConsume()) {
        this.waiters.rest();
        return;
      }
      const start = this.sent ?? 0;
      const piece =
        this.#length <= SEND_PIECE && start === 0 ? this.#bytes : this.#bytes.subarray(start, start + SEND_PIECE);
      const taken = this.#stream.write(piece, this.#copies);
      if (typeof taken !== 'number') return taken;
      this.sent = start + taken;
    }
    const flushed = this.#stream.flushed();
    return flushed === true ? this.sent : flushed;
  }
}

/** A send over a connection that may send fewer bytes when it times out. */
class PartialSending extends StreamSending {
  part(): number | undefined {
    return this.sent === 0 ? undefined : this.sent;
  }
}

/** How a send goes over a connection. */
interface SendingKinds {
  readonly OfStream: typeof StreamSending;
  /** Whether it may send fewer bytes where the call times out. */
  readonly isPartial: boolean;
  /** Whether the memory stays as it is, even if the call ends before the kernel has the bytes. */
  readonly areKept: boolean;
}

/** All of the bytes, or an error. */
const WHOLE: SendingKinds = { OfStream: StreamSending, isPartial: false, areKept: false };

/** Fewer bytes where the call times out. */
const PARTIAL: SendingKinds = { OfStream: PartialSending, isPartial: true, areKept: false };
const PARTIAL_OF_KEPT: SendingKinds = { ...PARTIAL, areKept: true };

/** The flags of a send: the kernel takes all of its own, Node passes none on. */
function sendFlags(core: Core, flags: unknown, call = 'send'): number {
  if (flags === 0) return 0;
  const number = int(flags, 'flags');
  const way = wayBeyondNode(core, number);
  return way === undefined ? checkFlags(core, flags, SEND_FLAGS, 'send') : kernelFlags(call, number);
}

/**
 * How a send is made that needs more of the kernel than Node gives: flags of its own, or ancillary data. `undefined` where
 * it needs no more, or cannot have it. A socket for datagrams is bound by this, as by each send.
 */
function wayBeyondNode(core: Core, flags: number, hasItems = false): KernelWay | undefined {
  if (core.state.kind === 'kernel') return core.state.socket;
  if (!hasItems && (flags & ~SEND_FLAGS) === 0) return undefined;
  if (core.state.kind === 'datagrams') boundDatagrams(core, 'send');
  return kernelWay(core);
}

/** The error of a send with ancillary data over a socket that has none. */
function noAncillaryData(core: Core): Error {
  core.checkOpen('sendmsg');
  const { reason, cause } = whyNoKernel(core);
  return core.error(new Failure('ENOTSUP', cause, reason), 'sendmsg', 'with ancillary data');
}
