import type { AddressLike } from './addresses.ts';
import { buffersOf, bytesOf, received, type Data } from './arguments.ts';
import { AF_INET, AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM, SOCK_STREAM } from './constants.ts';
import { mayAnswerAtOnce, turned } from './queues/turns.ts';
import type { WaiterList } from './queues/waiters.ts';
import { ReceivingSocket } from './receiving-socket.ts';
import { checkFilePart, piecesOf, type SendableFile } from './sendable-file.ts';
import { isUnix, type Endpoint } from './transports/endpoint.ts';
import type { Failure } from './transports/failure.ts';
import type { Stream } from './transports/stream.ts';
import { checkFlags, NO_OPTIONS, rejected, type Operation, type Target, type WaitOptions } from './waiting-socket.ts';

/**
 * How much of what is to be sent is handed to Node at a time. It bounds what a send that ends early leaves with Node,
 * and costs under 10 % of a large send's speed.
 */
const SEND_PIECE = 256 * 1024;

const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** How a socket sends. */
export abstract class SendingSocket extends ReceivingSocket {
  /** Where the last datagram went that was sent to a numeric address. */
  #lastTarget: Target | undefined;

  /**
   * Sends bytes: waits until the kernel has all of them, so that a sender never outruns its receiver by more than the
   * kernel's buffers. Sends that run at the same time go out whole, in the order of the calls.
   *
   * @param data - the bytes, or a string, which goes out as UTF-8. The memory may be used again once the promise is
   * settled, but not before, and not after `close()` ended the call.
   * @param flags - `MSG_DONTWAIT` sends what can be sent at once, and raises BlockingIOError if that is nothing.
   * @param options - `signal` ends the wait; how much has gone out by then is not known.
   * @returns how many bytes were sent: all, or fewer when the time limit was over before the rest could go.
   * @throws TypeError for the arguments; OSError: BrokenPipeError without a connection, after `shutdown(SHUT_WR)` and
   * once the peer has closed; ConnectionResetError; EBADF if the socket is or gets closed; TimeoutError and
   * BlockingIOError if nothing could be sent.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.send
   *
   * Differs from Python in that strings may be sent, and that up to 256 KiB may count as sent when the time is over
   * although they are still on their way into the kernel.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * console.log(await one.send('Grüße')); // 7
   * console.log(String(await other.recv(1024))); // Grüße
   * one.close();
   * other.close();
   * ```
   */
  send(data: Data, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<number> {
    try {
      const bytes = bytesOf(data);
      checkFlags(flags, SEND_FLAGS, 'send');
      return this.#sendNow(bytes, flags, options);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends bytes, all of them or none that counts.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param options - `signal` ends the wait.
   * @throws as {@link send}; after an error, how much has gone out is not known. The time limit is for the whole of it.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendall
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const sent = one.sendall(Buffer.alloc(1_000_000)); // waits until the other end has made room
   * console.log((await other.recv(1_000_000, socket.MSG_WAITALL)).length); // 1000000
   * await sent;
   * one.close();
   * other.close();
   * ```
   */
  sendall(data: Data, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<void> {
    try {
      const bytes = bytesOf(data);
      checkFlags(flags, SEND_FLAGS, 'send');
      const sending = this.#sending(StreamSending, bytes, this.#mayEndEarly(flags, options));
      const sent = this.atOnce('send', sending.waiters, sending, options);
      // Most sends are done by now. An async function in their way costs sends of 1 KiB 10 %.
      if (sent !== undefined) return DONE;
      return this.wait('send', sending.waiters, sending, options, flags).then(nothing);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends a datagram to an address; on a TCP connection the address is ignored, as in Python.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param address - as for `connect()`; a host name is looked up.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws as {@link send}; EMSGSIZE for a datagram that is too long; PermissionError for a broadcast without
   * SO_BROADCAST; gaierror.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendto
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * receiver.bind(['127.0.0.1', 0]);
   * using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * console.log(await sender.sendto('ping', receiver.getsockname())); // 4
   * console.log(String(await receiver.recv(1024))); // ping
   * ```
   */
  sendto(data: Data, address: AddressLike, options?: WaitOptions): Promise<number>;
  sendto(data: Data, flags: number, address: AddressLike, options?: WaitOptions): Promise<number>;
  sendto(
    data: Data,
    addressOrFlags: AddressLike | number | boolean,
    addressOrOptions?: AddressLike | WaitOptions,
    options?: WaitOptions,
  ): Promise<number> {
    try {
      const bytes = bytesOf(data);
      const isNumber = typeof addressOrFlags === 'number' || typeof addressOrFlags === 'boolean';
      // A single one stands where an address has to be.
      const withFlags = isNumber && addressOrOptions !== undefined;
      const flags = withFlags ? Number(addressOrFlags) : 0;
      const limits = (withFlags ? options : waitOptions(addressOrOptions)) ?? {};
      return this.#sendTo('sendto', bytes, flags, withFlags ? addressOrOptions : addressOrFlags, limits);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends the bytes of several pieces as one: in a row on a connection, or as one datagram.
   *
   * @param buffers - the pieces, each as for {@link send}.
   * @param ancdata - ancillary data, of which there must be none: Node cannot send it.
   * @param flags - as for {@link send}.
   * @param address - where a datagram goes, as for {@link sendto}; `null` for the peer.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws as {@link sendto}; OSError ENOTSUP for ancillary data.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendmsg
   */
  sendmsg(
    buffers: Iterable<Data>,
    ancdata: Iterable<never> = [],
    flags = 0,
    address: AddressLike | null = null,
    options: WaitOptions = NO_OPTIONS,
  ): Promise<number> {
    try {
      const bytes = Buffer.concat(buffersOf(buffers, 'sendmsg() argument 1'));
      if (!isEmpty(ancdata)) throw this.error('ENOTSUP', 'sendmsg', 'with ancillary data');
      return this.#sendTo('sendmsg', bytes, flags, address, options);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Sends a file, or a part of it, in little memory whatever its size: it is read as fast as the peer takes it.
   *
   * @param file - Node's `FileHandle`, or whatever has a `read(size)` that gives bytes.
   * @param offset - where to begin, in bytes from the file's start.
   * @param count - how many bytes to send; `null` for all to the end.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were sent.
   * @throws TypeError or RangeError for the arguments, for a socket of datagrams and for one with a time limit of 0;
   * else as {@link sendall}. What the file raises is passed on.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendfile
   *
   * Differs from Python in that a `FileHandle` keeps its own position.
   *
   * @example
   * ```ts
   * import { open } from 'node:fs/promises';
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * const file = await open(process.execPath);
   * console.log(await one.sendfile(file, 0, 1000)); // 1000
   * console.log((await other.recv(1024)).length); // 1000
   * await file.close();
   * one.close();
   * other.close();
   * ```
   */
  async sendfile(
    file: SendableFile,
    offset = 0,
    count: number | null = null,
    options: WaitOptions = NO_OPTIONS,
  ): Promise<number> {
    const part = checkFilePart(file, offset, count);
    if (this.type !== SOCK_STREAM)
      throw new RangeError(`only SOCK_STREAM type sockets are supported ${received(this)}`);
    if (this.timeout === 0) throw new RangeError(`non-blocking sockets are not supported ${received(this)}`);
    let sent = 0;
    for await (const piece of piecesOf(file, part)) {
      await this.sendall(piece, 0, options);
      sent += piece.length;
    }
    return sent;
  }

  #sendTo(call: string, bytes: Buffer, flags: number, address: unknown, options: WaitOptions): Promise<number> {
    checkFlags(flags, SEND_FLAGS, 'send');
    const target = address === null && call === 'sendmsg' ? undefined : this.#destination(call, address);
    if (target !== undefined && this.family === AF_UNIX) {
      this.checkOpen(call);
      // TCP takes no notice of an address; Unix streams refuse it (unix_stream_sendmsg).
      throw this.error(this.state.is === 'connected' ? 'EISCONN' : 'ENOTSUP', call);
    }
    if (target === undefined || target.endpoint !== undefined || this.type !== SOCK_DGRAM) {
      return this.#sendNow(bytes, flags, options, target?.endpoint);
    }
    return this.#sendResolved(bytes, flags, options, target);
  }

  /** Most datagrams go where the one before went. To check the address once more is 4 % of a UDP send (measured). */
  #destination(call: string, address: unknown): Target {
    const last = this.#lastTarget;
    if (
      last !== undefined &&
      Array.isArray(address) &&
      address.length === 2 &&
      address[0] === last.host &&
      address[1] === last.port
    )
      return last;
    const target = this.target(call, address);
    // What an IPv6 host means may depend on the interfaces that there are.
    if (this.family === AF_INET && target.endpoint !== undefined) this.#lastTarget = target;
    return target;
  }

  async #sendResolved(bytes: Buffer, flags: number, options: WaitOptions, target: Target): Promise<number> {
    this.checkOpen('sendto');
    const endpoint = await this.resolve('sendto', target, this.limits(flags, options));
    return await this.#sendNow(bytes, flags, options, endpoint);
  }

  #sendNow(bytes: Buffer, flags: number, options: WaitOptions, to?: Endpoint): Promise<number> {
    const sending = this.#sending(PartialSending, bytes, this.#mayEndEarly(flags, options), to);
    return this.perform('send', sending.waiters, sending, options, flags);
  }

  /**
   * Sends bytes as {@link send} does, out of memory that stays as it is even if `options.signal` ends the wait. To copy
   * it all the same took a sixth of the time of writing 1 KiB at a time to a buffered file. Gives how many without a
   * promise where they are sent by then, and throws what stands against it.
   */
  protected sendKept(bytes: Buffer, options: WaitOptions): number | Promise<number> {
    const sending = this.#sending(PartialSending, bytes, this.timeout !== null);
    const sent = this.atOnce('send', sending.waiters, sending, options);
    return sent ?? this.wait('send', sending.waiters, sending, options);
  }

  /** Whether the caller may stop waiting before the kernel has the bytes, and use the memory again by then. */
  #mayEndEarly(flags: number, { signal }: WaitOptions): boolean {
    return this.timeout !== null || flags !== 0 || signal !== undefined;
  }

  /** What all sends share: an attempt that hands over what it can, and remembers how much that was. */
  #sending(Kind: typeof StreamSending, bytes: Buffer, copies: boolean, to?: Endpoint): Sending {
    if (this.type !== SOCK_DGRAM) {
      const stream = this.stream('send', this.family === AF_UNIX ? 'ENOTCONN' : 'EPIPE');
      return new Kind(stream, bytes, copies);
    }
    const datagrams = this.boundDatagrams('send');
    const attempt = datagrams.sender(
      copies ? Buffer.from(bytes) : bytes,
      to !== undefined && !isUnix(to) ? to : undefined,
    );
    return { waiters: datagrams.writers, attempt };
  }
}

/** A send over a connection, which goes piece by piece. */
class StreamSending implements Sending {
  readonly #stream: Stream;
  readonly #bytes: Buffer;
  readonly #copies: boolean;
  #sent: number | undefined;
  #rests = false;

  constructor(stream: Stream, bytes: Buffer, copies: boolean) {
    this.#stream = stream;
    this.#bytes = bytes;
    this.#copies = copies;
  }

  get waiters(): WaiterList {
    return this.#stream.writers;
  }

  /** How many bytes Node has; without any, the kernel is asked all the same whether the connection still stands. */
  protected get sent(): number | undefined {
    return this.#sent;
  }

  attempt(): number | Failure | undefined {
    while (this.#sent === undefined || this.#sent < this.#bytes.length) {
      if (this.#rests || (this.#sent !== undefined && !mayAnswerAtOnce())) {
        this.#rest();
        return;
      }
      const start = this.#sent ?? 0;
      const piece = this.#bytes.length <= SEND_PIECE ? this.#bytes : this.#bytes.subarray(start, start + SEND_PIECE);
      const taken = this.#stream.write(piece, this.#copies);
      if (typeof taken !== 'number') return taken;
      this.#sent = start + taken;
    }
    const flushed = this.#stream.flushed();
    return flushed === true ? this.#sent : flushed;
  }

  /** Lets others have their turn before the next piece. */
  #rest(): undefined {
    if (this.#rests) return;
    this.#rests = true;
    setImmediate(() => {
      turned();
      this.#rests = false;
      this.#stream.writers.serve();
    });
  }
}

/** A send over a connection that may end with fewer bytes when its time is over. */
class PartialSending extends StreamSending {
  part(): number | undefined {
    return this.sent === 0 ? undefined : this.sent;
  }
}

function waitOptions(value: unknown): WaitOptions {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`sendto() takes options behind the address ${received(value)}`);
}

function isEmpty(iterable: unknown): boolean {
  if (Array.isArray(iterable)) return iterable.length === 0;
  throw new TypeError(`sendmsg() argument 2 must be an array ${received(iterable)}`);
}

/** What most sends of all bytes give. */
const DONE = Promise.resolve();

/** A send that is under way. */
interface Sending extends Operation<number> {
  readonly waiters: WaiterList;
}

function nothing(): void {
  return undefined;
}
