import { integer } from '../common/arguments.ts';
import { AF_VSOCK } from '../common/constants.ts';
import { checkQuery, checkSetting } from '../options/options.ts';
import { SettingsLog } from '../options/settings-log.ts';
import { checkTimeout } from '../common/timeouts.ts';
import { coreOf } from './core.ts';
import { checkWideSetting, getKernelOption, getWideOption, setKernelOption } from './kernel-options.ts';

/** Sets an option of the socket, at any time before it is closed. */
export function setsockopt(socket: unknown, level: unknown, optname: unknown, value: unknown, optlen: unknown): void {
  const core = coreOf(socket, 'setsockopt');
  const setting =
    core.family === AF_VSOCK && typeof value === 'number'
      ? checkWideSetting(level, optname, value)
      : checkSetting(level, optname, value, optlen);
  core.checkOpen('setsockopt');
  if (core.state.kind === 'kernel') {
    setKernelOption(core.state.socket, setting);
    (core.state.settings ??= new SettingsLog()).note(setting, true);
    return;
  }
  core.options.set(setting);
}

/** The value of an option of the socket. */
export function getsockopt(socket: unknown, level: unknown, optname: unknown, buflen: unknown): number | Buffer {
  const core = coreOf(socket, 'getsockopt');
  const query = checkQuery(level, optname, buflen);
  core.checkOpen('getsockopt');
  if (core.state.kind !== 'kernel') return core.options.get(query);
  const { socket: own } = core.state;
  return core.family === AF_VSOCK && query.buflen === 0 ? getWideOption(own, query) : getKernelOption(own, query);
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
