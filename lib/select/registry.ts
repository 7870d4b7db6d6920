import { POLLNVAL } from '../common/poll-constants.ts';
import { Core } from '../core/core.ts';
import type { Readiness } from '../transports/readiness.ts';
import type { Limits } from '../waiting/waiters.ts';
import { subjectOf, type Subject } from './fileobj.ts';
import { ReadySet, type Ready, type Watch } from './ready-set.ts';

/** What is known of each registered object. */
interface Registered {
  /** The number of its descriptor when it was registered. */
  readonly fd: number;
}

/** A number that belongs to no open descriptor. */
const NO_DESCRIPTOR: Readiness = { isSettling: false, poll: () => POLLNVAL, observe: () => () => undefined };

/** Those that calls wait for, whether or not the program has kept the object that it has called. */
const waited = new Set<object>();

/** The objects that are registered with a poll object or a selector: each socket once, whatever object stands for it. */
export class Registry<E extends Registered> {
  readonly set: ReadySet<E>;
  readonly #bySocket = new Map<Core, Watch<E>>();
  readonly #byNumber = new Map<number, Watch<E>>();
  readonly #watches = new Set<Watch<E>>();
  /** How many calls wait. */
  #waits = 0;

  /** @param onClosed - as for {@link ReadySet}. */
  constructor(onClosed?: (watch: Watch<E>) => void) {
    this.set = new ReadySet(false, onClosed);
  }

  /** All of them, in the order in which they were registered. */
  get watches(): ReadonlySet<Watch<E>> {
    return this.#watches;
  }

  /** Finds a registered object; it may be a socket that was closed meanwhile, or its former number. */
  find(fileobj: unknown): Watch<E> | undefined {
    if (typeof fileobj === 'number' && this.#byNumber.has(fileobj)) return this.#byNumber.get(fileobj);
    return this.get(subjectOf(fileobj, true));
  }

  /** What is registered of a subject. */
  get({ core, fd }: Subject): Watch<E> | undefined {
    return core === undefined ? this.#byNumber.get(fd) : this.#bySocket.get(core);
  }

  /** Registers what is not registered yet. */
  add({ core, fd }: Subject, events: number, item: E): Watch<E> {
    const watch = this.set.add(core ?? NO_DESCRIPTOR, events, item);
    this.#watches.add(watch);
    if (core !== undefined) this.#bySocket.set(core, watch);
    if (fd >= 0) this.#byNumber.set(fd, watch);
    return watch;
  }

  /** Asks for other events of a registered object. */
  change(watch: Watch<E>, events: number): void {
    watch.want(events);
    this.set.suspect(watch);
  }

  /** Removes a registered object. */
  remove(watch: Watch<E>): void {
    this.set.remove(watch);
    this.#watches.delete(watch);
    if (watch.socket instanceof Core) this.#bySocket.delete(watch.socket);
    // The number may belong to another socket by now.
    if (this.#byNumber.get(watch.item.fd) === watch) this.#byNumber.delete(watch.item.fd);
  }

  /** Waits as {@link ReadySet.wait} does. */
  wait<R>(limits: Limits, finish: (ready: Ready<E>[]) => R): Promise<R> {
    this.#waits += 1;
    waited.add(this);
    return this.set.wait(limits, finish, () => {
      this.#waits -= 1;
      if (this.#waits === 0) waited.delete(this);
    });
  }

  /** Removes all, and ends the waits. */
  clear(): void {
    for (const watch of this.#watches) this.remove(watch);
    this.set.end();
  }
}
