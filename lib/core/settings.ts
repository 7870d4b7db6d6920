import { integer } from '../common/arguments.ts';
import { checkQuery, checkSetting } from '../options/options.ts';
import { checkTimeout } from '../common/timeouts.ts';
import { coreOf } from './core.ts';
import { getKernelOption, setKernelOption } from './kernel-options.ts';

/** Sets an option of the socket, at any time before it is closed. */
export function setsockopt(socket: unknown, level: unknown, optname: unknown, value: unknown, optlen: unknown): void {
  const core = coreOf(socket, 'setsockopt');
  const setting = checkSetting(level, optname, value, optlen);
  core.checkOpen('setsockopt');
  if (core.state.kind === 'kernel') return setKernelOption(core.state.socket, setting);
  core.options.set(setting);
}

/** The value of an option of the socket. */
export function getsockopt(socket: unknown, level: unknown, optname: unknown, buflen: unknown): number | Buffer {
  const core = coreOf(socket, 'getsockopt');
  const query = checkQuery(level, optname, buflen);
  core.checkOpen('getsockopt');
  return core.state.kind === 'kernel' ? getKernelOption(core.state.socket, query) : core.options.get(query);
}

/** Sets how long the awaited calls wait. */
export function settimeout(socket: unknown, timeout: unknown): void {
  const core = coreOf(socket, 'settimeout');
  core.timeout = checkTimeout(timeout);
  core.checkOpen('settimeout');
}

/** Sets whether the awaited calls wait at all. */
export function setblocking(socket: unknown, flag: unknown): void {
  const core = coreOf(socket, 'setblocking');
  core.timeout = integer(flag, 'flag') === 0 ? 0 : null;
  core.checkOpen('setblocking');
}
