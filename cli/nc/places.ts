import * as socket from '../../lib/index.ts';
import type { Options } from './options.ts';

/** A socket that could be made, and the address that it is to connect to or to listen on. */
export interface Place {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly address: socket.Address;
}

/** What the user typed after the options. */
export interface Destination {
  readonly host: string | null;
  readonly port: string;
}

/** The addresses of a destination; a Unix path has one. */
export async function placesOf({ host, port }: Destination, options: Options): Promise<Place[]> {
  const type = options.udp ? socket.SOCK_DGRAM : socket.SOCK_STREAM;
  if (options.unix) return [{ family: socket.AF_UNIX, type, proto: 0, address: host ?? port }];
  const flags =
    (options.listen ? socket.AI_PASSIVE : 0) | (options.numeric ? socket.AI_NUMERICHOST | socket.AI_NUMERICSERV : 0);
  const rows = await socket.getaddrinfo(host, port, familyOf(options), type, 0, flags);
  return rows.map(([family, kind, proto, , address]) => ({ family, type: kind, proto, address }));
}

/** Without -4 or -6 any family; a server listens on IPv4, as Debian's nc does. */
function familyOf({ ipv4, ipv6 }: Options): number {
  if (ipv4) return socket.AF_INET;
  return ipv6 ? socket.AF_INET6 : socket.AF_UNSPEC;
}

/** An address as text: `127.0.0.1 4000`, or a path. */
export function shown(address: socket.Address | null): string {
  if (address === null || typeof address === 'string' || address instanceof Uint8Array) {
    return address === null || address.length === 0 ? '(no name)' : String(address);
  }
  return `${address[0]} ${address[1]}`;
}

/** The ports that `20-25` or `80` or `http` means. */
export function portsOf(text: string): string[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return [text];
  const [low, high] = [Number(first), Number(last)].sort((one, other) => one - other);
  if (low === undefined || high === undefined || high > 65_535) throw new Error(`no range of ports: ${text}`);
  return Array.from({ length: high - low + 1 }, (_, index) => String(low + index));
}
