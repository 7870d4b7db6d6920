import { partsOf, firstOf, Tag } from './der.ts';
import { CertificateForm, ExtensionId, KeyUsage } from './x509-extensions.ts';

/**
 * The checks of `VERIFY_X509_STRICT`, of which Node cannot be told: what RFC 5280 asks of certificates beyond what OpenSSL
 * checks always. They are those of check_extensions() in OpenSSL 3.0's x509_vfy.c, in its order; that the identifiers of
 * keys may not be critical OpenSSL never comes to say, because it refuses them as unknown.
 */

/** OpenSSL's numbers (X509_V_ERR_*). */
const Refused = Object.freeze({
  SIGNATURE_ALGORITHM_INCONSISTENCY: 78,
  INVALID_CA: 79,
  PATHLEN_INVALID_FOR_NON_CA: 80,
  PATHLEN_WITHOUT_KU_KEY_CERT_SIGN: 81,
  KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA: 82,
  ISSUER_NAME_EMPTY: 83,
  SUBJECT_NAME_EMPTY: 84,
  MISSING_AUTHORITY_KEY_IDENTIFIER: 85,
  MISSING_SUBJECT_KEY_IDENTIFIER: 86,
  EMPTY_SUBJECT_ALT_NAME: 87,
  EMPTY_SUBJECT_SAN_NOT_CRITICAL: 88,
  CA_BCONS_NOT_CRITICAL: 89,
  CA_CERT_MISSING_KEY_USAGE: 92,
  EXTENSIONS_REQUIRE_VERSION_3: 93,
});

/** The tag of keyIdentifier in an authorityKeyIdentifier (RFC 5280, 4.2.1.1). */
const KEY_IDENTIFIER = 0x80;

/**
 * Why a chain of certificates is refused.
 *
 * @param chain - the certificates in DER: the peer's own first, each followed by that of its issuer, to the one that is
 * trusted. OpenSSL has read and verified them.
 * @returns OpenSSL's number of the first thing that is wrong; `undefined` where nothing is.
 */
export function strictRefusal(chain: readonly Buffer[]): number | undefined {
  for (const [depth, der] of chain.entries()) {
    const code = refusalAt(new CertificateForm(der), depth, chain.length);
    if (code !== undefined) return code;
  }
  return undefined;
}

function refusalAt(form: CertificateForm, depth: number, count: number): number | undefined {
  const { authority } = form;
  if (authority === 'assumed' || (authority === 'none' && depth > 0)) return Refused.INVALID_CA;
  // What RFC 5280 says is not for a certificate that has signed itself and is trusted by itself (RFC 6818, 2).
  if (count === 1) return undefined;
  return constraintsRefusal(form) ?? namesRefusal(form) ?? identifiersRefusal(form, depth + 1 === count);
}

function constraintsRefusal(form: CertificateForm): number | undefined {
  const { isAuthority = false, hasPathLength = false } = form.basicConstraints ?? {};
  const maySign = form.hasUsage(KeyUsage.KEY_CERT_SIGN);
  if (hasPathLength && !isAuthority) return Refused.PATHLEN_INVALID_FOR_NON_CA;
  if (hasPathLength && maySign !== true) return Refused.PATHLEN_WITHOUT_KU_KEY_CERT_SIGN;
  if (isAuthority && form.extensions.get(ExtensionId.BASIC_CONSTRAINTS)?.isCritical === false) {
    return Refused.CA_BCONS_NOT_CRITICAL;
  }
  if (isAuthority && maySign === undefined) return Refused.CA_CERT_MISSING_KEY_USAGE;
  if (!isAuthority && maySign === true) return Refused.KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA;
  return undefined;
}

function namesRefusal(form: CertificateForm): number | undefined {
  const alternatives = form.extensions.get(ExtensionId.SUBJECT_ALT_NAME);
  const isEmpty = form.subject.length === 0;
  const needsSubject =
    form.basicConstraints?.isAuthority === true ||
    form.hasUsage(KeyUsage.CRL_SIGN) === true ||
    alternatives === undefined;
  if (form.issuer.length === 0) return Refused.ISSUER_NAME_EMPTY;
  if (isEmpty && needsSubject) return Refused.SUBJECT_NAME_EMPTY;
  if (isEmpty && alternatives?.isCritical === false) return Refused.EMPTY_SUBJECT_SAN_NOT_CRITICAL;
  if (alternatives !== undefined && partsOf(firstOf(alternatives.value, Tag.SEQUENCE), Tag.SEQUENCE).length === 0) {
    return Refused.EMPTY_SUBJECT_ALT_NAME;
  }
  return form.isConsistent ? undefined : Refused.SIGNATURE_ALGORITHM_INCONSISTENCY;
}

function identifiersRefusal(form: CertificateForm, isLast: boolean): number | undefined {
  const issuerKey = form.extensions.get(ExtensionId.AUTHORITY_KEY_IDENTIFIER);
  const isAuthority = form.basicConstraints?.isAuthority === true;
  if (form.version < 3) return form.extensions.size > 0 ? Refused.EXTENSIONS_REQUIRE_VERSION_3 : undefined;
  const namesKey =
    issuerKey !== undefined &&
    partsOf(firstOf(issuerKey.value, Tag.SEQUENCE), Tag.SEQUENCE).some(({ tag }) => tag === KEY_IDENTIFIER);
  if (!isLast && !namesKey) return Refused.MISSING_AUTHORITY_KEY_IDENTIFIER;
  return isAuthority && !form.extensions.has(ExtensionId.SUBJECT_KEY_IDENTIFIER)
    ? Refused.MISSING_SUBJECT_KEY_IDENTIFIER
    : undefined;
}
