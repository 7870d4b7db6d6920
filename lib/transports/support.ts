import net from 'node:net';
import type { KeepAlive, OptionSupport } from './option-target.ts';
import { sharesDatagramPorts, sharesPorts } from './port-sharing.ts';

let reusePort: boolean | undefined;
let reuseDatagramPort: boolean | undefined;

/** What this Node can set on a socket, found out by looking. */
export const support: OptionSupport = {
  // Node 20 and 22 take two parameters and ignore the others in silence.
  keepAliveInterval: net.Socket.prototype.setKeepAlive.length >= 4,
  typeOfService: 'setTypeOfService' in net.Socket.prototype,
  // Tried out when it is first wanted.
  get reusePort() {
    return (reusePort ??= sharesPorts());
  },
  get reuseDatagramPort() {
    return (reuseDatagramPort ??= sharesDatagramPorts());
  },
};

/** Whether the environment allows the fast backends, which use what Node does not document. */
export const mayUseFastPath = process.env.AWAIT_SOCKET_FAST_PATH !== 'off';

/**
 * What Node's sockets and handles are given to set TCP's keep-alive, as far as this Node can; an idle time that was not
 * chose is left to the system. A socket is given milliseconds, a handle seconds.
 *
 * @param unit - how many of them make a second.
 */
export function keepAliveArguments(
  { on, idle, interval, count }: KeepAlive,
  unit: 1 | 1000,
): [on: boolean, idle: number, interval?: number, count?: number] {
  return support.keepAliveInterval ? [on, (idle ?? 7200) * unit, interval * unit, count] : [on, (idle ?? 0) * unit];
}
