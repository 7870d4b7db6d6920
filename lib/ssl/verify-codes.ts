import type { Refusal } from './errors.ts';
import { addressOf } from './host-names.ts';

/** Why OpenSSL refuses a certificate: its numbers (X509_V_ERR_*, from 1 on), the names, and the texts. */
const REFUSALS: readonly (readonly [name: string, text: string])[] = [
  ['UNSPECIFIED', 'unspecified certificate verification error'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unable to get issuer certificate'],
  ['UNABLE_TO_GET_CRL', 'unable to get certificate CRL'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', "unable to decrypt certificate's signature"],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', "unable to decrypt CRL's signature"],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'unable to decode issuer public key'],
  ['CERT_SIGNATURE_FAILURE', 'certificate signature failure'],
  ['CRL_SIGNATURE_FAILURE', 'CRL signature failure'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid'],
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['CRL_NOT_YET_VALID', 'CRL is not yet valid'],
  ['CRL_HAS_EXPIRED', 'CRL has expired'],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', "format error in certificate's notBefore field"],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', "format error in certificate's notAfter field"],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', "format error in CRL's lastUpdate field"],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', "format error in CRL's nextUpdate field"],
  ['OUT_OF_MEM', 'out of memory'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate'],
  ['CERT_CHAIN_TOO_LONG', 'certificate chain too long'],
  ['CERT_REVOKED', 'certificate revoked'],
  ['NO_ISSUER_PUBLIC_KEY', "issuer certificate doesn't have a public key"],
  ['PATH_LENGTH_EXCEEDED', 'path length constraint exceeded'],
  ['INVALID_PURPOSE', 'unsuitable certificate purpose'],
  ['CERT_UNTRUSTED', 'certificate not trusted'],
  ['CERT_REJECTED', 'certificate rejected'],
  ['SUBJECT_ISSUER_MISMATCH', 'subject issuer mismatch'],
  ['AKID_SKID_MISMATCH', 'authority and subject key identifier mismatch'],
  ['AKID_ISSUER_SERIAL_MISMATCH', 'authority and issuer serial number mismatch'],
  ['KEYUSAGE_NO_CERTSIGN', 'key usage does not include certificate signing'],
  ['UNABLE_TO_GET_CRL_ISSUER', 'unable to get CRL issuer certificate'],
  ['UNHANDLED_CRITICAL_EXTENSION', 'unhandled critical extension'],
  ['KEYUSAGE_NO_CRL_SIGN', 'key usage does not include CRL signing'],
  ['UNHANDLED_CRITICAL_CRL_EXTENSION', 'unhandled critical CRL extension'],
  ['INVALID_NON_CA', 'invalid non-CA certificate (has CA markings)'],
  ['PROXY_PATH_LENGTH_EXCEEDED', 'proxy path length constraint exceeded'],
  ['KEYUSAGE_NO_DIGITAL_SIGNATURE', 'key usage does not include digital signature'],
  ['PROXY_CERTIFICATES_NOT_ALLOWED', 'proxy certificates not allowed, please set the appropriate flag'],
  ['INVALID_EXTENSION', 'invalid or inconsistent certificate extension'],
  ['INVALID_POLICY_EXTENSION', 'invalid or inconsistent certificate policy extension'],
  ['NO_EXPLICIT_POLICY', 'no explicit policy'],
  ['DIFFERENT_CRL_SCOPE', 'different CRL scope'],
  ['UNSUPPORTED_EXTENSION_FEATURE', 'unsupported extension feature'],
  ['UNNESTED_RESOURCE', "RFC 3779 resource not subset of parent's resources"],
  ['PERMITTED_VIOLATION', 'permitted subtree violation'],
  ['EXCLUDED_VIOLATION', 'excluded subtree violation'],
  ['SUBTREE_MINMAX', 'name constraints minimum and maximum not supported'],
  ['APPLICATION_VERIFICATION', 'application verification failure'],
  ['UNSUPPORTED_CONSTRAINT_TYPE', 'unsupported name constraint type'],
  ['UNSUPPORTED_CONSTRAINT_SYNTAX', 'unsupported or invalid name constraint syntax'],
  ['UNSUPPORTED_NAME_SYNTAX', 'unsupported or invalid name syntax'],
  ['CRL_PATH_VALIDATION_ERROR', 'CRL path validation error'],
  ['PATH_LOOP', 'path loop'],
  ['SUITE_B_INVALID_VERSION', 'Suite B: certificate version invalid'],
  ['SUITE_B_INVALID_ALGORITHM', 'Suite B: invalid public key algorithm'],
  ['SUITE_B_INVALID_CURVE', 'Suite B: invalid ECC curve'],
  ['SUITE_B_INVALID_SIGNATURE_ALGORITHM', 'Suite B: invalid signature algorithm'],
  ['SUITE_B_LOS_NOT_ALLOWED', 'Suite B: curve not allowed for this LOS'],
  ['SUITE_B_CANNOT_SIGN_P_384_WITH_P_256', 'Suite B: cannot sign P-384 with P-256'],
  ['HOSTNAME_MISMATCH', 'hostname mismatch'],
  ['EMAIL_MISMATCH', 'email address mismatch'],
  ['IP_ADDRESS_MISMATCH', 'IP address mismatch'],
  ['DANE_NO_MATCH', 'no matching DANE TLSA records'],
  ['EE_KEY_TOO_SMALL', 'EE certificate key too weak'],
  ['CA_KEY_TOO_SMALL', 'CA certificate key too weak'],
  ['CA_MD_TOO_WEAK', 'CA signature digest algorithm too weak'],
  ['INVALID_CALL', 'invalid certificate verification context'],
  ['STORE_LOOKUP', 'issuer certificate lookup error'],
  ['NO_VALID_SCTS', 'Certificate Transparency required, but no valid SCTs found'],
  ['PROXY_SUBJECT_NAME_VIOLATION', 'proxy subject name violation'],
  ['OCSP_VERIFY_NEEDED', 'OCSP verification needed'],
  ['OCSP_VERIFY_FAILED', 'OCSP verification failed'],
  ['OCSP_CERT_UNKNOWN', 'OCSP unknown cert'],
  ['UNSUPPORTED_SIGNATURE_ALGORITHM', 'Cannot find certificate signature algorithm'],
  ['SIGNATURE_ALGORITHM_MISMATCH', 'subject signature algorithm and issuer public key algorithm mismatch'],
  ['SIGNATURE_ALGORITHM_INCONSISTENCY', 'cert info signature and signature algorithm mismatch'],
  ['INVALID_CA', 'invalid CA certificate'],
  ['PATHLEN_INVALID_FOR_NON_CA', 'Path length invalid for non-CA cert'],
  ['PATHLEN_WITHOUT_KU_KEY_CERT_SIGN', 'Path length given without key usage keyCertSign'],
  ['KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA', 'Key usage keyCertSign invalid for non-CA cert'],
  ['ISSUER_NAME_EMPTY', 'Issuer name empty'],
  ['SUBJECT_NAME_EMPTY', 'Subject name empty'],
  ['MISSING_AUTHORITY_KEY_IDENTIFIER', 'Missing Authority Key Identifier'],
  ['MISSING_SUBJECT_KEY_IDENTIFIER', 'Missing Subject Key Identifier'],
  ['EMPTY_SUBJECT_ALT_NAME', 'Empty Subject Alternative Name extension'],
  ['EMPTY_SUBJECT_SAN_NOT_CRITICAL', 'Subject empty and Subject Alt Name extension not critical'],
  ['CA_BCONS_NOT_CRITICAL', 'Basic Constraints of CA cert not marked critical'],
  ['AUTHORITY_KEY_IDENTIFIER_CRITICAL', 'Authority Key Identifier marked critical'],
  ['SUBJECT_KEY_IDENTIFIER_CRITICAL', 'Subject Key Identifier marked critical'],
  ['CA_CERT_MISSING_KEY_USAGE', 'CA cert does not include key usage extension'],
  ['EXTENSIONS_REQUIRE_VERSION_3', 'Using cert extension requires at least X509v3'],
  ['EC_KEY_EXPLICIT_PARAMS', 'Certificate public key has explicit ECC parameters'],
];

const UNSPECIFIED = 1;
const HOSTNAME_MISMATCH = 62;
const IP_ADDRESS_MISMATCH = 64;

/** The text of a number: `'certificate has expired'` for 10. */
export function verifyMessageOf(verifyCode: number): string {
  return REFUSALS[verifyCode - 1]?.[1] ?? 'unknown certificate verification error';
}

/**
 * Why OpenSSL has refused a certificate, of an error of Node's such as `authorizationError`.
 *
 * @returns `undefined` where the error is about something else.
 */
export function refusalOf(error: Error & { readonly code?: unknown }): Refusal | undefined {
  const { code } = error;
  const byCode = REFUSALS.findIndex(([name]) => name === code) + 1;
  if (byCode === 0) return undefined;
  // Node names some thirty of the reasons, and calls the others UNSPECIFIED; OpenSSL's text still tells them apart.
  const byText = byCode === UNSPECIFIED ? REFUSALS.findIndex(([, text]) => text === error.message) + 1 : 0;
  const verifyCode = byText === 0 ? byCode : byText;
  return { verifyCode, verifyMessage: verifyMessageOf(verifyCode) };
}

/** Why a certificate is refused that was made for another host, as Python says it. */
export function mismatchOf(serverHostname: string): Refusal {
  const isAddress = addressOf(serverHostname) !== null;
  const what = isAddress ? 'IP address mismatch' : 'Hostname mismatch';
  const verifyMessage = `${what}, certificate is not valid for '${serverHostname}'.`;
  return { verifyCode: isAddress ? IP_ADDRESS_MISMATCH : HOSTNAME_MISMATCH, verifyMessage };
}
