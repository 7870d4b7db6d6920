import { osError } from '../common/errors.ts';
import { POLLIN, POLLNVAL, POLLOUT } from '../common/poll-constants.ts';
import { READABLE, WRITABLE } from '../core/readiness.ts';
import type { Socket } from '../socket.ts';
import type { FileObject, Subject } from './fileobj.ts';
import { ALWAYS } from './poll.ts';
import { BaseSelector, EVENT_READ, EVENT_WRITE } from './selector.ts';

/** The events of poll(2) that are asked for. */
function asked(events: number, input: number, output: number): number {
  return ((events & EVENT_READ) === 0 ? 0 : input) | ((events & EVENT_WRITE) === 0 ? 0 : output);
}

/** As Python's _PollLikeSelector reads them: an error or a hang-up counts as both. */
function pollLike(mask: number): number {
  return ((mask & ~POLLOUT) === 0 ? 0 : EVENT_READ) | ((mask & ~POLLIN) === 0 ? 0 : EVENT_WRITE);
}

/**
 * A selector that takes no notice of sockets that were closed without `unregister()`, as epoll(7) does. Their keys stay
 * until then.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.EpollSelector
 */
export class EpollSelector<Data = unknown, File extends FileObject = Socket> extends BaseSelector<Data, File> {
  /**
   * The number of the descriptor below, which a selector does not have here.
   *
   * @returns −1.
   * @see https://docs.python.org/3/library/selectors.html#selectors.EpollSelector.fileno
   */
  fileno(): number {
    return -1;
  }

  /** @internal */
  protected maskOf(events: number): number {
    return asked(events, POLLIN, POLLOUT) | (ALWAYS & ~POLLNVAL);
  }

  /** @internal */
  protected eventsOf(mask: number): number {
    return pollLike(mask);
  }

  /** @internal */
  protected checkSubject({ core, fd }: Subject): void {
    if (core === undefined) throw osError('EBADF', { syscall: 'epoll_ctl', address: String(fd) });
  }
}

/**
 * A selector that reports a socket that was closed without `unregister()` as ready for all of its events, as poll(2)
 * does.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.PollSelector
 */
export class PollSelector<Data = unknown, File extends FileObject = Socket> extends BaseSelector<Data, File> {
  /** @internal */
  protected maskOf(events: number): number {
    return asked(events, POLLIN, POLLOUT) | ALWAYS;
  }

  /** @internal */
  protected eventsOf(mask: number): number {
    return pollLike(mask);
  }

  /** @internal */
  protected checkSubject(): void {
    // poll(2) takes any number.
  }
}

/**
 * A selector whose `select()` raises EBADF for a socket that was closed without `unregister()`, as select(2) does.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.SelectSelector
 */
export class SelectSelector<Data = unknown, File extends FileObject = Socket> extends BaseSelector<Data, File> {
  /** @internal */
  protected maskOf(events: number): number {
    return asked(events, READABLE, WRITABLE) | POLLNVAL;
  }

  /** @internal */
  protected eventsOf(mask: number): number {
    if ((mask & POLLNVAL) !== 0) throw osError('EBADF', { syscall: 'select', note: 'a socket was closed' });
    return ((mask & READABLE) === 0 ? 0 : EVENT_READ) | ((mask & WRITABLE) === 0 ? 0 : EVENT_WRITE);
  }

  /** @internal */
  protected checkSubject(): void {
    // Numbers are looked at by select().
  }
}

/**
 * The selector that programs use: on Linux, Python's is {@link EpollSelector}, too.
 *
 * @see https://docs.python.org/3/library/selectors.html#selectors.DefaultSelector
 */
export const DefaultSelector = EpollSelector;
/** An object of {@link DefaultSelector}. */
export type DefaultSelector<Data = unknown, File extends FileObject = Socket> = EpollSelector<Data, File>;
