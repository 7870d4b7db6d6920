import type { AddressLike } from '../common/addresses.ts';
import { int, integer, rangeError, typeError } from '../common/arguments.ts';
import { signalOf, type WaitOptions } from '../common/call-options.ts';
import {
  AF_INET,
  AI_NUMERICHOST,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  SOCK_DGRAM,
} from '../common/constants.ts';
import { textError } from '../common/errors.ts';
import { awaited } from '../waiting/gate.ts';
import { gaiCodeOf, gaiError, lookupError } from './gai.ts';
import { gethostname } from './hosts.ts';
import { parseIPv6 } from './inet.ts';
import { ifNameindex } from './interfaces.ts';
import { lookupName } from './lookup.ts';
import { getaddrinfo } from './resolver.ts';
import { serviceAt } from './services.ts';
import { checkedText } from './text.ts';

/** glibc's flags: those with a constant, and three about international names that have no effect here. */
const KNOWN_FLAGS = NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM | 0xe0;

/** An address of {@link getnameinfo}, its fields checked but not yet its host. */
interface NumericAddress {
  readonly host: string;
  readonly port: number;
  readonly scopeid: number;
  /** How many fields the caller gave. */
  readonly length: number;
}

/**
 * Turns an address into the names of its host and its service.
 *
 * @param sockaddr - `[host, port]`, or for IPv6 also `[host, port, flowinfo, scopeid]`; the host must be numeric.
 * @param flags - `NI_*` flags.
 * @param options - `signal` ends the wait.
 * @returns `[host, service]`: names where they exist and the flags allow them, otherwise numbers.
 * @throws gaierror EAI_NONAME for a host that is not numeric, and for one without a name under NI_NAMEREQD;
 * EAI_BADFLAGS; EAI_AGAIN and EAI_FAIL where the name server fails; RangeError (Python: OverflowError, ValueError) for
 * numbers out of range or a NUL in the host; OSError without a number where an IPv4 address has more than two fields;
 * the signal's reason.
 * @see https://docs.python.org/3/library/socket.html#socket.getnameinfo
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * const [host, service] = await socket.getnameinfo(['127.0.0.1', 80], socket.NI_NUMERICHOST);
 * console.log(host, service); // 127.0.0.1 http
 * ```
 */
export function getnameinfo(
  sockaddr: AddressLike,
  flags: number,
  options?: WaitOptions,
): Promise<[host: string, service: string]> {
  return awaited(() => {
    const wanted = int(flags, 'getnameinfo(): flags');
    const address = checkAddress(sockaddr);
    return nameInfo(address, wanted, signalOf(options, 'getnameinfo'));
  }, getnameinfo);
}

async function nameInfo(
  { host, port, scopeid, length }: NumericAddress,
  wanted: number,
  signal: AbortSignal | undefined,
): Promise<[host: string, service: string]> {
  // As bytes, because a host that must be numeric is not checked as a name.
  const [row, ...others] = await getaddrinfo(Buffer.from(host), port, 0, SOCK_DGRAM, 0, AI_NUMERICHOST);
  if (row === undefined || others.length > 0) {
    throw textError('sockaddr resolved to multiple addresses', { syscall: 'getnameinfo', address: host });
  }
  const [family, , , , [address, portNumber]] = row;
  if (family === AF_INET && length !== 2) {
    throw textError('IPv4 sockaddr must be 2 tuple', {
      syscall: 'getnameinfo',
      address,
      note: `an IPv4 address must be [host, port], received ${length} fields`,
    });
  }
  if ((wanted & ~KNOWN_FLAGS) !== 0) throw gaiError('EAI_BADFLAGS', { syscall: 'getnameinfo', address });
  const hostName = await nameOf(address, family === AF_INET ? 0 : scopeid, wanted, signal);
  return [hostName, serviceName(portNumber, wanted)];
}

/** Checks the fields in Python's order. */
function checkAddress(sockaddr: unknown): NumericAddress {
  const fields: readonly unknown[] = Array.isArray(sockaddr) ? sockaddr : [];
  const [host, , flow = 0, scope = 0] = fields;
  if (fields.length < 2 || fields.length > 4 || typeof host !== 'string') {
    throw typeError('getnameinfo(): sockaddr must be [host, port, flowinfo?, scopeid?], the host a string', sockaddr);
  }
  checkedText(host, 'getnameinfo(): host');
  const port = int(fields[1], 'getnameinfo(): port');
  const flowinfo = integer(flow, 'getnameinfo(): flowinfo');
  const scopeid = integer(scope, 'getnameinfo(): scopeid');
  checkRange('flowinfo', flowinfo, 0xf_ffff);
  checkRange('scopeid', scopeid, 0xffff_ffff);
  return { host, port, scopeid, length: fields.length };
}

function checkRange(name: string, value: number, max: number): void {
  if (value < 0 || value > max) throw rangeError(`getnameinfo(): ${name} must be 0-${max}`, value);
}

async function nameOf(
  address: string,
  scopeid: number,
  flags: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  if ((flags & NI_NUMERICHOST) === 0) {
    const name = await lookupName(address, signal);
    if (typeof name === 'string') return (flags & NI_NOFQDN) === 0 ? name : withoutOwnDomain(name);
    if (gaiCodeOf(name) !== 'EAI_NONAME') throw lookupError(name, { syscall: 'getnameinfo', address });
  }
  if ((flags & NI_NAMEREQD) !== 0) throw gaiError('EAI_NONAME', { syscall: 'getnameinfo', address });
  return scopeid === 0 ? address : `${address}%${zoneOf(address, scopeid)}`;
}

/** The name without this machine's own domain, for NI_NOFQDN. */
function withoutOwnDomain(name: string): string {
  const own = gethostname();
  const domain = own.includes('.') ? own.slice(own.indexOf('.')) : '';
  return domain !== '' && name.endsWith(domain) ? name.slice(0, -domain.length) : name;
}

/** The zone as text: the interface's name for a link-local address, otherwise its index. */
function zoneOf(address: string, scopeid: number): string {
  const prefix = parseIPv6(address)?.readUInt16BE(0) ?? 0;
  const isLinkLocal = (prefix & 0xffc0) === 0xfe80 || (prefix & 0xff0f) === 0xff02;
  const [, name] = (isLinkLocal ? ifNameindex() : []).find(([index]) => index === scopeid) ?? [];
  return name ?? String(scopeid);
}

function serviceName(port: number, flags: number): string {
  const name = (flags & NI_NUMERICSERV) === 0 ? serviceAt(port, (flags & NI_DGRAM) === 0 ? 'tcp' : 'udp') : undefined;
  return name ?? String(port);
}
