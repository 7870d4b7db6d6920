import { addressText, checkInetAddress, checkUnixAddress } from '../addresses.ts';
import { shown } from '../arguments.ts';
import { AF_UNIX } from '../constants.ts';
import { scopedHost } from '../names/interfaces.ts';
import { numericHost, resolveHost } from '../names/resolver.ts';
import { whenAborted } from '../queues/abort.ts';
import { atDeadline } from '../queues/clock.ts';
import type { Limits } from '../queues/waiters.ts';
import { keepsAbstractNames } from '../transports/bind.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import type { Core } from './core.ts';
import { timedOut } from './wait.ts';

/** Where a call goes: `endpoint` where that is known already, else a name to look up. */
export class Target {
  readonly endpoint: Endpoint | undefined;
  readonly host: string;
  readonly port: number;
  readonly scopeid: number;

  constructor(endpoint: Endpoint | undefined, host: string, port: number, scopeid: number) {
    this.endpoint = endpoint;
    this.host = host;
    this.port = port;
    this.scopeid = scopeid;
  }

  /** The address as messages show it, whatever the program makes of its array. */
  get text(): string {
    if (this.endpoint !== undefined && isUnix(this.endpoint)) return addressText(this.endpoint.path);
    return addressText([this.host, this.port, 0, this.scopeid]);
  }
}

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
  throw core.error('ENOTSUP', call, `abstract name ${shown(path)} (needs Node 22)`);
}

/** Looks a name up, within the limits of a call. */
export async function resolve(core: Core, call: string, target: Target, limits: Limits): Promise<Endpoint> {
  const { host, port, scopeid } = target;
  const { deadline, signal } = limits;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const stops = [core.closing, signal].map((one) => (one === undefined ? undefined : whenAborted(one, end)));
  // A socket that does not wait looks names up all the same, as in Python.
  if (typeof deadline === 'number') stops.push(atDeadline(deadline, end));
  core.beginWait();
  try {
    const numeric = await resolveHost(core.family, host, ending.signal);
    return { host: scopedHost(numeric, scopeid), port };
  } catch (error) {
    signal?.throwIfAborted();
    core.checkOpen(call);
    if (ending.signal.aborted) throw timedOut(call, target.text);
    throw error;
  } finally {
    core.endWait();
    for (const stop of stops) stop?.();
  }
}
