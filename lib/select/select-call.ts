import { rangeError, typeError } from '../common/arguments.ts';
import { isOptions, signalOf, type WaitOptions } from '../common/call-options.ts';
import { POLLNVAL, POLLPRI } from '../common/poll-constants.ts';
import { osError } from '../common/errors.ts';
import type { Core } from '../core/core.ts';
import { READABLE, WRITABLE } from '../core/readiness.ts';
import { rejected } from '../waiting/gate.ts';
import { subjectOf, type FileObject } from './fileobj.ts';
import { checkTime, limitsFor } from './limits.ts';
import { ReadySet, type Ready } from './ready-set.ts';

/** One of the three lists: its objects, and their sockets. */
interface List {
  readonly objects: readonly unknown[];
  readonly cores: readonly Core[];
}

/**
 * Waits until some of several sockets are ready. Nothing is taken from them.
 *
 * @param rlist - sockets to receive from, or to accept on: sockets, files of `makefile()`, or numbers of `fileno()`.
 * @param wlist - sockets to send by, or that are being connected.
 * @param xlist - sockets to watch for urgent data, which Node does not receive: these are never ready.
 * @param timeout - seconds; 0 to look only, `null` to wait for ever.
 * @param options - `signal` ends the wait. They may stand in the place of `timeout`.
 * @returns the objects that are ready, of each list, in its order; three empty lists after the time limit.
 * @throws TypeError for the arguments; RangeError for a negative time limit and for a socket that is closed; OSError
 * EBADF if a socket gets closed; ENOTSUP for the number of a descriptor that is no socket of this process.
 * @see https://docs.python.org/3/library/select.html#select.select
 *
 * @remarks Differs from Python in that the numbers of descriptors have no limit, and that a new socket, which has no
 * descriptor here, can be watched as well.
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 * import * as select from 'await-socket/select';
 *
 * const [one, other] = await socket.socketpair();
 * const [a, b] = await socket.socketpair();
 * await other.sendall('Hello');
 * const [ready] = await select.select([one, a], [], [], 10);
 * for (const sock of ready) console.log(String(await sock.recv(1024))); // Hello
 * for (const sock of [one, other, a, b]) sock.close();
 * ```
 */
export function select<R extends FileObject, W extends FileObject, X extends FileObject>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  options?: WaitOptions,
): Promise<[R[], W[], X[]]>;
export function select<R extends FileObject, W extends FileObject, X extends FileObject>(
  rlist: Iterable<R>,
  wlist: Iterable<W>,
  xlist: Iterable<X>,
  timeout?: number | null,
  options?: WaitOptions,
): Promise<[R[], W[], X[]]>;
export function select(
  rlist: unknown,
  wlist: unknown,
  xlist: unknown,
  timeout: unknown = null,
  options?: unknown,
): Promise<[unknown[], unknown[], unknown[]]> {
  try {
    if (options === undefined && isOptions(timeout)) return selectNow([rlist, wlist, xlist], null, timeout);
    return selectNow([rlist, wlist, xlist], timeout, options);
  } catch (error) {
    return rejected(error, select);
  }
}

function selectNow(
  given: readonly [unknown, unknown, unknown],
  timeout: unknown,
  options: unknown,
): Promise<[unknown[], unknown[], unknown[]]> {
  const milliseconds = millisecondsOf(timeout);
  const [readers, writers, others] = [listOf(given[0]), listOf(given[1]), listOf(given[2])];
  const signal = signalOf(options, 'select');
  signal?.throwIfAborted();
  const events = new Map<Core, number>();
  for (const core of readers.cores) want(events, core, READABLE);
  for (const core of writers.cores) want(events, core, WRITABLE);
  for (const core of others.cores) want(events, core, POLLPRI);
  const set = new ReadySet<Core>(true);
  const watches = Array.from(events, ([core, wanted]) => set.add(core, wanted | POLLNVAL, core));
  const leave = (): void => watches.forEach((watch) => set.remove(watch));
  const finish = (ready: Ready<Core>[]): [unknown[], unknown[], unknown[]] => {
    const happened = happenedOf(ready);
    return [
      chosen(readers, happened, READABLE),
      chosen(writers, happened, WRITABLE),
      chosen(others, happened, POLLPRI),
    ];
  };
  return set.wait(limitsFor(milliseconds, signal), finish, leave);
}

function millisecondsOf(timeout: unknown): number | null {
  if (timeout === null) return null;
  if (typeof timeout !== 'number' && typeof timeout !== 'boolean') {
    throw typeError('timeout must be a float or None', timeout);
  }
  const seconds = checkTime(Number(timeout), 1);
  if (seconds < 0) throw rangeError('timeout must be non-negative', timeout);
  return seconds * 1000;
}

function listOf(list: unknown): List {
  if (typeof list !== 'object' || list === null || !(Symbol.iterator in list)) {
    throw typeError('arguments 1-3 must be sequences', list);
  }
  const objects = Array.from(list as Iterable<unknown>);
  return { objects, cores: objects.map(openCore) };
}

function openCore(fileobj: unknown): Core {
  const { core, fd } = subjectOf(fileobj);
  if (core === undefined) throw osError('EBADF', { syscall: 'select', address: String(fd) });
  return core;
}

/** Adds events to those that are waited for. */
function want(events: Map<Core, number>, core: Core, event: number): void {
  events.set(core, (events.get(core) ?? 0) | event);
}

/** The events of each socket that is ready. One that was closed meanwhile is no descriptor any more. */
function happenedOf(ready: readonly Ready<Core>[]): Map<Core, number> {
  if (ready.some(({ events }) => (events & POLLNVAL) !== 0)) {
    throw osError('EBADF', { syscall: 'select', note: 'a socket was closed' });
  }
  return new Map(ready.map(({ watch, events }) => [watch.item, events]));
}

function chosen({ objects, cores }: List, happened: Map<Core, number>, wanted: number): unknown[] {
  return objects.filter((_object, index) => {
    const core = cores[index];
    return core !== undefined && ((happened.get(core) ?? 0) & wanted) !== 0;
  });
}
