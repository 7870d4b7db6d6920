import type { Address } from './addresses.ts';
import { buffersOf, bytesOf, received, size } from './arguments.ts';
import { AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SOCK_DGRAM } from './constants.ts';
import type { Endpoint } from './transports/endpoint.ts';
import { Failure } from './transports/failure.ts';
import type { Received, Source, TakeFlags } from './transports/source.ts';
import { checkFlags, NO_OPTIONS, rejected, WaitingSocket, type Operation, type WaitOptions } from './waiting-socket.ts';

/** Memory that can be received into. */
export type WritableData = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** How a socket receives. */
export abstract class ReceivingSocket extends WaitingSocket {
  /**
   * Receives bytes: waits until there are some, and takes what is there.
   *
   * @param bufsize - at most so many bytes; 0 gives none at once.
   * @param flags - `MSG_PEEK` leaves the bytes where they are; `MSG_WAITALL` waits for all `bufsize` or the end of the
   * stream, unless there is a time limit: then it waits for some, as without it; `MSG_DONTWAIT` raises BlockingIOError
   * rather than wait.
   * @param options - `signal` ends the wait.
   * @returns 1 to `bufsize` bytes; none at the end of the stream, again and again.
   * @throws TypeError or RangeError for the arguments; OSError: ENOTCONN without a connection, EBADF if the socket is
   * or gets closed; ConnectionResetError, once, behind the bytes that came before the reset; TimeoutError;
   * BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('in pieces of whatever size');
   * one.close();
   * const blocks: Buffer[] = [];
   * for (let block = await other.recv(10); block.length > 0; block = await other.recv(10)) blocks.push(block);
   * console.log(String(Buffer.concat(blocks))); // in pieces of whatever size
   * other.close();
   * ```
   */
  recv(bufsize: number, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<Buffer> {
    try {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recv');
      const take = this.#takeFlags(flags, 'recv');
      if (length === 0) return Promise.resolve(Buffer.alloc(0));
      const source = this.#source('recv');
      return this.perform('recv', source.readers, new Reading(source, length, take), options, flags);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Receives bytes into memory of the caller's, as {@link recv} does.
   *
   * @param buffer - where the bytes go.
   * @param nbytes - at most so many; 0 for as many as there is room for.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written to the start of `buffer`; 0 at the end of the stream, and if there is no room.
   * @throws as {@link recv}; RangeError also if `nbytes` is more than there is room for.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv_into
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * const [one, other] = await socket.socketpair();
   * await one.sendall('Hello');
   * const buffer = new Uint8Array(1024);
   * const nbytes = await other.recvInto(buffer);
   * console.log(nbytes, buffer.subarray(0, 2)); // 5 Uint8Array(2) [ 72, 101 ]
   * one.close();
   * other.close();
   * ```
   */
  recvInto(buffer: WritableData, nbytes = 0, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<number> {
    try {
      const target = targetOf(buffer, nbytes, 'recv_into', 'buffer too small for requested bytes');
      const take = this.#takeFlags(flags, 'recv');
      if (target.length === 0) return Promise.resolve(0);
      const source = this.#source('recv');
      return this.perform('recv', source.readers, new ReadingInto(source, target, take), options, flags);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Receives bytes and tells who sent them, as {@link recv} does; on a connection that is known, and the address is
   * `null` (but a Unix peer that is bound to a path has that).
   *
   * @param bufsize - at most so many bytes; what a datagram has beyond them is lost. Unlike in {@link recv}, 0 waits
   * for some to come.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes, and the sender's address or `null`.
   * @throws as {@link recv}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   *
   * using receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * receiver.bind(['127.0.0.1', 0]);
   * using sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
   * await sender.sendto('ping', receiver.getsockname());
   * const [data, address] = await receiver.recvfrom(1024);
   * console.log(String(data)); // ping
   * if (address !== null) await receiver.sendto('pong', address);
   * console.log(String(await sender.recv(1024))); // pong
   * ```
   */
  recvfrom(bufsize: number, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<[Buffer, Address | null]> {
    try {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recvfrom');
      return this.#receive('recvfrom', length, flags, options, ({ data, from }) => [data, this.#sender(from)]);
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Receives bytes into memory of the caller's and tells who sent them, as {@link recvfrom} does.
   *
   * @param buffer - where the bytes go.
   * @param nbytes - at most so many; 0 for as many as there is room for.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written to the start of `buffer`, and the sender's address or `null`.
   * @throws as {@link recvfrom}; RangeError also if `nbytes` is more than there is room for.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom_into
   */
  recvfromInto(
    buffer: WritableData,
    nbytes = 0,
    flags = 0,
    options: WaitOptions = NO_OPTIONS,
  ): Promise<[number, Address | null]> {
    try {
      const text = 'nbytes is greater than the length of the buffer';
      const target = targetOf(buffer, nbytes, 'recvfrom_into', text);
      return this.#receive('recvfrom', target.length, flags, options, ({ data, from }) => {
        target.set(data);
        return [data.length, this.#sender(from)];
      });
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Receives bytes, as {@link recvfrom} does, and tells whether some of them were lost.
   *
   * @param bufsize - at most so many bytes.
   * @param ancbufsize - room for ancillary data, of which none ever comes: Node does not receive it.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes; no ancillary data; `MSG_TRUNC` for a datagram that was longer, else 0; the sender's address or
   * `null`.
   * @throws as {@link recvfrom}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvmsg
   */
  recvmsg(bufsize: number, ancbufsize = 0, flags = 0, options: WaitOptions = NO_OPTIONS): Promise<Message<Buffer>> {
    try {
      const length = size(bufsize, 'bufsize', 'negative buffer size in recvmsg()');
      checkAncbufsize(ancbufsize);
      return this.#receive('recvmsg', length, flags, options, (received) => this.#message(received.data, received));
    } catch (error) {
      return rejected(error);
    }
  }

  /**
   * Receives bytes into several pieces of memory, one after the other, as {@link recvmsg} does.
   *
   * @param buffers - where the bytes go.
   * @param ancbufsize - as for {@link recvmsg}.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns how many bytes were written; the rest as for {@link recvmsg}.
   * @throws as {@link recvmsg}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvmsg_into
   */
  recvmsgInto(
    buffers: Iterable<WritableData>,
    ancbufsize = 0,
    flags = 0,
    options: WaitOptions = NO_OPTIONS,
  ): Promise<Message<number>> {
    try {
      const targets = buffersOf(buffers, 'recvmsg_into() argument 1', writableBytesOf);
      checkAncbufsize(ancbufsize);
      const room = targets.reduce((sum, target) => sum + target.length, 0);
      return this.#receive('recvmsg', room, flags, options, (received) => {
        scatter(received.data, targets);
        return this.#message(received.data.length, received);
      });
    } catch (error) {
      return rejected(error);
    }
  }

  /** What all calls share that tell the sender. */
  #receive<T>(
    call: string,
    length: number,
    flags: unknown,
    options: WaitOptions,
    result: (received: Received) => T,
  ): Promise<T> {
    const take = this.#takeFlags(flags, call);
    const source = this.#source(call);
    const attempt = (): T | Failure | undefined => {
      const received = source.receive(length, take);
      return received === undefined || received instanceof Failure ? received : result(received);
    };
    return this.perform(call, source.readers, { attempt }, options, Number(flags));
  }

  /**
   * Receives what is there already, as {@link recv} does, but without a promise; `undefined` where recv() would have to
   * wait. What stands against it is thrown.
   */
  protected recvAtOnce(bufsize: number): Buffer | undefined {
    const source = this.#source('recv');
    const reading = new Reading(source, bufsize, this.#takeFlags(0, 'recv'));
    return this.atOnce('recv', source.readers, reading, NO_OPTIONS);
  }

  #source(call: string): Source {
    return this.type === SOCK_DGRAM
      ? this.datagrams(call)
      : this.stream(call, this.family === AF_UNIX ? 'EINVAL' : 'ENOTCONN');
  }

  #sender(from: Endpoint | undefined): Address | null {
    return from === undefined ? null : this.address(from);
  }

  #message<T>(content: T, { from, truncated }: Received): Message<T> {
    return [content, [], truncated ? MSG_TRUNC : 0, this.#sender(from)];
  }

  #takeFlags(flags: unknown, syscall: string): TakeFlags {
    if (flags === 0 && this.timeout === null) return PLAIN;
    const number = checkFlags(flags, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL, syscall);
    const unlimited = this.timeout === null && (number & MSG_DONTWAIT) === 0;
    // Linux's recv() takes what is there where it may not wait, which a socket of Python's with a time limit never lets
    // it.
    return { all: unlimited && (number & MSG_WAITALL) !== 0, peek: (number & MSG_PEEK) !== 0, unlimited };
  }
}

/** What {@link ReceivingSocket.recv} does. */
class Reading implements Operation<Buffer> {
  readonly #source: Source;
  readonly #size: number;
  readonly #flags: TakeFlags;

  constructor(source: Source, size: number, flags: TakeFlags) {
    this.#source = source;
    this.#size = size;
    this.#flags = flags;
  }

  attempt(): Buffer | Failure | undefined {
    return this.#source.read(this.#size, this.#flags);
  }
}

/** What {@link ReceivingSocket.recvInto} does. */
class ReadingInto implements Operation<number> {
  readonly #source: Source;
  readonly #target: Uint8Array;
  readonly #flags: TakeFlags;

  constructor(source: Source, target: Uint8Array, flags: TakeFlags) {
    this.#source = source;
    this.#target = target;
    this.#flags = flags;
  }

  attempt(): number | Failure | undefined {
    return this.#source.readInto(this.#target, this.#flags);
  }
}

/** How most calls take. */
const PLAIN: TakeFlags = { all: false, peek: false, unlimited: true };

/**
 * What `recvmsg()` gives: the bytes or how many, ancillary data (there is none), flags, and the sender's address or
 * `null`.
 */
export type Message<T> = [content: T, ancdata: [], flags: number, address: Address | null];

function scatter(data: Buffer, targets: readonly Uint8Array[]): void {
  let offset = 0;
  for (const target of targets) {
    const part = data.subarray(offset, offset + target.length);
    target.set(part);
    offset += part.length;
  }
}

/** A length of ancillary data is C's `socklen_t`. */
function checkAncbufsize(ancbufsize: unknown): void {
  const text = 'invalid ancillary data buffer length';
  if (size(ancbufsize, 'ancbufsize', text) > 0x7fff_ffff) throw new RangeError(`${text} ${received(ancbufsize)}`);
}

function writableBytesOf(buffer: unknown): Buffer {
  if (typeof buffer === 'string') throw new TypeError(`a writable bytes-like object is required ${received(buffer)}`);
  return bytesOf(buffer);
}

/** The memory that is to be filled; `tooLarge` is what Python says if it is less than was asked for. */
function targetOf(buffer: unknown, nbytes: unknown, call: string, tooLarge: string): Uint8Array {
  const whole = writableBytesOf(buffer);
  const length = size(nbytes, 'nbytes', `negative buffersize in ${call}`);
  if (length > whole.length) throw new RangeError(`${tooLarge} ${received(nbytes)}`);
  return length === 0 ? whole : whole.subarray(0, length);
}
