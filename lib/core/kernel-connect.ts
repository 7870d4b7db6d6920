import type { Address } from '../common/addresses.ts';
import { signalOf } from '../common/call-options.ts';
import type { AcceptedSocket, KernelSocket } from '../kernel/kernel-socket.ts';
import type { SocketName } from '../kernel/socket-calls.ts';
import { addressOf } from '../kernel/socket-name.ts';
import { Failure } from '../transports/failure.ts';
import { awaited } from '../waiting/gate.ts';
import type { Core } from './core.ts';
import { kernelTarget } from './kernel-address.ts';
import { coreOver, mayWait } from './kernel-calls.ts';
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
  socket: KernelSocket,
  make: (core: Core) => S,
  signal: AbortSignal | undefined,
): Promise<[S, Address]> {
  const wait = mayWait(core, 0);
  const attempt = (): [S, Address] | Failure | undefined => {
    const accepted = socket.accept(wait);
    if (accepted === undefined || accepted instanceof Failure) return accepted;
    return acceptedOf(accepted, make);
  };
  return perform(core, 'accept', socket.readers, { attempt }, signal);
}

function acceptedOf<S>({ socket, peer }: AcceptedSocket, make: (core: Core) => S): [S, Address] {
  return [make(coreOver(socket)), addressOf(peer) ?? ''];
}
