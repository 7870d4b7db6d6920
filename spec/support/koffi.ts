import { NoKernel } from '../../lib/kernel/koffi.ts';
import { kernel, type Kernel, type SocketKind } from '../../lib/kernel/libc.ts';

/** Whether options that Node does not have are available: on Linux, with koffi. */
export const hasKoffi = !(kernel() instanceof NoKernel);

/**
 * Has a socket made that the library does not know, as another program would make it, for as long as `use` runs; gives
 * what `use` returns.
 */
export function withForeignSocket(kind: SocketKind, use: (descriptor: number, calls: Kernel) => number): number {
  const calls = kernel();
  if (calls instanceof NoKernel) throw new Error('koffi is needed');
  return calls.withSocket(kind, (descriptor) => use(descriptor, calls));
}
