import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../common/poll-constants.ts';
import { signalOf } from '../common/call-options.ts';
import { DONE } from '../waiting/gate.ts';
import { BY_CLOSE, WaiterList } from '../waiting/waiters.ts';
import { coreOf, refused } from './core.ts';
import { limitsOf, nothing, tryNow, wait } from './wait.ts';

/** The events for which select(2) calls a descriptor readable, and writable (POLLIN_SET and POLLOUT_SET in Linux). */
export const READABLE = POLLIN | POLLHUP | POLLERR;
export const WRITABLE = POLLOUT | POLLERR;

/** Waits until a receive or an accept would not have to wait. */
export function readable(socket: unknown, options: unknown): Promise<void> {
  return until(socket, 'readable', READABLE, options);
}

/** Waits until a send would not have to wait, or a connect() is over. */
export function writable(socket: unknown, options: unknown): Promise<void> {
  return until(socket, 'writable', WRITABLE, options);
}

function until(socket: unknown, method: 'readable' | 'writable', events: number, options: unknown): Promise<void> {
  try {
    const core = coreOf(socket, method);
    const signal = signalOf(options, method);
    core.checkOpen('poll');
    const attempt = (): true | undefined => (core.poll() & events) !== 0 || undefined;
    const waiters = new WaiterList();
    const isReady = tryNow(core, 'poll', waiters, { attempt }, signal);
    if (isReady !== undefined) return DONE;
    const forget = core.observe(() => {
      if (core.state.kind === 'closed') waiters.end(BY_CLOSE);
      else waiters.serve();
    });
    return wait(core, 'poll', waiters, { attempt }, limitsOf(core, 0, signal))
      .then(nothing)
      .finally(forget);
  } catch (error) {
    return refused(error, method);
  }
}
