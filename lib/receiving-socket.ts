import type { Address } from './addresses.ts';
import { bytesOf, received, size } from './arguments.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_WAITALL } from './constants.ts';
import { Failure } from './transports/failure.ts';
import type { TakeFlags } from './transports/stream.ts';
import { checkFlags, promised, WaitingSocket, type WaitOptions } from './waiting-socket.ts';

/** Memory that can be received into. */
export type WritableData = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** How a socket receives. */
export abstract class ReceivingSocket extends WaitingSocket {
  /**
   * Receives bytes: waits until there are some, and takes what is there.
   *
   * @param bufsize - at most so many bytes; 0 gives none at once.
   * @param flags - `MSG_PEEK` leaves the bytes where they are; `MSG_WAITALL` waits for all `bufsize` or the end of the stream;
   * `MSG_DONTWAIT` raises BlockingIOError rather than wait.
   * @param options - `signal` ends the wait.
   * @returns 1 to `bufsize` bytes; none at the end of the stream, again and again.
   * @throws TypeError or RangeError for the arguments; OSError: ENOTCONN without a connection, EBADF if the socket is or gets closed;
   * ConnectionResetError, once, behind the bytes that came before the reset; TimeoutError; BlockingIOError.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recv
   */
  recv(bufsize: number, flags = 0, options: WaitOptions = {}): Promise<Buffer> {
    return promised(() => {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recv');
      const take = takeFlags(flags, 'recv');
      if (length === 0) return Promise.resolve(Buffer.alloc(0));
      const stream = this.stream('recv', 'ENOTCONN');
      return this.perform('recv', stream.readers, () => stream.read(length, take), options, flags);
    });
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
   */
  recvInto(buffer: WritableData, nbytes = 0, flags = 0, options: WaitOptions = {}): Promise<number> {
    return promised(() => {
      const target = targetOf(buffer, nbytes);
      const take = takeFlags(flags, 'recv');
      if (target.length === 0) return Promise.resolve(0);
      const stream = this.stream('recv', 'ENOTCONN');
      return this.perform('recv', stream.readers, () => stream.readInto(target, take), options, flags);
    });
  }

  /**
   * Receives bytes and tells who sent them, as {@link recv} does; on a connection that is known, and the address is `null`.
   *
   * @param bufsize - at most so many bytes. Unlike in {@link recv}, 0 waits for some to come.
   * @param flags - as for {@link recv}.
   * @param options - `signal` ends the wait.
   * @returns the bytes, and `null`.
   * @throws as {@link recv}.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.recvfrom
   */
  recvfrom(bufsize: number, flags = 0, options: WaitOptions = {}): Promise<[Buffer, Address | null]> {
    return promised(() => {
      const length = size(bufsize, 'bufsize', 'negative buffersize in recvfrom');
      const take = takeFlags(flags, 'recvfrom');
      const stream = this.stream('recvfrom', 'ENOTCONN');
      const attempt = (): [Buffer, null] | Failure | undefined => {
        const bytes = stream.read(length, take);
        return bytes === undefined || bytes instanceof Failure ? bytes : [bytes, null];
      };
      return this.perform('recvfrom', stream.readers, attempt, options, flags);
    });
  }
}

function takeFlags(flags: unknown, syscall: string): TakeFlags {
  const number = checkFlags(flags, MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL, syscall);
  return { all: (number & MSG_WAITALL) !== 0, peek: (number & MSG_PEEK) !== 0 };
}

/** The memory that recvInto() fills. */
function targetOf(buffer: unknown, nbytes: unknown): Uint8Array {
  if (typeof buffer === 'string') throw new TypeError(`a writable bytes-like object is required ${received(buffer)}`);
  const whole = bytesOf(buffer);
  const length = size(nbytes, 'nbytes', 'negative buffersize in recv_into');
  if (length > whole.length) throw new RangeError(`buffer too small for requested bytes ${received(nbytes)}`);
  return length === 0 ? whole : whole.subarray(0, length);
}
