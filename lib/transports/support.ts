import net from 'node:net';
import type { KeepAlive, OptionSupport } from './option-target.ts';
import { sharesDatagramPorts, sharesPorts } from './port-sharing.ts';

let reusePort: boolean | undefined;
let reuseDatagramPort: boolean | undefined;

/** What this Node can set on a socket. */
export const support: OptionSupport = {
  // Node 20 and 22 take two parameters and silently ignore the others.
  keepAliveInterval: net.Socket.prototype.setKeepAlive.length >= 4,
  typeOfService: 'setTypeOfService' in net.Socket.prototype,
  // Tried when it is first needed.
  get reusePort() {
    return (reusePort ??= sharesPorts());
  },
  get reuseDatagramPort() {
    return (reuseDatagramPort ??= sharesDatagramPorts());
  },
};

/** Whether the environment allows the fast backends, which use undocumented parts of Node. */
export const mayUseFastPath = process.env.AWAIT_SOCKET_FAST_PATH !== 'off';

/**
 * The arguments by which Node's sockets and handles set TCP's keep-alive, as far as this Node can; an idle time that
 * was not chosen is left to the system. A socket takes milliseconds, a handle seconds.
 *
 * @param unit - units per second.
 */
export function keepAliveArguments(
  { on, idle, interval, count }: KeepAlive,
  unit: 1 | 1000,
): [on: boolean, idle: number, interval?: number, count?: number] {
  return support.keepAliveInterval ? [on, (idle ?? 7200) * unit, interval * unit, count] : [on, (idle ?? 0) * unit];
}
