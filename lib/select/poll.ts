import { inspect } from 'node:util';
import { integer, rangeError, shown, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { osError } from '../common/errors.ts';
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI } from '../common/poll-constants.ts';
import { methodOf, showCallers } from '../common/stack.ts';
import { rejected } from '../waiting/gate.ts';
import { subjectOf, type FileObject } from './fileobj.ts';
import { keyError } from './key-error.ts';
import { checkTime, limitsFor } from './limits.ts';
import type { Ready } from './ready-set.ts';
import { Registry } from './registry.ts';

/** What `poll()` gives of a socket: the number of its descriptor, what it is ready for, and the object itself. */
export type PollEvent<T extends FileObject = FileObject> = [fd: number, event: number, fileobj: T];

/** What is reported whether or not it was asked for. */
export const ALWAYS = POLLERR | POLLHUP | POLLNVAL;

/** A registered object. */
interface Entry<T> {
  readonly fd: number;
  readonly fileobj: T;
}

/**
 * Several sockets that are watched together, as `select.poll()` makes it.
 *
 * @see https://docs.python.org/3/library/select.html#poll-objects
 */
export class Poll<T extends FileObject = FileObject> {
  readonly #registry = new Registry<Entry<T>>();

  static {
    showCallers(Poll.prototype, ['register', 'modify', 'unregister']);
  }

  /**
   * Watches a socket, or watches it for other events.
   *
   * @param fd - the socket, a file of `makefile()`, or the number that its `fileno()` gave.
   * @param eventmask - `POLLIN`, `POLLOUT` and other constants, joined by `|`.
   * @throws TypeError for the arguments; RangeError for an eventmask that does not fit into 16 bits and for a socket that
   * is closed; OSError ENOTSUP for the number of a descriptor that is no socket of this process.
   * @see https://docs.python.org/3/library/select.html#select.poll.register
   */
  register(fd: T, eventmask: number = POLLIN | POLLPRI | POLLOUT): void {
    const subject = subjectOf(fd);
    const events = checkEvents(eventmask) | ALWAYS;
    const watch = this.#registry.get(subject);
    if (watch === undefined) this.#registry.add(subject, events, { fd: subject.fd, fileobj: fd });
    else this.#registry.change(watch, events);
  }

  /**
   * Watches a socket for other events.
   *
   * @param fd - as for {@link register}.
   * @param eventmask - as for {@link register}.
   * @throws as {@link register}; FileNotFoundError if the socket is not registered.
   * @see https://docs.python.org/3/library/select.html#select.poll.modify
   */
  modify(fd: T, eventmask: number): void {
    const subject = subjectOf(fd);
    const events = checkEvents(eventmask) | ALWAYS;
    const watch = this.#registry.get(subject);
    if (watch === undefined) throw osError('ENOENT', { syscall: 'poll', address: shown(fd) });
    this.#registry.change(watch, events);
  }

  /**
   * Watches a socket no more.
   *
   * @param fd - as for {@link register}.
   * @throws KeyError if the socket is not registered; otherwise as {@link register}.
   * @see https://docs.python.org/3/library/select.html#select.poll.unregister
   *
   * @remarks Differs from Python in that a socket that was closed meanwhile can be given, too.
   */
  unregister(fd: T): void {
    const watch = this.#registry.find(fd);
    if (watch === undefined) throw keyError(shown(fd));
    this.#registry.remove(watch);
  }

  /**
   * Waits until at least one of the sockets is ready.
   *
   * @param timeout - milliseconds; 0 to look only; negative or `null` to wait for ever.
   * @param options - `signal` ends the wait. They may stand in the place of `timeout`.
   * @returns the number of the descriptor, the events and the object for each socket that is ready; none after the time
   * limit. A socket that was closed has the event `POLLNVAL`.
   * @throws TypeError or RangeError for the timeout.
   * @see https://docs.python.org/3/library/select.html#select.poll.poll
   *
   * @remarks Differs from Python in that each result also has the object that was registered: a socket may have no
   * number, and then it is −1.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   * import * as select from 'await-socket/select';
   *
   * const [one, other] = await socket.socketpair();
   * await other.sendall('Hello');
   * const poller = select.poll();
   * poller.register(one, select.POLLIN);
   * for (const [fd, event, sock] of await poller.poll(10_000)) {
   *   console.log(fd === one.fileno(), event === select.POLLIN, sock === one); // true true true
   * }
   * one.close();
   * other.close();
   * ```
   */
  poll(options?: WaitOptions): Promise<PollEvent<T>[]>;
  poll(timeout?: number | null, options?: WaitOptions): Promise<PollEvent<T>[]>;
  poll(timeout: unknown = null, options?: unknown): Promise<PollEvent<T>[]> {
    try {
      const isLeftOut = options === undefined && isOptions(timeout);
      const limit = isLeftOut ? null : millisecondsOf(timeout);
      const signal = signalOf(isLeftOut ? timeout : options, 'poll');
      signal?.throwIfAborted();
      return this.#registry.wait(limitsFor(limit, signal), eventsOf<T>);
    } catch (error) {
      return rejected(error, methodOf(Poll.prototype, 'poll'));
    }
  }

  /** The object as Python shows it. */
  [inspect.custom](): string {
    return '<select.poll object>';
  }
}

/**
 * Makes an object that watches several sockets.
 *
 * @see https://docs.python.org/3/library/select.html#select.poll
 */
export function poll<T extends FileObject = FileObject>(): Poll<T> {
  return new Poll<T>();
}

function checkEvents(eventmask: unknown): number {
  const events = integer(eventmask, 'eventmask');
  if (events < 0) throw rangeError('value must be positive', eventmask);
  if (events > 0xffff) throw rangeError('Python int too large for C unsigned short', eventmask);
  return events;
}

function millisecondsOf(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== 'number' && typeof timeout !== 'boolean') {
    throw typeError('timeout must be an integer or None', timeout);
  }
  // Python rounds away from zero, to whole milliseconds.
  const milliseconds = checkTime(Number(timeout), 1000);
  return milliseconds < 0 ? null : Math.ceil(milliseconds);
}

/** The results, in the order in which the objects were registered, as poll(2) gives them. */
function eventsOf<T extends FileObject>(ready: Ready<Entry<T>>[]): PollEvent<T>[] {
  return ready
    .sort((one, other) => one.watch.order - other.watch.order)
    .map(({ watch: { item }, events }) => [item.fd, events, item.fileobj]);
}
