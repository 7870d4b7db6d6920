import type { Core } from './core.ts';
import { repr } from './names.ts';
import { descriptorOf } from './state.ts';

/**
 * Closes sockets that the program has lost, as Python does when it collects them, with Python's ResourceWarning
 * (promise 15). With `AWAIT_SOCKET_TRACE_UNCLOSED=1` in the environment the warning says where the socket was made, as
 * Python's does under tracemalloc.
 */

/** What is known of a socket that may be lost. */
interface Watched {
  readonly core: Core;
  /** The stack of the call that made it. */
  readonly origin: string | undefined;
}

const traces = process.env.AWAIT_SOCKET_TRACE_UNCLOSED === '1';

const HINT = 'With AWAIT_SOCKET_TRACE_UNCLOSED=1 in the environment such warnings say where the socket was made.';

let hasWarned = false;

const registry = new FinalizationRegistry<Watched>(({ core, origin }) => {
  // A file that uses the socket goes on doing so, and closes it.
  if (!core.isClosed && core.files === 0 && descriptorOf(core.state) >= 0) warn(core, origin);
  core.drop();
});

/** Closes a socket once it is lost. */
export function watchUnclosed(socket: object, core: Core): void {
  const origin = traces ? new Error('made here').stack : undefined;
  registry.register(socket, { core, origin });
}

function warn(core: Core, origin: string | undefined): void {
  const detail = origin ?? (hasWarned ? undefined : HINT);
  hasWarned = true;
  const options = { type: 'ResourceWarning', code: 'AWAIT_SOCKET_UNCLOSED' };
  process.emitWarning(`unclosed ${repr(core)}`, detail === undefined ? options : { ...options, detail });
}
