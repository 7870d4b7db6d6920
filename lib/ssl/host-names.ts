import type { X509Certificate } from 'node:crypto';
import { formatIPv4, formatIPv6, parseIPv6 } from '../names/inet.ts';

/** The bytes of an IP address, of 4 or 16; `null` for a name. IPv4 has four decimal numbers here, and no other form. */
export function addressOf(host: string): Buffer | null {
  if (host.includes(':')) return parseIPv6(host);
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return null;
  const numbers = host.split('.').map(Number);
  return numbers.every((number) => number <= 0xff) ? Buffer.from(numbers) : null;
}

/**
 * Whether a certificate is for a host, as OpenSSL decides it with the flags that Python sets: an asterisk stands for the
 * whole first label, and the common name counts where there are no DNS names.
 *
 * `tls.checkServerIdentity()` does not serve here: it has rules of its own, which differ from one Node to the next.
 *
 * @param host - an IP address, or a name in ASCII.
 * @param checkCommonName - whether the common name counts at all.
 */
export function matchHostname(certificate: X509Certificate, host: string, checkCommonName = true): boolean {
  const address = addressOf(host);
  // OpenSSL 3.5 does not take an address with zeros before its numbers, which Python's does.
  if (address !== null) return certificate.checkIP(addressText(address)) !== undefined;
  const subject = checkCommonName ? 'default' : 'never';
  try {
    return certificate.checkHost(host, { subject, partialWildcards: false }) !== undefined;
  } catch (error) {
    // A common name that is no text matches nothing.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_CRYPTO_OPERATION_FAILED')
      return false;
    throw error;
  }
}

function addressText(address: Buffer): string {
  return address.length === 4 ? formatIPv4(address) : formatIPv6(address);
}
