import net from 'node:net';
import { bindDatagram } from './bind-datagram.ts';
import { bind, listenOn } from './bind.ts';
import { isUnix, type Endpoint } from './endpoint.ts';
import { Failure } from './failure.ts';

/**
 * Whether SO_REUSEPORT is obeyed, tried on the loopback interface: Node before 22.12 silently ignores it, and Deno
 * (2.9) does so for datagrams.
 */

/** Whether two servers can share one port. */
export function sharesPorts(): boolean {
  const host = '127.0.0.1';
  const options = { ipv6Only: false, reusePort: true };
  const servers: net.Server[] = [];
  const listen = (port: number): Endpoint | undefined => {
    const bound = bind({ host, port }, options);
    if (bound instanceof Failure) return undefined;
    const server = bound.toServer?.() ?? net.createServer();
    // The event comes after the failure that listenOn() returns.
    server.on('error', () => undefined);
    servers.push(server);
    return listenOn(server, bound, 1) === undefined ? bound.local : undefined;
  };
  const first = listen(0);
  const second = first === undefined || isUnix(first) ? undefined : listen(first.port);
  for (const server of servers) server.close();
  return second !== undefined;
}

/** Whether two datagram sockets can share one port. */
export function sharesDatagramPorts(): boolean {
  const host = '127.0.0.1';
  const options = { reuseAddress: false, reusePort: true, ipv6Only: false };
  const first = bindDatagram(4, { host, port: 0 }, options);
  if (first instanceof Failure) return false;
  const second = bindDatagram(4, { host, port: first.address().port }, options);
  first.close();
  if (second instanceof Failure) return false;
  second.close();
  return true;
}
