import { coreOf, type Core } from './core.ts';
import { repr } from './names.ts';
import { descriptorOf } from './state.ts';

/**
 * Closes sockets that the program has lost, as Python does when it collects them, with Python's ResourceWarning
 * (promise 15). With `AWAIT_SOCKET_TRACE_UNCLOSED=1` in the environment the warning says where the socket was made, as
 * Python's does under tracemalloc.
 */

/** The stack of the call that made each socket, where that is asked for. */
const origins = process.env.AWAIT_SOCKET_TRACE_UNCLOSED === '1' ? new WeakMap<Core, string>() : undefined;

const HINT = 'With AWAIT_SOCKET_TRACE_UNCLOSED=1 in the environment such warnings say where the socket was made.';

let hasWarned = false;

const registry = new FinalizationRegistry<Core>((core) => {
  // A file that uses the socket goes on doing so, and closes it.
  if (!core.isClosed && core.files === 0 && descriptorOf(core.state) >= 0) warn(core);
  core.drop();
});

/**
 * Sockets that were made a moment ago. The registry gets those of them that are still open a moment later: V8 keeps
 * what it has registered until it next goes over the whole heap, and connections that are closed by then, which most
 * short ones are, would fill that heap.
 */
let young: object[] = [];

/** How long that moment is at most, in milliseconds, and for how many sockets. */
const YOUNG_TIME = 100;
const MOST_YOUNG = 1024;

let timer: NodeJS.Timeout | undefined;

/** Closes a socket once it is lost. */
export function watchUnclosed(socket: object, core: Core): void {
  origins?.set(core, String(new Error('made here').stack));
  if (young.length === 0) timer = setTimeout(registerYoung, YOUNG_TIME).unref();
  young.push(socket);
  if (young.length === MOST_YOUNG) registerYoung();
}

function registerYoung(): void {
  clearTimeout(timer);
  for (const socket of young) {
    const core = coreOf(socket, 'close');
    if (!core.isClosed) registry.register(socket, core);
  }
  young = [];
}

function warn(core: Core): void {
  const detail = origins?.get(core) ?? (hasWarned ? undefined : HINT);
  hasWarned = true;
  const options = { type: 'ResourceWarning', code: 'AWAIT_SOCKET_UNCLOSED' };
  process.emitWarning(`unclosed ${repr(core)}`, detail === undefined ? options : { ...options, detail });
}
