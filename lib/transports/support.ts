import net from 'node:net';
import type { KeepAlive, OptionSupport } from '../option.ts';

/** The first libuv that knows UV_TCP_REUSEPORT; Node has it since 22.12. */
const REUSE_PORT_SINCE = [1, 49] as const;

/** What this Node can set on a socket, found out by looking. */
export const support: OptionSupport = {
  // Node 20 and 22 take two parameters and ignore the others in silence.
  keepAliveInterval: net.Socket.prototype.setKeepAlive.length >= 4,
  typeOfService: 'setTypeOfService' in net.Socket.prototype,
  reusePort: isAtLeast(process.versions.uv, REUSE_PORT_SINCE),
};

/** Whether the environment lets the fast ways be taken that Node does not document. */
export const mayUseHotPath = process.env.AWAIT_SOCKET_HOT_PATH !== 'off';

/** Sets TCP's keep-alive as far as this Node can; an idle time that nobody chose is left to the system. */
export function setKeepAlive(socket: net.Socket, { on, idle, interval, count }: KeepAlive): void {
  const seconds = 1000;
  if (support.keepAliveInterval) socket.setKeepAlive(on, (idle ?? 7200) * seconds, interval * seconds, count);
  else socket.setKeepAlive(on, (idle ?? 0) * seconds);
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
