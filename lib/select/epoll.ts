import { inspect } from 'node:util';
import { integer, rangeError, shown, typeError } from '../common/arguments.ts';
import { signalOf, takeOptions, type WaitOptions } from '../common/call-options.ts';
import { osError, textError } from '../common/errors.ts';
import {
  EPOLL_CLOEXEC,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
} from '../common/poll-constants.ts';
import { called, methodOf, raised, showCallers } from '../common/stack.ts';
import { rejected } from '../waiting/gate.ts';
import { subjectOf, type FileObject } from './fileobj.ts';
import { checkTime, limitsFor } from './limits.ts';
import type { PollEvent } from './poll.ts';
import type { Ready } from './ready-set.ts';
import { Registry } from './registry.ts';

/** How a socket is reported, apart from the events. */
const MODES = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE;

/** A registered object. */
interface Entry<T> {
  readonly fd: number;
  readonly fileobj: T;
  /** The flags of its eventmask. */
  modes: number;
}

/**
 * Several sockets that are watched together, as `select.epoll()` makes it.
 *
 * @see https://docs.python.org/3/library/select.html#edge-and-level-trigger-polling-epoll-objects
 */
export class Epoll<T extends FileObject = FileObject> implements Disposable {
  readonly #registry = new Registry<Entry<T>>((watch) => this.#registry.remove(watch));
  #isClosed = false;

  static {
    showCallers(Epoll.prototype, ['register', 'modify', 'unregister', 'fileno']);
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * Watches a socket.
   *
   * @param fd - the socket, a file of `makefile()`, or the number that its `fileno()` gave.
   * @param eventmask - `EPOLLIN`, `EPOLLOUT` and other constants, joined by `|`; with `EPOLLET` to report what is new
   * only, or `EPOLLONESHOT` to report once.
   * @throws TypeError for the arguments; RangeError for a socket that is closed, and once the epoll object is; OSError:
   * FileExistsError if the socket is registered already, EBADF for a number that belongs to no open descriptor, ENOTSUP
   * for one of a descriptor that is no socket of this process.
   * @see https://docs.python.org/3/library/select.html#select.epoll.register
   */
  register(fd: T, eventmask: number = EPOLLIN | EPOLLPRI | EPOLLOUT): void {
    this.#checkOpen();
    const subject = subjectOf(fd);
    const mask = integer(eventmask, 'eventmask');
    if (subject.core === undefined) throw osError('EBADF', { syscall: 'epoll_ctl', address: shown(fd) });
    if (this.#registry.get(subject) !== undefined) {
      throw osError('EEXIST', { syscall: 'epoll_ctl', address: shown(fd) });
    }
    this.#registry.add(subject, eventsIn(mask), { fd: subject.fd, fileobj: fd, modes: mask & MODES });
  }

  /**
   * Watches a socket for other events.
   *
   * @param fd - as for {@link register}.
   * @param eventmask - as for {@link register}.
   * @throws as {@link register}; FileNotFoundError if the socket is not registered.
   * @see https://docs.python.org/3/library/select.html#select.epoll.modify
   */
  modify(fd: T, eventmask: number): void {
    this.#checkOpen();
    const subject = subjectOf(fd);
    const mask = integer(eventmask, 'eventmask');
    const watch = this.#registry.get(subject);
    if (watch === undefined) throw osError('ENOENT', { syscall: 'epoll_ctl', address: shown(fd) });
    watch.item.modes = mask & MODES;
    this.#registry.change(watch, eventsIn(mask));
  }

  /**
   * Watches a socket no more.
   *
   * @param fd - as for {@link register}.
   * @throws FileNotFoundError if the socket is not registered, as after it was closed; otherwise as {@link register}.
   * @see https://docs.python.org/3/library/select.html#select.epoll.unregister
   */
  unregister(fd: T): void {
    this.#checkOpen();
    const watch = this.#registry.find(fd);
    if (watch === undefined) throw osError('ENOENT', { syscall: 'epoll_ctl', address: shown(fd) });
    this.#registry.remove(watch);
  }

  /**
   * Waits until at least one of the sockets is ready. Sockets that were closed are not registered any more.
   *
   * @param timeout - seconds; 0 to look only; negative or `null` to wait for ever.
   * @param maxevents - how many sockets at most; −1 for no limit. Those that are left out come first the next time.
   * @param options - `signal` ends the wait. They may stand in the place of another argument.
   * @returns as {@link Poll.poll}.
   * @throws TypeError or RangeError for the arguments, and RangeError once the epoll object is closed.
   * @see https://docs.python.org/3/library/select.html#select.epoll.poll
   *
   * @remarks Differs from Python in that each result also has the object that was registered, and in that more than
   * 1023 results may come at once.
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   * import * as select from 'await-socket/select';
   *
   * const [one, other] = await socket.socketpair();
   * await other.sendall('Hello');
   * using epoll = select.epoll();
   * epoll.register(one, select.EPOLLIN | select.EPOLLET);
   * console.log((await epoll.poll(10)).length); // 1
   * console.log((await epoll.poll(0)).length); // 0
   * one.close();
   * other.close();
   * ```
   */
  poll(options?: WaitOptions): Promise<PollEvent<T>[]>;
  poll(timeout: number | null, options?: WaitOptions): Promise<PollEvent<T>[]>;
  poll(timeout?: number | null, maxevents?: number, options?: WaitOptions): Promise<PollEvent<T>[]>;
  poll(...given: readonly unknown[]): Promise<PollEvent<T>[]> {
    try {
      const { values, options } = takeOptions(given, 2, 'poll');
      const [timeout = null, maxevents = -1] = values;
      this.#checkOpen();
      const limit = millisecondsOf(timeout);
      const most = mostOf(maxevents);
      const signal = signalOf(options, 'poll');
      signal?.throwIfAborted();
      return this.#registry.wait(limitsFor(limit, signal), (ready) => this.#reported(ready, most));
    } catch (error) {
      return rejected(error, methodOf(Epoll.prototype, 'poll'));
    }
  }

  /**
   * Closes the object: its sockets are watched no more, and waits end with no results. Closing again does nothing.
   *
   * @see https://docs.python.org/3/library/select.html#select.epoll.close
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#registry.clear();
  }

  /** Closes the object at the end of a `using` block, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The number of the object's descriptor, which it does not have here.
   *
   * @returns −1.
   * @throws RangeError if it is closed.
   * @see https://docs.python.org/3/library/select.html#select.epoll.fileno
   *
   * @remarks Differs from Python in that it has no descriptor.
   */
  fileno(): number {
    this.#checkOpen();
    return -1;
  }

  /** The object as Python shows it. */
  [inspect.custom](): string {
    return '<select.epoll object>';
  }

  #checkOpen(): void {
    if (this.#isClosed) throw raised(new RangeError('I/O operation on closed epoll object'));
  }

  #reported(ready: readonly Ready<Entry<T>>[], most: number): PollEvent<T>[] {
    const { set } = this.#registry;
    const reported = ready.slice(0, most);
    if (ready.length > most) set.rotate(most);
    for (const { watch } of reported) {
      if ((watch.item.modes & EPOLLONESHOT) !== 0) watch.rest();
      if ((watch.item.modes & (EPOLLET | EPOLLONESHOT)) !== 0) set.forgive(watch);
    }
    return reported.map(({ watch: { item }, events }) => [item.fd, events, item.fileobj]);
  }
}

/**
 * Makes an object that watches several sockets, with level or edge triggers.
 *
 * @param sizehint - how many sockets it will have; it changes nothing.
 * @param flags - 0 or `EPOLL_CLOEXEC`; they change nothing.
 * @throws TypeError or RangeError for the sizehint; OSError for other flags.
 * @see https://docs.python.org/3/library/select.html#select.epoll
 */
export function epoll<T extends FileObject = FileObject>(sizehint = -1, flags = 0): Epoll<T> {
  return called(epoll, () => {
    const size = integer(sizehint, 'sizehint');
    if (size < 1 && size !== -1) throw rangeError('negative sizehint', sizehint);
    if ((integer(flags, 'flags') & ~EPOLL_CLOEXEC) !== 0)
      throw textError('invalid flags', { syscall: 'epoll_create1' });
    return new Epoll<T>();
  });
}

function eventsIn(mask: number): number {
  return (mask & ~MODES) | EPOLLERR | EPOLLHUP;
}

function millisecondsOf(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== 'number' && typeof timeout !== 'boolean') {
    throw typeError('timeout must be an integer or None', timeout);
  }
  const seconds = checkTime(Number(timeout), 1);
  return seconds < 0 ? null : Math.ceil(seconds * 1000);
}

function mostOf(maxevents: unknown): number {
  const most = integer(maxevents, 'maxevents');
  if (most === -1) return Infinity;
  if (most <= 0) throw rangeError(`maxevents must be greater than 0, got ${most}`, maxevents);
  return most;
}
