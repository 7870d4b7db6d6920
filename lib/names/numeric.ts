import { wildcardOf } from '../common/addresses.ts';
import { typeError } from '../common/arguments.ts';
import { AF_INET, AF_INET6, AF_UNSPEC, AI_V4MAPPED } from '../common/constants.ts';
import { textError } from '../common/errors.ts';
import { gaiError } from './gai.ts';
import { isAscii, toAscii } from './idna.ts';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from './inet.ts';
import { indexOf, scopedHost } from './interfaces.ts';

/**
 * The address of a name: a numeric host of AF_INET or AF_INET6, and the interface that it belongs to (0 for any).
 */
export interface Resolved {
  readonly family: number;
  readonly host: string;
  readonly scopeid: number;
}

/** Four decimal numbers; with a zero before it, a number would be octal. */
const DOTTED_DECIMAL = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * The address of a numeric host, in all forms that glibc's getaddrinfo() takes: those of inet_aton(3), and IPv6 with or
 * without a zone. `null` for a name that has to be looked up.
 *
 * @throws gaierror EAI_ADDRFAMILY for an address of the other family, EAI_NONAME for a zone that does not exist.
 */
export function parseNumeric(host: string, family: number, flags: number): Resolved | null {
  // Most hosts have this form, and need not be parsed and formatted again.
  if (family !== AF_INET6 && DOTTED_DECIMAL.test(host)) return { family: AF_INET, host, scopeid: 0 };
  const inet4 = parseIPv4(host);
  if (inet4 !== null) {
    const address = formatIPv4(inet4);
    if (family !== AF_INET6) return { family: AF_INET, host: address, scopeid: 0 };
    if ((flags & AI_V4MAPPED) !== 0) return { family: AF_INET6, host: `::ffff:${address}`, scopeid: 0 };
    throw gaiError('EAI_ADDRFAMILY', { address: host });
  }
  const percent = host.indexOf('%');
  const inet6 = parseIPv6(percent === -1 ? host : host.slice(0, percent));
  if (inet6 === null) return null;
  if (family === AF_INET && !isV4Mapped(inet6)) throw gaiError('EAI_ADDRFAMILY', { address: host });
  const scopeid = percent === -1 ? 0 : parseZone(inet6, host.slice(percent + 1));
  if (scopeid === null) throw gaiError('EAI_NONAME', { address: host });
  if (family === AF_INET) return { family: AF_INET, host: formatIPv4(inet6.subarray(12)), scopeid: 0 };
  return { family: AF_INET6, host: formatIPv6(inet6), scopeid };
}

/**
 * The index of a zone: for link-local addresses, that of the interface with this name; or the zone itself if it is a
 * number.
 */
function parseZone(address: Buffer, zone: string): number | null {
  const index = isLinkLocal(address) ? indexOf(zone) : 0;
  if (index !== 0) return index;
  return /^\d+$/.test(zone) && Number(zone) <= 0xffff_ffff ? Number(zone) : null;
}

function isV4Mapped(address: Buffer): boolean {
  return address.readBigUInt64BE(0) === 0n && address.readUInt32BE(8) === 0xffff;
}

/** fe80::/10, and the multicast groups of one node (ff01::/16) or one link (ff02::/16), whatever their flags. */
function isLinkLocal(address: Buffer): boolean {
  const prefix = address.readUInt16BE(0);
  return (prefix & 0xffc0) === 0xfe80 || (prefix & 0xff0f) === 0xff01 || (prefix & 0xff0f) === 0xff02;
}

/**
 * The address of a host for which no name server is asked: `''` is the wildcard, `'<broadcast>'` and
 * `'255.255.255.255'` are the broadcast address, all others as in {@link parseNumeric}. `null` for a name that has to
 * be looked up.
 */
export function parseHost(host: string, family: number): Resolved | null {
  if (host === '') {
    // Both families have a wildcard, and the caller has not said which one is meant.
    if (family === AF_UNSPEC) throw textError('wildcard resolved to multiple address');
    return { family, host: wildcardOf(family), scopeid: 0 };
  }
  if (host === '<broadcast>' || host === '255.255.255.255') {
    if (family === AF_INET6) throw textError('address family mismatched', { address: host });
    return { family: AF_INET, host: '255.255.255.255', scopeid: 0 };
  }
  return parseNumeric(host, family, 0);
}

/**
 * The host of an address in ASCII, as name servers need it. Unlike getaddrinfo(), connect() and bind() do not check a
 * name that is ASCII already.
 */
export function hostToAscii(host: string): string {
  if (isAscii(host)) return host;
  try {
    return toAscii(host);
  } catch {
    throw typeError('host cannot be encoded as a host name (IDNA)', host);
  }
}

/**
 * The numeric host for the host of an address, as Node takes it; `null` for a name that has to be looked up.
 *
 * The zone of an IPv6 address stays: Python loses it unless the address has a scope id as well.
 *
 * @throws gaierror EAI_ADDRFAMILY for a numeric host of the other family, EAI_NONAME for a zone that does not exist.
 */
export function numericHost(family: number, host: string): string | null {
  const address = parseHost(hostToAscii(host), family);
  return address === null ? null : scopedHost(address.host, address.scopeid);
}

/**
 * The numeric host for bind(). As bind() cannot wait for a name server, the only name that it takes is `'localhost'`.
 *
 * @throws gaierror EAI_NONAME for another name; as for {@link numericHost}.
 */
export function bindHost(family: number, host: string): string {
  const address = numericHost(family, host);
  if (address !== null) return address;
  if (host.toLowerCase() === 'localhost') return family === AF_INET6 ? '::1' : '127.0.0.1';
  const call = family === AF_INET6 ? 'getaddrinfo(host, port, AF_INET6)' : 'gethostbyname(host)';
  throw gaiError(
    'EAI_NONAME',
    { address: host },
    `Name or service not known (bind() looks up no names: await ${call} first)`,
  );
}
