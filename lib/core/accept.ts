import type { Address } from '../common/addresses.ts';
import { signalOf } from '../common/call-options.ts';
import { SOCK_DGRAM } from '../common/constants.ts';
import type { Failure } from '../transports/failure.ts';
import type { Listener } from '../transports/listener.ts';
import { Stream } from '../transports/stream.ts';
import { acceptedBy } from './accepted.ts';
import { coreOf, refused, type Core } from './core.ts';
import { acceptKernel, kernelBacklog } from './kernel-connect.ts';
import { perform, type Operation } from './wait.ts';

/** Accepts a connection; `make` makes the socket of a core. */
export function accept<S>(socket: unknown, make: (core: Core) => S, options: unknown): Promise<[S, Address]> {
  try {
    const core = coreOf(socket, 'accept');
    const signal = signalOf(options, 'accept');
    if (core.state.kind === 'kernel') return acceptKernel(core, core.state, make, signal);
    const listener = listenerOf(core, 'accept');
    return perform(core, 'accept', listener.acceptors, new Accepting(core, listener, make), signal);
  } catch (error) {
    return refused(error, 'accept');
  }
}

/** What a socket listens with; raises if it does not listen. */
function listenerOf(core: Core, call: string): Listener {
  core.checkOpen(call);
  const { state } = core;
  if (state.kind === 'listening') return state.listener;
  throw core.error(core.type === SOCK_DGRAM ? 'ENOTSUP' : 'EINVAL', call);
}

/** Raises if a socket does not listen. */
export function checkListening(socket: unknown, call: string): void {
  const core = coreOf(socket, call);
  if (core.state.kind !== 'kernel' || !core.state.socket.isListening) listenerOf(core, call);
}

/** How many connections wait to be accepted, 1 for any in the kernel; `undefined` if the socket does not listen. */
export function waitingConnections(socket: unknown): number | undefined {
  const { state } = coreOf(socket, 'accept');
  if (state.kind === 'kernel') return kernelBacklog(state);
  return state.kind === 'listening' ? state.listener.length : undefined;
}

/** Stops listening; the connections that wait can still be accepted. */
export function retire(socket: unknown): void {
  const { state } = coreOf(socket, 'accept');
  if (state.kind === 'listening') state.listener.retire();
}

/**
 * The method by which a class of listeners makes a connection of its own kind out of one that it has accepted: a
 * listener with TLS puts TLS on it, and waits for the handshake. Thus one slow client need not keep the next one
 * waiting, as it does in `accept()`.
 */
export const ADMIT: unique symbol = Symbol('admit');

/** What `accept()` does. */
class Accepting<S> implements Operation<[S, Address]> {
  readonly #core: Core;
  readonly #listener: Listener;
  readonly #make: (core: Core) => S;

  constructor(core: Core, listener: Listener, make: (core: Core) => S) {
    this.#core = core;
    this.#listener = listener;
    this.#make = make;
  }

  attempt(): [S, Address] | Failure | undefined {
    const stream = this.#listener.accept();
    return stream instanceof Stream ? acceptedBy(this.#core, stream, this.#make) : stream;
  }
}
