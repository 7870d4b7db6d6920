import type { Address } from '../common/addresses.ts';
import { coreOf } from './core.ts';
import { noteDescriptor } from './descriptor-owners.ts';
import { kernelAddress } from './kernel-calls.ts';
import { descriptorOf, localOf, remoteOf } from './state.ts';

/** The socket's own address. */
export function getsockname(socket: unknown): Address {
  const core = coreOf(socket, 'getsockname');
  core.checkOpen('getsockname');
  if (core.state.kind === 'kernel') return kernelAddress(core, core.state.socket.name(), 'getsockname');
  core.syncConnectState();
  return core.address(localOf(core.state) ?? core.unspecifiedAddress());
}

/** The peer's address. */
export function getpeername(socket: unknown): Address {
  const core = coreOf(socket, 'getpeername');
  core.checkOpen('getpeername');
  if (core.state.kind === 'kernel') return kernelAddress(core, core.state.socket.peer(), 'getpeername');
  core.syncConnectState();
  const remote = remoteOf(core.state);
  if (remote === undefined) throw core.error('ENOTCONN', 'getpeername');
  return core.address(remote);
}

/** The number of the socket's descriptor, −1 where it has none. */
export function fileno(socket: unknown): number {
  const core = coreOf(socket, 'fileno');
  const descriptor = descriptorOf(core.state);
  if (descriptor >= 0) noteDescriptor(descriptor, core);
  // The program may pass the number to others, or read it by itself.
  if (core.state.kind === 'datagrams') core.state.datagrams.share();
  return descriptor;
}
