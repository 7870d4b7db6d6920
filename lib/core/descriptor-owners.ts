import type { Core } from './core.ts';
import { descriptorOf } from './state.ts';

/** The sockets whose numbers the program has asked for. It has no more entries than the process may have descriptors. */
const owners = new Map<number, WeakRef<Core>>();

/** Notes whose number the program gets. */
export function noteDescriptor(descriptor: number, core: Core): void {
  if (owners.get(descriptor)?.deref() !== core) owners.set(descriptor, new WeakRef(core));
}

/** The open socket of a number that the program got by `fileno()`; `undefined` if there is none. */
export function ownerOf(descriptor: number): Core | undefined {
  const core = owners.get(descriptor)?.deref();
  return core !== undefined && descriptorOf(core.state) === descriptor ? core : undefined;
}
