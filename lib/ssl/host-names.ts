import { parseIPv6 } from '../names/inet.ts';

/**
 * Which host a certificate is for, as OpenSSL's X509_check_host(3) and X509_check_ip(3) decide it with the flags that
 * Python sets: an asterisk stands for the whole first label, and for nothing less.
 */

/** The names in a certificate that a host is looked for in. */
export interface HostNames {
  /** The DNS names of the extension `subjectAltName`. */
  readonly dns: readonly string[];
  /** The IP addresses of the extension `subjectAltName`, 4 or 16 bytes each. */
  readonly addresses: readonly Buffer[];
  /** The common names of the subject. */
  readonly commonNames: readonly string[];
}

/** The bytes of an IP address, of 4 or 16; `null` for a name. IPv4 has four decimal numbers here, and no other form. */
export function addressOf(host: string): Buffer | null {
  if (host.includes(':')) return parseIPv6(host);
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return null;
  const numbers = host.split('.').map(Number);
  return numbers.every((number) => number <= 0xff) ? Buffer.from(numbers) : null;
}

/**
 * Whether a certificate with these names is for a host.
 *
 * @param host - an IP address, or a name in ASCII.
 * @param checkCommonName - whether the common name counts where there are no DNS names.
 */
export function matchHostname(names: HostNames, host: string, checkCommonName = true): boolean {
  const address = addressOf(host);
  if (address !== null) return names.addresses.some((one) => one.equals(address));
  if (names.dns.length > 0) return names.dns.some((pattern) => matches(pattern, host));
  return checkCommonName && names.commonNames.some((pattern) => matches(pattern, host));
}

/** An asterisk as the first of at least three labels; the others hold letters, digits and hyphens inside. */
const WILDCARD = /^\*(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?){2,}$/i;

/** What the asterisk may stand for. */
const LABEL = /^(?:[a-z\d-]+|\*)$/i;

function matches(pattern: string, host: string): boolean {
  if (pattern === '' || pattern.includes('\0')) return false;
  if (!WILDCARD.test(pattern)) return lowerCase(pattern) === lowerCase(host);
  const dot = host.indexOf('.');
  return dot > 0 && LABEL.test(host.slice(0, dot)) && lowerCase(host.slice(dot)) === lowerCase(pattern.slice(1));
}

/** Letters of ASCII alone: `toLowerCase()` would make a K of the Kelvin sign. */
function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
