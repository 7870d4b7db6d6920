import type { Address } from '../common/addresses.ts';
import { signalOf } from '../common/call-options.ts';
import type { AcceptedSocket, KernelSocket } from '../kernel/kernel-socket.ts';
import { endpointOf } from '../kernel/kernel-source.ts';
import { orEnd } from '../kernel/or-end.ts';
import type { SocketName } from '../kernel/socket-calls.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { acceptedOver } from '../transports/descriptor.ts';
import { Failure } from '../transports/failure.ts';
import { Stream } from '../transports/stream.ts';
import { awaited } from '../waiting/gate.ts';
import { acceptedBy } from './accepted.ts';
import type { Core } from './core.ts';
import { kernelTarget } from './kernel-address.ts';
import { coreOver, mayWait } from './kernel-calls.ts';
import { unsupported } from './kinds.ts';
import type { KernelState } from './state.ts';
import { limitsOf, nothing, perform, type Operation } from './wait.ts';

/** Connects a kernel's socket; `method` is the name of the method that the program called. */
export function connectKernel(
  core: Core,
  socket: KernelSocket,
  method: string,
  address: unknown,
  options: unknown,
): Promise<void> {
  const target = kernelTarget(core, 'connect', address);
  const signal = signalOf(options, method);
  const { name, text } = target;
  const to = (resolved: SocketName): Promise<void> => {
    core.checkOpen('connect');
    return perform(core, 'connect', socket.writers, connecting(core, socket, resolved, text), signal).then(nothing);
  };
  if (name !== undefined) return to(name);
  signal?.throwIfAborted();
  return awaited(() => target.resolved(core, 'connect', limitsOf(core, 0, signal)).then(to));
}

function connecting(core: Core, socket: KernelSocket, name: SocketName, address: string): Operation<true> {
  return {
    attempt: socket.connector(name, mayWait(core, 0)),
    abandon: () => socket.forgetConnect(),
    address,
  };
}

/** Accepts a connection; `make` makes the socket of a core. */
export function acceptKernel<S>(
  core: Core,
  state: KernelState,
  make: (core: Core) => S,
  signal: AbortSignal | undefined,
): Promise<[S, Address]> {
  const wait = mayWait(core, 0);
  const attempt =
    unsupported(state.socket.kind) === undefined
      ? (): [S, Address] | Failure | undefined => {
          const stream = nextOrEnd(core, state, () => nextStream(state, wait));
          return stream === undefined || stream instanceof Failure ? stream : acceptedBy(core, stream, make);
        }
      : (): [S, Address] | Failure | undefined => {
          const accepted = nextOrEnd(core, state, () => state.socket.accept(wait));
          return accepted === undefined || accepted instanceof Failure
            ? accepted
            : acceptedOf(state.socket, accepted, make);
        };
  return perform(core, 'accept', state.socket.readers, { attempt }, signal);
}

/**
 * The next connection. As on Linux, where the input of a Unix listener is shut down, only a call without a time limit
 * fails (unix_accept()).
 */
export function nextOrEnd<T>(
  { timeout }: Core,
  { socket }: KernelState,
  next: () => T | Failure | undefined,
): T | Failure | undefined {
  return orEnd<T | Failure>(socket, timeout === null, next, () => new Failure('EINVAL'));
}

/** The oldest connection that was not accepted yet, of a kind that Node has: Node reads it from now on. */
export function nextStream({ socket }: KernelState, mayWait: boolean): Stream | Failure | undefined {
  const next = socket.readAhead.accepted.shift() ?? socket.accept(mayWait);
  if (next === undefined || next instanceof Failure || next instanceof Stream) return next;
  const name = socket.name();
  const local = name instanceof Failure ? undefined : endpointOf(name);
  return acceptedOver(next.descriptor, local ?? { path: '' }, endpointOf(next.peer));
}

/** How many connections wait, 1 for any in the kernel; `undefined` if the socket does not listen. */
export function kernelBacklog({ socket }: KernelState): number | undefined {
  return socket.isListening ? socket.readAhead.accepted.length + Number(socket.hasInput) : undefined;
}

/** The socket and the address of a connection of a kind that Node does not have. */
function acceptedOf<S>(
  socket: KernelSocket,
  { descriptor, peer }: AcceptedSocket,
  make: (core: Core) => S,
): [S, Address] | Failure {
  const accepted = socket.accepted(descriptor);
  return accepted instanceof Failure ? accepted : [make(coreOver(accepted)), addressOf(peer) ?? ''];
}
