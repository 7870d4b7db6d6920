import { isUtf8 } from 'node:buffer';
import { checkUnixName } from '../common/addresses.ts';
import { AF_UNIX } from '../common/constants.ts';
import type { KernelSocket } from '../kernel/kernel-socket.ts';
import { keepsAbstractNames } from '../transports/bind.ts';
import { plainRules } from './call-rules.ts';
import type { Core } from './core.ts';
import { kernelInstead } from './kernel-switch.ts';

/**
 * Makes a kernel's socket of a Unix socket that is not bound or connected yet, where an address is a name that Node cannot
 * use; `undefined` where Node can, or koffi is missing.
 *
 * @param mayBeEmpty - whether no name at all lets Linux choose one.
 */
export function kernelForName(
  core: Core,
  call: string,
  address: unknown,
  mayBeEmpty: boolean,
): KernelSocket | undefined {
  if (core.family !== AF_UNIX || core.state.kind !== 'fresh' || core.rules !== plainRules) return undefined;
  const name = checkUnixName(call, address);
  const isNodes = isUtf8(name) && (name[0] !== 0 || keepsAbstractNames) && !(mayBeEmpty && name.length === 0);
  return isNodes ? undefined : kernelInstead(core, call);
}
