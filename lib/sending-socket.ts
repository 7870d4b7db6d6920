import { bytesOf, type Data } from './arguments.ts';
import { MSG_DONTWAIT, MSG_NOSIGNAL } from './constants.ts';
import { mayAnswerAtOnce } from './queues/turns.ts';
import type { WaiterList } from './queues/waiters.ts';
import type { Failure } from './transports/failure.ts';
import { ReceivingSocket } from './receiving-socket.ts';
import { checkFlags, promised, type WaitOptions } from './waiting-socket.ts';

/**
 * How much of what is to be sent is handed to Node at a time. It bounds what a send that ends early leaves with Node, and costs under
 * 10 % of a large send's speed.
 */
const SEND_PIECE = 256 * 1024;

/** How a socket sends. */
export abstract class SendingSocket extends ReceivingSocket {
  /**
   * Sends bytes: waits until the kernel has all of them, so that a sender never outruns its receiver by more than the kernel's buffers.
   * Sends that run at the same time go out whole, in the order of the calls.
   *
   * @param data - the bytes, or a string, which goes out as UTF-8. The memory may be used again once the promise is settled, but not
   * before, and not after `close()` ended the call.
   * @param flags - `MSG_DONTWAIT` sends what can be sent at once, and raises BlockingIOError if that is nothing.
   * @param options - `signal` ends the wait; how much has gone out by then is not known.
   * @returns how many bytes were sent: all, or fewer when the time limit was over before the rest could go.
   * @throws TypeError for the arguments; OSError: BrokenPipeError without a connection, after `shutdown(SHUT_WR)` and once the peer has
   * closed; ConnectionResetError; EBADF if the socket is or gets closed; TimeoutError and BlockingIOError if nothing could be sent.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.send
   *
   * Differs from Python in that strings may be sent, and that up to 256 KiB may count as sent when the time is over although they are
   * still on their way into the kernel.
   */
  send(data: Data, flags = 0, options: WaitOptions = {}): Promise<number> {
    return promised(() => {
      const sending = this.#sending(bytesOf(data), flags, options);
      return this.perform('send', sending.waiters, sending.attempt, options, flags, sending.part);
    });
  }

  /**
   * Sends bytes, all of them or none that counts.
   *
   * @param data - as for {@link send}.
   * @param flags - as for {@link send}.
   * @param options - `signal` ends the wait.
   * @throws as {@link send}; after an error, how much has gone out is not known. The time limit is for the whole of it.
   * @see https://docs.python.org/3/library/socket.html#socket.socket.sendall
   */
  sendall(data: Data, flags = 0, options: WaitOptions = {}): Promise<void> {
    return promised(async () => {
      const sending = this.#sending(bytesOf(data), flags, options);
      await this.perform('send', sending.waiters, sending.attempt, options, flags);
    });
  }

  /** What send() and sendall() share: an attempt that hands over what it can, and remembers how much that was. */
  #sending(bytes: Buffer, flags: number, options: WaitOptions): Sending {
    checkFlags(flags, MSG_DONTWAIT | MSG_NOSIGNAL, 'send');
    const stream = this.stream('send', 'EPIPE');
    // Whoever may stop waiting before the kernel has the bytes may use the memory again by then.
    const copies = this.timeout !== null || flags !== 0 || options.signal !== undefined;
    let sent = 0;
    let resting = false;
    const attempt = (): number | Failure | undefined => {
      while (sent < bytes.length) {
        if (resting) return undefined;
        if (sent > 0 && !mayAnswerAtOnce()) {
          resting = true;
          setImmediate(() => {
            resting = false;
            stream.writers.serve();
          });
          return undefined;
        }
        const piece = bytes.subarray(sent, sent + SEND_PIECE);
        const taken = stream.write(piece, copies);
        if (typeof taken !== 'number') return taken;
        sent += taken;
      }
      const flushed = stream.flushed();
      return flushed === true ? sent : flushed;
    };
    return { waiters: stream.writers, attempt, part: () => (sent > 0 ? sent : undefined) };
  }
}

/** A send that is under way. */
interface Sending {
  readonly waiters: WaiterList;
  readonly attempt: () => number | Failure | undefined;
  /** How much was sent, if anything was. */
  readonly part: () => number | undefined;
}
