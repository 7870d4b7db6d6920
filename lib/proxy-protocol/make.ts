import { checkInetAddress, type Address } from '../common/addresses.ts';
import { isBytes, rangeError } from '../common/arguments.ts';
import { checkOptions } from '../common/call-options.ts';
import { AF_INET6 } from '../common/constants.ts';
import { called } from '../common/stack.ts';
import { formatIPv4, formatIPv6, parseDottedQuad, parseIPv6 } from '../names/inet.ts';
import { PREFIX } from './version-1.ts';
import { LOCAL, PROXY, SIGNATURE, TCP_OVER_IPV4, TCP_OVER_IPV6, UNSPECIFIED } from './version-2.ts';

/** How {@link makeProxyHeader} makes a header. */
export interface MakeProxyHeaderOptions {
  /** 1 for a line of text, 2, the default, for the binary form. */
  readonly version?: 1 | 2 | undefined;
}

/**
 * Makes the PROXY header with which a proxy announces a client. Send it at once, before anything else: HAProxy and nginx
 * refuse one that comes in two pieces. It has at most 107 bytes, which is what older ones read.
 *
 * @param source - the client's address, such as `conn.getpeername()`.
 * @param destination - the address that the client has connected to, such as `conn.getsockname()`.
 * @param options - `version`.
 * @returns the header. Where the two are no IP addresses, it is that of a connection of the proxy's own: `LOCAL`, or
 * `UNKNOWN` in version 1.
 * @throws TypeError or RangeError for the arguments.
 * @see https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt
 *
 * @remarks Python has no such call.
 *
 * @example
 * ```ts
 * import { makeProxyHeader } from 'await-socket/proxy-protocol';
 *
 * const header = makeProxyHeader(['192.0.2.1', 56324], ['192.0.2.9', 443], { version: 1 });
 * console.log(JSON.stringify(String(header))); // "PROXY TCP4 192.0.2.1 192.0.2.9 56324 443\r\n"
 * ```
 */
export function makeProxyHeader(source: Address, destination: Address, options?: MakeProxyHeaderOptions): Buffer {
  return called(makeProxyHeader, () => {
    checkOptions(options, ['version'], 'makeProxyHeader');
    const { version = 2 } = options ?? {};
    if (version !== 1 && version !== 2) throw rangeError('makeProxyHeader(): version must be 1 or 2', version);
    const [from, to] = [endOf(source, 'source'), endOf(destination, 'destination')];
    const ends = from === undefined || to === undefined ? undefined : ofOneFamily(from, to);
    return version === 1 ? lineOf(ends) : binaryOf(ends);
  });
}

/** One end of a connection. */
interface End {
  readonly host: Buffer;
  readonly port: number;
}

/** Both ends of a connection: the source, and the destination. */
type Ends = readonly [source: End, destination: End];

/** Checks an address; the end is `undefined` where it is none of IP. */
function endOf(address: unknown, name: string): End | undefined {
  if (typeof address === 'string' || isBytes(address)) return undefined;
  // An address of AF_INET fits, too.
  const { host, port } = checkInetAddress('makeProxyHeader', AF_INET6, address);
  const bytes = parseDottedQuad(host) ?? parseIPv6(host);
  if (bytes === null) throw rangeError(`makeProxyHeader(): the host of ${name} must be a numeric address`, host);
  return { host: bytes, port };
}

/** `::ffff:0:0/96`, by which an IPv4 address is one of IPv6 as well. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** Makes both ends IPv6 where one is. */
function ofOneFamily(...ends: Ends): Ends {
  const [source, destination] = ends;
  return source.host.length === destination.host.length ? ends : [mapped(source), mapped(destination)];
}

function mapped({ host, port }: End): End {
  return { host: host.length === 4 ? Buffer.concat([MAPPED, host]) : host, port };
}

function lineOf(ends: Ends | undefined): Buffer {
  if (ends === undefined) return Buffer.from(`${String(PREFIX)}UNKNOWN\r\n`);
  const isIPv4 = ends[0].host.length === 4;
  const hosts = ends.map(({ host }) => (isIPv4 ? formatIPv4(host) : formatIPv6(host)));
  const fields = [isIPv4 ? 'TCP4' : 'TCP6', ...hosts, ends[0].port, ends[1].port];
  return Buffer.from(`${String(PREFIX)}${fields.join(' ')}\r\n`);
}

function binaryOf(ends: Ends | undefined): Buffer {
  const isIPv4 = ends?.[0].host.length === 4;
  const ports = Buffer.alloc(4);
  ends?.forEach(({ port }, index) => ports.writeUInt16BE(port, 2 * index));
  const addresses = ends === undefined ? [] : [ends[0].host, ends[1].host, ports];
  const head = ends === undefined ? [LOCAL, UNSPECIFIED] : [PROXY, isIPv4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6];
  const length = addresses.reduce((sum, bytes) => sum + bytes.length, 0);
  return Buffer.concat([SIGNATURE, Buffer.of(...head, length >> 8, length & 0xff), ...addresses]);
}
