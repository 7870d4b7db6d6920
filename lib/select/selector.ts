import { integer, rangeError, shown, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { methodOf, raised, showCallers } from '../common/stack.ts';
import type { Socket } from '../socket.ts';
import { rejected } from '../waiting/gate.ts';
import { subjectOf, type FileObject, type Subject } from './fileobj.ts';
import { keyError } from './key-error.ts';
import { checkTime, limitsFor } from './limits.ts';
import type { Ready, Watch } from './ready-set.ts';
import { Registry } from './registry.ts';
import { SelectorKey } from './selector-key.ts';
import { SelectorMapping } from './selector-mapping.ts';

/** A socket is ready to be received from, or has a connection to accept. */
export const EVENT_READ = 1;
/** A socket is ready to send, or its connection was made. */
export const EVENT_WRITE = 2;

const EVENTS = EVENT_READ | EVENT_WRITE;

/** The data of a key: it may be left out where its type has `null`. */
export type KeyData<Data> = null extends Data ? [data?: Data] : [data: Data];

/**
 * What all selectors have in common: objects are registered with the events that are waited for and with data of the
 * program's, and `select()` gives those that are ready.
 *
 * @typeParam Data - the data of the keys.
 * @typeParam File - what is registered: sockets, unless the program says otherwise.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector
 *
 * @remarks Differs from Python in that programs cannot derive selectors of their own.
 */
export abstract class BaseSelector<Data = unknown, File extends FileObject = Socket> implements Disposable {
  readonly #registry = new Registry<SelectorKey<Data, File>>();
  readonly #map = new SelectorMapping<Data, File>(this.#registry);
  #isClosed = false;

  static {
    showCallers(BaseSelector.prototype, ['register', 'modify', 'unregister', 'getKey']);
  }

  /**
   * Registers an object.
   *
   * @param fileobj - a socket, a file of `makefile()`, or the number that its `fileno()` gave.
   * @param events - `EVENT_READ`, `EVENT_WRITE`, or both joined by `|`.
   * @param data - what the program keeps with it.
   * @returns the key.
   * @throws RangeError for other events, for what is no such object, for a closed socket, and once the selector is
   * closed; KeyError if the socket is registered already; OSError EBADF or ENOTSUP for a number that belongs to no
   * socket of this process.
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.register
   */
  register(fileobj: File, events: number, ...data: KeyData<Data>): SelectorKey<Data, File>;
  register(fileobj: File, events: number, data: unknown = null): SelectorKey<Data, File> {
    this.#checkOpen();
    const wanted = checkEvents(events);
    if (wanted === 0) throw rangeError('Invalid events: 0', events);
    const subject = subjectFor(fileobj);
    if (this.#registry.get(subject) !== undefined) {
      throw keyError(`${shown(fileobj)} (FD ${subject.fd}) is already registered`);
    }
    this.checkSubject(subject);
    const key = new SelectorKey(fileobj, subject.fd, wanted, data as Data);
    this.#registry.add(subject, this.maskOf(wanted), key);
    return key;
  }

  /**
   * Changes the events and the data of a registered object.
   *
   * @param fileobj - as for {@link register}.
   * @param events - as for {@link register}; 0 for none.
   * @param data - as for {@link register}.
   * @returns the new key.
   * @throws KeyError if it is not registered; RangeError for other events, and for what is no such object.
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.modify
   */
  modify(fileobj: File, events: number, ...data: KeyData<Data>): SelectorKey<Data, File>;
  modify(fileobj: File, events: number, data: unknown = null): SelectorKey<Data, File> {
    const wanted = checkEvents(events);
    const watch = this.#registered(fileobj);
    const key = watch.item;
    if (wanted !== key.events) this.#registry.change(watch, this.maskOf(wanted));
    if (wanted !== key.events || data !== key.data) {
      watch.item = new SelectorKey(key.fileobj, key.fd, wanted, data as Data);
    }
    return watch.item;
  }

  /**
   * Removes a registered object; it may have been closed meanwhile.
   *
   * @param fileobj - as for {@link register}.
   * @returns its key.
   * @throws KeyError if it is not registered; RangeError for what is no such object.
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.unregister
   */
  unregister(fileobj: File): SelectorKey<Data, File> {
    const watch = this.#registered(fileobj);
    this.#registry.remove(watch);
    return watch.item;
  }

  /**
   * Waits until at least one of the registered objects is ready.
   *
   * @param timeout - seconds; 0 or a negative number to look only, `null` to wait for ever.
   * @param options - `signal` ends the wait. They may stand in the place of `timeout`.
   * @returns the key of each object that is ready, and for which events; none after the time limit, or when the selector
   * gets closed.
   * @throws TypeError or RangeError for the timeout; RangeError once the selector is closed.
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.select
   *
   * @example
   * ```ts
   * import * as socket from 'await-socket';
   * import * as selectors from 'await-socket/selectors';
   *
   * const [one, other] = await socket.socketpair();
   * await other.sendall('Hello');
   * using selector = new selectors.DefaultSelector<string>();
   * selector.register(one, selectors.EVENT_READ, 'the first');
   * for (const [key, events] of await selector.select(10)) {
   *   console.log(key.data, events === selectors.EVENT_READ); // the first true
   *   console.log(String(await key.fileobj.recv(1024))); // Hello
   * }
   * one.close();
   * other.close();
   * ```
   */
  select(options?: WaitOptions): Promise<[key: SelectorKey<Data, File>, events: number][]>;
  select(timeout?: number | null, options?: WaitOptions): Promise<[key: SelectorKey<Data, File>, events: number][]>;
  select(timeout: unknown = null, options?: unknown): Promise<[key: SelectorKey<Data, File>, events: number][]> {
    try {
      const isLeftOut = options === undefined && isOptions(timeout);
      const limit = isLeftOut ? null : millisecondsOf(timeout);
      const signal = signalOf(isLeftOut ? timeout : options, 'select');
      this.#checkOpen();
      signal?.throwIfAborted();
      return this.#registry.wait(limitsFor(limit, signal), this.#results);
    } catch (error) {
      return rejected(error, methodOf(BaseSelector.prototype, 'select'));
    }
  }

  /**
   * The key of a registered object.
   *
   * @param fileobj - as for {@link register}.
   * @throws KeyError if it is not registered; RangeError for what is no such object, and once the selector is closed.
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.get_key
   */
  getKey(fileobj: File): SelectorKey<Data, File> {
    if (this.#isClosed) throw raised(new RangeError('Selector is closed'));
    return this.#registered(fileobj).item;
  }

  /**
   * The keys of all registered objects, as they are at any time; `null` once the selector is closed.
   *
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.get_map
   */
  getMap(): SelectorMapping<Data, File> | null {
    return this.#isClosed ? null : this.#map;
  }

  /**
   * Closes the selector: nothing is registered any more, and waits end with no results. Closing again does nothing.
   *
   * @see https://docs.python.org/3/library/selectors.html#selectors.BaseSelector.close
   */
  close(): void {
    this.#isClosed = true;
    this.#registry.clear();
  }

  /** Closes the selector at the end of a `using` block, as Python's `with` does. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * The events of poll(2) that stand for events of a selector.
   *
   * @internal
   */
  protected abstract maskOf(events: number): number;

  /**
   * The events of a selector that an event of poll(2) means.
   *
   * @internal
   */
  protected abstract eventsOf(mask: number): number;

  /**
   * Raises for what such a selector cannot register.
   *
   * @internal
   */
  protected abstract checkSubject(subject: Subject): void;

  #checkOpen(): void {
    if (this.#isClosed) throw raised(new RangeError('I/O operation on a closed selector'));
  }

  #registered(fileobj: File): Watch<SelectorKey<Data, File>> {
    const watch = this.#map.find(fileobj);
    if (watch === undefined) throw keyError(`${shown(fileobj)} is not registered`);
    return watch;
  }

  readonly #results = (
    ready: readonly Ready<SelectorKey<Data, File>>[],
  ): [key: SelectorKey<Data, File>, events: number][] =>
    ready.map(({ watch: { item }, events }) => [item, this.eventsOf(events) & item.events]);
}

function checkEvents(events: unknown): number {
  const wanted = integer(events, 'events');
  if ((wanted & ~EVENTS) !== 0) throw rangeError(`Invalid events: ${wanted}`, events);
  return wanted;
}

/** The socket of an object that is to be registered; selectors have texts of their own for what is none. */
function subjectFor(fileobj: unknown): Subject {
  try {
    return subjectOf(fileobj);
  } catch (error) {
    if (error instanceof TypeError) throw rangeError('Invalid file object', fileobj);
    throw error;
  }
}

function millisecondsOf(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== 'number' && typeof timeout !== 'boolean') {
    throw typeError('timeout must be a number or null', timeout);
  }
  // Python rounds up to whole milliseconds.
  return Math.max(0, Math.ceil(checkTime(Number(timeout), 1) * 1000));
}
