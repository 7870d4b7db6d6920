import type { Inet4Address, Inet6Address } from '../common/addresses.ts';
import { int, isBytes, rangeError, shown, typeError } from '../common/arguments.ts';
import { signalOf, takeOptions, type WaitOptions } from '../common/call-options.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../common/constants.ts';
import { textError } from '../common/errors.ts';
import { hasSurrogates } from '../common/file-names.ts';
import { awaited } from '../waiting/gate.ts';
import { gaiError, type GaiCode } from './gai.ts';
import { toAscii } from './idna.ts';
import { configured, scopedHost } from './interfaces.ts';
import { lookupAddresses } from './lookup.ts';
import { hostToAscii, parseHost, parseNumeric, type Resolved } from './numeric.ts';
import { portOf } from './services.ts';

export { bindHost, numericHost } from './numeric.ts';

/**
 * A row of {@link getaddrinfo}: the arguments for `socket()`, the canonical name (only in the first row, if at all),
 * and the address.
 */
export type AddressInfo = [
  family: number,
  type: number,
  proto: number,
  canonname: string,
  sockaddr: Inet4Address | Inet6Address,
];

/**
 * glibc's flags: those with a constant, and four about international names (0x3c0) that it accepts and that have no
 * effect here.
 */
const KNOWN_FLAGS =
  AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | AI_NUMERICSERV | 0x3c0;

/** A kind of socket that getaddrinfo() knows. */
interface Kind {
  readonly type: number;
  readonly proto: number;
  /** The protocol's name in the list of services. */
  readonly name: string;
  /** Given where the caller names neither a type nor a protocol. */
  readonly isDefault: boolean;
  /** Takes any protocol, and has no ports. */
  readonly isRaw: boolean;
}

/** glibc's table, in glibc's order. */
const KINDS: readonly Kind[] = [
  { type: SOCK_STREAM, proto: IPPROTO_TCP, name: 'tcp', isDefault: true, isRaw: false },
  { type: SOCK_DGRAM, proto: IPPROTO_UDP, name: 'udp', isDefault: true, isRaw: false },
  // SOCK_DCCP and IPPROTO_DCCP, which have no constants in Python.
  { type: 6, proto: 33, name: 'dccp', isDefault: false, isRaw: false },
  { type: SOCK_DGRAM, proto: IPPROTO_UDPLITE, name: 'udplite', isDefault: false, isRaw: false },
  { type: SOCK_STREAM, proto: IPPROTO_SCTP, name: 'sctp', isDefault: false, isRaw: false },
  { type: SOCK_SEQPACKET, proto: IPPROTO_SCTP, name: 'sctp', isDefault: false, isRaw: false },
  { type: SOCK_RAW, proto: 0, name: 'raw', isDefault: true, isRaw: true },
];

/** A host and a service, checked. */
export interface Names {
  readonly host: string | null;
  readonly service: string | null;
}

/** The arguments of one call of getaddrinfo(). */
interface Query extends Names {
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly flags: number;
}

/** The arguments of a socket, and its port. */
interface Endpoint {
  readonly type: number;
  readonly proto: number;
  readonly port: number;
}

/**
 * Turns a host and a service into the arguments that `socket()`, `connect()` and `bind()` need. Numeric hosts are
 * answered without a look-up; names are resolved by the system's own resolver, in its order of preference.
 *
 * @remarks Differs from Python in that the canonical name (AI_CANONNAME) of a name is the name itself, as Node does not
 * give more; and in that a host or service with a NUL is unknown, where Python drops the NUL and the text after it.
 *
 * @param host - a name, a numeric address, or `null` for this machine: its loopback, or with AI_PASSIVE its wildcard.
 * @param port - a port, the name of a service, or `null`. Numbers beyond 65535 wrap around, as in Python.
 * @param family - AF_INET or AF_INET6; 0 for both.
 * @param type - SOCK_STREAM, SOCK_DGRAM …; 0 for all.
 * @param proto - IPPROTO_TCP …; 0 for all.
 * @param flags - `AI_*` flags.
 * @param options - `signal` ends the wait.
 * @returns rows of `[family, type, proto, canonname, sockaddr]`.
 * @throws gaierror EAI_NONAME for an unknown host, EAI_SERVICE for an unknown service, EAI_ADDRFAMILY for a numeric
 * host of the other family, EAI_FAMILY, EAI_SOCKTYPE and EAI_BADFLAGS for invalid arguments, EAI_AGAIN and
 * EAI_FAIL where the name server fails; RangeError (Python: UnicodeError) for a name that IDNA does not allow; the
 * signal's reason.
 * @see https://docs.python.org/3/library/socket.html#socket.getaddrinfo
 *
 * @example
 * ```ts
 * import * as socket from 'await-socket';
 *
 * for (const [family, type, proto, , address] of await socket.getaddrinfo('127.0.0.1', 80, 0, socket.SOCK_STREAM)) {
 *   console.log(family, type, proto, address); // 2 1 6 [ '127.0.0.1', 80 ]
 * }
 * ```
 */
export function getaddrinfo(host: Host, port: Service, options?: WaitOptions): Promise<AddressInfo[]>;
export function getaddrinfo(
  host: Host,
  port: Service,
  family?: number,
  type?: number,
  proto?: number,
  flags?: number,
  options?: WaitOptions,
): Promise<AddressInfo[]>;
export function getaddrinfo(host: Host, port: Service, ...optional: readonly unknown[]): Promise<AddressInfo[]> {
  return awaited(() => {
    const { values, options } = takeOptions(optional, 4, 'getaddrinfo');
    const [family = 0, type = 0, proto = 0, flags = 0] = values;
    const signal = signalOf(options, 'getaddrinfo');
    const query = {
      family: int(family, 'getaddrinfo(): family'),
      type: int(type, 'getaddrinfo(): type'),
      proto: int(proto, 'getaddrinfo(): proto'),
      flags: int(flags, 'getaddrinfo(): flags'),
      ...checkNames('getaddrinfo', host, port),
    };
    return rowsOf(query, signal);
  }, getaddrinfo);
}

/** A host as {@link getaddrinfo} takes it. */
type Host = string | Uint8Array | null;

/** A service as {@link getaddrinfo} takes it. */
type Service = string | number | Uint8Array | null;

/** The result of {@link getaddrinfo} for checked arguments. */
export async function rowsOf(asked: Query, signal: AbortSignal | undefined): Promise<AddressInfo[]> {
  const query = checkQuery(asked);
  const endpoints = endpointsOf(query);
  const rows: AddressInfo[] = [];
  for (const address of await addressesOf(query, signal)) {
    for (const { type, proto, port } of endpoints) {
      rows.push([address.family, type, proto, '', sockaddr(address, port)]);
    }
  }
  const [first] = rows;
  if (first !== undefined && query.host !== null && (query.flags & AI_CANONNAME) !== 0) first[3] = query.host;
  return rows;
}

/** Checks a host and a service, before anything is looked up. */
export function checkNames(call: string, host: unknown, port: unknown): Names {
  return { host: hostArgument(call, host), service: serviceArgument(call, port) };
}

function hostArgument(call: string, host: unknown): string | null {
  if (isBytes(host)) return Buffer.from(host).toString('latin1');
  if (host === null) return null;
  if (typeof host === 'string') return toAscii(host);
  throw typeError(`${call}(): host must be a string, bytes or null`, host);
}

function serviceArgument(call: string, port: unknown): string | null {
  if (port === null) return null;
  // C would end the text at a NUL; here the whole text is the service's name.
  if (typeof port === 'string') {
    if (hasSurrogates(port)) throw rangeError(`${call}(): port must not contain half a surrogate pair`, port);
    return port;
  }
  if (isBytes(port)) return Buffer.from(port).toString();
  if (typeof port !== 'number' || !Number.isInteger(port)) {
    throw textError('Int or String expected', {
      syscall: call,
      note: `port must be an integer, a string, bytes or null, received ${shown(port)}`,
    });
  }
  if (Number.isSafeInteger(port)) return String(port);
  const number = BigInt(port);
  if (BigInt.asIntN(64, number) === number) return String(number);
  throw rangeError(`${call}(): port must fit in 64 bits`, port);
}

/** glibc's checks of a query as a whole, in its order. Returns the query with glibc's meaning. */
function checkQuery(asked: Query): Query {
  const { family, type, proto, flags } = asked;
  const host = asked.host === '*' ? null : asked.host;
  const service = asked.service === '*' ? null : asked.service;
  if (host === null && service === null) throw gaiError('EAI_NONAME');
  const details = { address: host ?? undefined };
  if ((flags & ~KNOWN_FLAGS) !== 0) throw gaiError('EAI_BADFLAGS', details);
  if ((flags & AI_CANONNAME) !== 0 && host === null) throw gaiError('EAI_BADFLAGS', details);
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family)) throw gaiError('EAI_FAMILY', details);
  const isConfigured = (flags & AI_ADDRCONFIG) !== 0;
  return { family: isConfigured ? configuredFamily(asked) : family, type, proto, flags, host, service };
}

/** The family that AI_ADDRCONFIG leaves: of those asked for, only those that this machine has addresses of. */
function configuredFamily({ family, host }: Query): number {
  const { inet4, inet6 } = configured();
  if ((family === AF_INET && !inet4) || (family === AF_INET6 && !inet6)) {
    throw gaiError('EAI_NONAME', { address: host ?? undefined });
  }
  if (family !== AF_UNSPEC || inet4 === inet6) return family;
  return inet4 ? AF_INET : AF_INET6;
}

/**
 * The kinds of sockets that fit a query, each with the port of the service: all default kinds, or the first with the
 * type or protocol that was asked for.
 */
function endpointsOf(query: Query): Endpoint[] {
  const { service, type, proto, flags } = query;
  const number = service === null || service === '' ? 0 : serviceNumber(service);
  if (number === null && (flags & AI_NUMERICSERV) !== 0) throw refusal('EAI_NONAME', query);
  const isNamed = number === null || number < 0;
  if (type !== 0 || proto !== 0) {
    const kind = KINDS.find((one) => isWanted(one, type, proto));
    if (kind === undefined) throw refusal(type === 0 ? 'EAI_SERVICE' : 'EAI_SOCKTYPE', query);
    const port = isNamed ? portOf(service ?? '', kind.name) : number & 0xffff;
    const knowsNoPorts = kind.isRaw && service !== null && service !== '';
    if (port === undefined || knowsNoPorts) throw refusal('EAI_SERVICE', query);
    return [{ type: kind.type, proto: kind.isRaw ? proto : kind.proto, port }];
  }
  const endpoints: Endpoint[] = [];
  for (const kind of KINDS) {
    if (isNamed ? kind.isRaw : !kind.isDefault) continue;
    const port = isNamed ? portOf(service ?? '', kind.name) : number & 0xffff;
    if (port !== undefined) endpoints.push({ type: kind.type, proto: kind.proto, port });
  }
  if (endpoints.length === 0) throw refusal('EAI_SERVICE', query);
  return endpoints;
}

function refusal(code: GaiCode, { host, service }: Query): Error {
  return gaiError(code, { address: `${host ?? ''}:${service ?? ''}` });
}

function isWanted(kind: Kind, type: number, proto: number): boolean {
  return (type === 0 || kind.type === type) && (proto === 0 || kind.isRaw || kind.proto === proto);
}

/** A service as a number the way C reads it: `strtoul` into an `int`, which wraps around; `null` for a name. */
function serviceNumber(service: string): number | null {
  // Most services have this form, and so few digits cannot wrap around.
  if (/^\d{1,9}$/.test(service)) return Number(service);
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(service) ?? [];
  if (digits === undefined) return null;
  const magnitude = BigInt(digits);
  if (BigInt.asUintN(64, magnitude) !== magnitude) return -1;
  return Number(BigInt.asIntN(32, sign === '-' ? -magnitude : magnitude));
}

function addressesOf(
  { host, family, flags }: Query,
  signal: AbortSignal | undefined,
): readonly Resolved[] | Promise<readonly Resolved[]> {
  if (host === null) return ownAddresses(family, (flags & AI_PASSIVE) !== 0);
  const numeric = parseNumeric(host, family, flags);
  if (numeric !== null) return [numeric];
  if ((flags & AI_NUMERICHOST) !== 0) throw gaiError('EAI_NONAME', { address: host });
  return lookupAddresses(host, family, flags, signal);
}

/**
 * This machine's addresses in the order of RFC 3484: of the wildcards IPv4's is first, of the loopbacks IPv6's if it
 * has one.
 */
function ownAddresses(family: number, isPassive: boolean): Resolved[] {
  const inet4 = { family: AF_INET, host: isPassive ? '0.0.0.0' : '127.0.0.1', scopeid: 0 };
  const inet6 = { family: AF_INET6, host: isPassive ? '::' : '::1', scopeid: 0 };
  if (family !== AF_UNSPEC) return [family === AF_INET6 ? inet6 : inet4];
  return isPassive || !configured().loopback6 ? [inet4, inet6] : [inet6, inet4];
}

function sockaddr({ family, host, scopeid }: Resolved, port: number): Inet4Address | Inet6Address {
  return family === AF_INET6 ? [host, port, 0, scopeid] : [host, port];
}

/** The first address of a host in a family, or in either for AF_UNSPEC. The host is in ASCII. */
export async function resolve(host: string, family: number, signal: AbortSignal | undefined): Promise<Resolved> {
  const address = parseHost(host, family);
  if (address !== null) return address;
  const [first] = await lookupAddresses(host, family, 0, signal);
  if (first === undefined) throw gaiError('EAI_NONAME', { address: host });
  return first;
}

/**
 * The numeric host, as Node takes it, for connect(): the first address of the host in this family.
 *
 * @throws gaierror as {@link getaddrinfo}; the signal's reason.
 */
export async function resolveHost(family: number, host: string, signal: AbortSignal | undefined): Promise<string> {
  const address = await resolve(hostToAscii(host), family, signal);
  return scopedHost(address.host, address.scopeid);
}
