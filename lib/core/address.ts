import { checkInetAddress, checkUnixAddress } from '../common/addresses.ts';
import { shown } from '../common/arguments.ts';
import { AF_UNIX } from '../common/constants.ts';
import { scopedHost } from '../names/interfaces.ts';
import { numericHost, resolveHost } from '../names/resolver.ts';
import { whenAborted } from '../waiting/abort.ts';
import { atDeadline } from '../waiting/clock.ts';
import type { Limits } from '../waiting/waiters.ts';
import { keepsAbstractNames } from '../transports/bind.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import type { Core } from './core.ts';
import { Target } from './target.ts';

/** Where a call goes, as far as that is known without a look-up. */
export function targetOf(core: Core, call: string, address: unknown): Target {
  if (core.family === AF_UNIX) {
    return new Target(unixEndpoint(core, call, address), '', 0, 0);
  }
  const { host, port, scopeid } = checkInetAddress(call, core.family, address);
  const numeric = numericHost(core.family, host);
  const endpoint = numeric === null ? undefined : { host: scopedHost(numeric, scopeid), port };
  return new Target(endpoint, host, port, scopeid);
}

/** Where a Unix socket is to be bound or connected: Node before 22 cannot keep abstract names as they are. */
export function unixEndpoint(core: Core, call: string, address: unknown): { readonly path: string } {
  const path = checkUnixAddress(call, address);
  if (!path.startsWith('\0') || keepsAbstractNames) return { path };
  core.checkOpen(call);
  throw core.error('ENOTSUP', call, `abstract name ${shown(path)} (needs Node 22)`);
}

/** Looks a name up, within the limits of a call. */
export async function resolve(core: Core, call: string, target: Target, limits: Limits): Promise<Endpoint> {
  const { host, port, scopeid } = target;
  const { deadline, signal } = limits;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const stops = [core.closing, signal].map((one) => (one === undefined ? undefined : whenAborted(one, end)));
  // A socket that does not wait still waits for name look-ups, as in Python.
  if (typeof deadline === 'number') stops.push(atDeadline(deadline, end));
  core.beginWait();
  try {
    const numeric = await resolveHost(core.family, host, ending.signal);
    return { host: scopedHost(numeric, scopeid), port };
  } catch (error) {
    signal?.throwIfAborted();
    core.checkOpen(call);
    if (ending.signal.aborted) throw core.rules.timedOut(call, target.text);
    throw error;
  } finally {
    core.endWait();
    for (const stop of stops) stop?.();
  }
}
