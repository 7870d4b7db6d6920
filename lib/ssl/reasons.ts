import type { OpenSSLReason } from './errors.ts';

/**
 * Python's names for the parts of OpenSSL, by the part's number (ERR_GET_LIB(3)). Node has the texts alone, and some of
 * them changed from one version of OpenSSL to the next; the numbers did not.
 */
const LIBRARIES: ReadonlyMap<number, string> = new Map([
  [1, 'NONE'],
  [2, 'SYS'],
  [3, 'BN'],
  [4, 'RSA'],
  [5, 'DH'],
  [6, 'EVP'],
  [7, 'BUF'],
  [8, 'OBJ'],
  [9, 'PEM'],
  [10, 'DSA'],
  [11, 'X509'],
  [13, 'ASN1'],
  [14, 'CONF'],
  [15, 'CRYPTO'],
  [16, 'EC'],
  [20, 'SSL'],
  [32, 'BIO'],
  [33, 'PKCS7'],
  [34, 'X509V3'],
  [35, 'PKCS12'],
  [36, 'RAND'],
  [37, 'DSO'],
  [38, 'ENGINE'],
  [39, 'OCSP'],
  [40, 'UI'],
  [41, 'COMP'],
  [42, 'ECDSA'],
  [43, 'ECDH'],
  [44, 'OSSL_STORE'],
  [45, 'FIPS'],
  [46, 'CMS'],
  [47, 'TS'],
  [48, 'HMAC'],
  [50, 'CT'],
  [51, 'ASYNC'],
  [52, 'KDF'],
  [53, 'SM2'],
  [54, 'ESS'],
  [55, 'PROP'],
  [56, 'CRMF'],
  [57, 'PROV'],
  [58, 'CMP'],
  [59, 'OSSL_ENCODER'],
  [60, 'OSSL_DECODER'],
  [61, 'HTTP'],
  [128, 'USER'],
]);

/** The reasons whose name is not their text in capitals, by the error's number. The alerts differ since OpenSSL 3.2. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x02000087, 'SLEN_RECOVERY_FAILED'],
  [0x02000088, 'SLEN_CHECK_FAILED'],
  [0x02800066, 'INVALID_PUBKEY'],
  [0x0300008e, 'EXPECTING_A_EC_KEY'],
  [0x030000a2, 'PARTIALLY_OVERLAPPING'],
  [0x030000db, 'EXPECTING_A_ECX_KEY'],
  [0x0500006e, 'SEED_LEN_SMALL'],
  [0x0a00009e, 'AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE'],
  [0x0a00014a, 'NO_GOST_CERTIFICATE_SENT_BY_PEER'],
  [0x0a000166, 'MISSING_SRP_PARAM'],
  [0x0a000169, 'SRP_A_CALC'],
  [0x0a00017c, 'ILLEGAL_SUITEB_DIGEST'],
  [0x0a0003f2, 'SSLV3_ALERT_UNEXPECTED_MESSAGE'],
  [0x0a0003fc, 'SSLV3_ALERT_BAD_RECORD_MAC'],
  [0x0a000406, 'SSLV3_ALERT_DECOMPRESSION_FAILURE'],
  [0x0a000410, 'SSLV3_ALERT_HANDSHAKE_FAILURE'],
  [0x0a000411, 'SSLV3_ALERT_NO_CERTIFICATE'],
  [0x0a000412, 'SSLV3_ALERT_BAD_CERTIFICATE'],
  [0x0a000413, 'SSLV3_ALERT_UNSUPPORTED_CERTIFICATE'],
  [0x0a000414, 'SSLV3_ALERT_CERTIFICATE_REVOKED'],
  [0x0a000415, 'SSLV3_ALERT_CERTIFICATE_EXPIRED'],
  [0x0a000416, 'SSLV3_ALERT_CERTIFICATE_UNKNOWN'],
  [0x0a000417, 'SSLV3_ALERT_ILLEGAL_PARAMETER'],
  [0x12000065, 'FUNC_NOT_IMPLEMENTED'],
  [0x1200007b, 'FWRITE_ERROR'],
  [0x12800064, 'CTRL_FAILED'],
  [0x12800066, 'FINISH_FAILED'],
  [0x12800067, 'LOAD_FAILED'],
  [0x12800068, 'NULL_HANDLE'],
  [0x12800069, 'STACK_ERROR'],
  [0x1280006a, 'SYM_FAILURE'],
  [0x1280006b, 'UNLOAD_FAILED'],
  [0x1280006c, 'UNSUPPORTED'],
  [0x13000069, 'ENGINE_IS_NOT_IN_LIST'],
  [0x1300006c, 'ID_OR_NAME_MISSING'],
  [0x1400006d, 'SYSASSIGN_ERROR'],
  [0x1400006e, 'SYSDASSGN_ERROR'],
  [0x1400006f, 'SYSQIOW_ERROR'],
  [0x17800088, 'VAR_LOOKUP_FAILURE'],
  [0x17800089, 'CANNOT_LOAD_CERT'],
  [0x1780008a, 'CANNOT_LOAD_KEY'],
]);

/** A reason with one of these bits stands for a cause that all parts share, and Python has no name for it (err.h). */
const SHARED_REASON = 0x1f << 18;

/** The bit of a number that comes from the system: the rest is its errno. */
const SYSTEM = 0x8000_0000;
const SYSTEM_LIBRARY = 2;

/**
 * The last error in what Node made of OpenSSL's queue: that is the one which Python raises. Node writes
 * `error:0A00009C:SSL routines::http request`, or lines such as
 * `801CE4F68C7F0000:error:0A00009C:SSL routines:ssl3_get_record:http request:ssl3_record.c:341:`.
 */
const PATTERN = /error:([0-9A-F]{8}):[^:\n]*:[^:\n]*:([^:\n]*)/g;

/**
 * What OpenSSL says in an error that Node has thrown or emitted, with the names that Python has for it.
 *
 * @returns `undefined` where OpenSSL did not raise it.
 */
export function opensslError(error: Error): OpenSSLReason | undefined {
  const [, number, text = ''] = [...newest(error).matchAll(PATTERN)].at(-1) ?? [];
  return number === undefined ? undefined : describe(Number.parseInt(number, 16), text);
}

/** Node puts the oldest error in the message, and the others, the newest first, into `opensslErrorStack`. */
function newest(error: Error & { readonly opensslErrorStack?: unknown }): string {
  const stack: unknown = error.opensslErrorStack;
  const first: unknown = Array.isArray(stack) ? stack[0] : undefined;
  return typeof first === 'string' ? first : error.message;
}

function describe(number: number, text: string): OpenSSLReason {
  if (number >= SYSTEM) return { library: LIBRARIES.get(SYSTEM_LIBRARY) ?? null, reason: null, text };
  const library = LIBRARIES.get(number >>> 23) ?? null;
  const known = NAMES.get(number);
  // OpenSSL writes the number where it has no text, and Python then says that the error is unknown.
  if (/^reason\(\d+\)$/.test(text)) return { library, reason: known ?? null, text: 'unknown error' };
  if ((number & SHARED_REASON) !== 0 || library === null) return { library, reason: null, text };
  const reason = known ?? text.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return { library, reason, text: known?.startsWith('SSLV3_ALERT_') === true ? spoken(known) : text };
}

/** The text of an alert as it was before OpenSSL 3.2: `'sslv3 alert handshake failure'`. */
function spoken(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ');
}
