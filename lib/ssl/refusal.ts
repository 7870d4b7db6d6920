import type { X509Certificate } from 'node:crypto';
import {
  ALERT_DESCRIPTION_BAD_CERTIFICATE,
  ALERT_DESCRIPTION_CERTIFICATE_EXPIRED,
  ALERT_DESCRIPTION_CERTIFICATE_REVOKED,
  ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN,
  ALERT_DESCRIPTION_DECRYPT_ERROR,
  ALERT_DESCRIPTION_INTERNAL_ERROR,
  ALERT_DESCRIPTION_UNKNOWN_CA,
  ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE,
} from './alert-constants.ts';
import { isIssuedBy, type Authorities } from './authorities.ts';
import { VERIFY_X509_STRICT } from './constants.ts';
import type { ContextSettings } from './context-settings.ts';
import type { Refusal } from './errors.ts';
import { matchHostname } from './host-names.ts';
import { strictRefusal } from './strict.ts';
import { mismatchOf, refusalOf, verifyMessageOf } from './verify-codes.ts';

const SIGNATURE_FAILURE = 7;
const SELF_SIGNED = 18;
const SELF_SIGNED_IN_CHAIN = 19;
const NO_LOCAL_ISSUER = 20;
const NO_FIRST_SIGNATURE = 21;

/** What OpenSSL looks at after the host name: signatures, times, and lists of revoked certificates. */
const LATE = new Set([3, SIGNATURE_FAILURE, 8, 9, 10, 11, 12, 13, 14, 15, 16, 23]);

/**
 * Why a peer's certificate is refused, as Python says it; `undefined` where it is not.
 *
 * OpenSSL stops at the first fault, and Python reports that one. Node lets OpenSSL go on, and knows the last. The order
 * is X509_verify_cert()'s: the chain, what RFC 5280 asks of it, the host name, then signatures and times.
 *
 * @param error - the fault that Node knows of.
 * @param hostname - whom the certificate has to be for; `undefined` where that does not matter.
 */
export function refusalFor(
  certificate: X509Certificate,
  error: Error | undefined,
  hostname: string | undefined,
  settings: ContextSettings,
): Refusal | undefined {
  const last = error === undefined ? undefined : (refusalOf(error) ?? unspecified(error));
  const ofChain = last === undefined ? undefined : refusalOfChain(certificate, last, settings.authorities);
  if (ofChain !== undefined) return ofChain;
  if ((settings.verifyFlags & VERIFY_X509_STRICT) !== 0) {
    const verifyCode = strictRefusal(
      settings
        .authorities()
        .chainOf(certificate)
        .map(({ raw }) => raw),
    );
    if (verifyCode !== undefined) return refusal(verifyCode);
  }
  if (hostname !== undefined && !matchHostname(certificate, hostname, settings.hostnameChecksCommonName)) {
    return mismatchOf(hostname);
  }
  return last;
}

/** An error that is none of OpenSSL's is a refusal all the same. */
function unspecified(error: Error): Refusal {
  return { verifyCode: 1, verifyMessage: error.message };
}

/** The fault of the chain that comes before the one that Node knows. */
function refusalOfChain(
  certificate: X509Certificate,
  last: Refusal,
  authorities: () => Authorities,
): Refusal | undefined {
  if (last.verifyCode === NO_FIRST_SIGNATURE) return refusal(NO_LOCAL_ISSUER);
  if (!LATE.has(last.verifyCode)) return last;
  const chain = authorities().chainOf(certificate);
  if (chain.some((one) => authorities().has(one))) return undefined;
  const top = chain.at(-1) ?? certificate;
  if (!isIssuedBy(top, top)) return refusal(NO_LOCAL_ISSUER);
  return refusal(top === certificate ? SELF_SIGNED : SELF_SIGNED_IN_CHAIN);
}

function refusal(verifyCode: number): Refusal {
  return { verifyCode, verifyMessage: verifyMessageOf(verifyCode) };
}

/** The alerts by the numbers of refusals, as OpenSSL's ssl_x509err2alert() has them; the others are unknown. */
const ALERTS: ReadonlyMap<number, readonly number[]> = new Map([
  [
    ALERT_DESCRIPTION_UNKNOWN_CA,
    [2, 3, SELF_SIGNED, SELF_SIGNED_IN_CHAIN, NO_LOCAL_ISSUER, NO_FIRST_SIGNATURE, 22, 25, 33, 79],
  ],
  [ALERT_DESCRIPTION_BAD_CERTIFICATE, [4, 5, 6, 9, 11, 13, 14, 15, 16, 27, 28, 62, 63, 64, 65, 66, 67, 68, 94]],
  [ALERT_DESCRIPTION_CERTIFICATE_EXPIRED, [10, 12]],
  [ALERT_DESCRIPTION_CERTIFICATE_REVOKED, [23]],
  [ALERT_DESCRIPTION_DECRYPT_ERROR, [SIGNATURE_FAILURE, 8]],
  [ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE, [26]],
  [ALERT_DESCRIPTION_INTERNAL_ERROR, [1, 17, 69, 70]],
]);

/** The alert that tells the peer why its certificate is refused. */
export function alertFor({ verifyCode }: Refusal): number {
  for (const [alert, verifyCodes] of ALERTS) if (verifyCodes.includes(verifyCode)) return alert;
  return ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN;
}
