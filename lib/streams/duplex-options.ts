import {
  AF_INET6,
  AF_UNIX,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_TCLASS,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from '../common/constants.ts';
import type { Core } from '../core/core.ts';
import { getsockopt, setsockopt } from '../core/settings.ts';

/** Sets an option by the rules of Node's sockets: where it does not exist, or comes too late, that is no error. */
export function setOption(core: Core, level: number, option: number, value: number): void {
  if (hasOptions(core)) setsockopt(core, level, option, value, undefined);
}

/** How an idle connection is probed. */
export interface KeepAliveOptions {
  /** Whether it is; false by default. */
  readonly enable?: boolean | undefined;
  /** How long the connection is idle before the first probe, in milliseconds. Below 1000 the time stays as it is. */
  readonly initialDelay?: number | undefined;
  /** The time between probes, in milliseconds. Below 1000 it stays as it is. */
  readonly interval?: number | undefined;
  /** How many probes stay without an answer before the connection counts as broken. */
  readonly count?: number | undefined;
}

/** Sets how an idle connection is probed. The times are set first, so that they hold from the first probe on. */
export function setKeepAlive(
  core: Core,
  { enable = false, initialDelay, interval, count = 0 }: KeepAliveOptions,
): void {
  const limits = [
    [TCP_KEEPIDLE, seconds(initialDelay)],
    [TCP_KEEPINTVL, seconds(interval)],
    [TCP_KEEPCNT, count],
  ] as const;
  for (const [option, value] of limits) if (enable && value > 0) setOption(core, IPPROTO_TCP, option, value);
  setOption(core, SOL_SOCKET, SO_KEEPALIVE, Number(enable));
}

function seconds(milliseconds = 0): number {
  return Math.trunc(milliseconds / 1000);
}

/** The type of service of IPv4, or the traffic class of IPv6; 0 where there is none. */
export function typeOfService(core: Core): number {
  return hasOptions(core) ? Number(getsockopt(core, ...serviceOption(core), 0)) : 0;
}

/** Sets the type of service of IPv4, or the traffic class of IPv6. */
export function setTypeOfService(core: Core, value: number): void {
  setOption(core, ...serviceOption(core), value);
}

function hasOptions(core: Core): boolean {
  return core.family !== AF_UNIX && !core.isClosed;
}

function serviceOption({ family }: Core): [level: number, option: number] {
  return family === AF_INET6 ? [IPPROTO_IPV6, IPV6_TCLASS] : [IPPROTO_IP, IP_TOS];
}
