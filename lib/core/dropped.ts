import type { Core } from './core.ts';
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

const registry = new FinalizationRegistry<Watched>(({ core, origin }) => {
  const descriptor = descriptorOf(core.state);
  if (!core.isClosed && descriptor >= 0) warn(core, descriptor, origin);
  core.drop();
});

/** Closes a socket once it is lost. */
export function watchUnclosed(socket: object, core: Core): void {
  const origin = traces ? new Error('made here').stack : undefined;
  registry.register(socket, { core, origin });
}

function warn({ family, type, proto }: Core, descriptor: number, origin: string | undefined): void {
  const text = `unclosed <socket.socket fd=${descriptor}, family=${family}, type=${type}, proto=${proto}>`;
  const where = origin ?? 'AWAIT_SOCKET_TRACE_UNCLOSED=1 in the environment tells where it was made';
  process.emitWarning(text, { type: 'ResourceWarning', code: 'AWAIT_SOCKET_UNCLOSED', detail: where });
}
