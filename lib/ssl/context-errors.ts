import { raised } from '../common/stack.ts';
import { SSLError } from './errors.ts';
import { opensslError } from './reasons.ts';

/**
 * Python's errors about files and settings: OpenSSL's reasons, of which Node's API does not tell. The numbers are those
 * of openssl/err.h and its headers of each library.
 */

/** OpenSSL's reasons that begin with this bit are the same in each library. */
const COMMON = 0x8_0000;

/** An error that Python raises without a reason's name: a library that another one has called has failed. */
function libraryError(library: string, text: string, number: number): SSLError {
  return raised(new SSLError(COMMON | number, `[${library}] ${text}`, { library }));
}

function reasonError(library: string, reason: string, number: number): SSLError {
  const text = reason.toLowerCase().replaceAll('_', ' ');
  return raised(new SSLError(number, `[${library}: ${reason}] ${text}`, { library, reason }));
}

/** What is in a file is no PEM of what was looked for. */
export const pemLibError = (library: 'SSL' | 'X509'): SSLError => libraryError(library, 'PEM lib', 9);

/** The content of a block of PEM is nothing that was looked for. */
export const asn1LibError = (): SSLError => libraryError('PEM', 'ASN1 lib', 13);

/** Something is wrong inside of a certificate. */
export const nestedError = (): SSLError => libraryError('ASN1', 'nested asn1 error', 0x10a);

const REASONS = {
  BAD_BASE64_DECODE: ['PEM', 100],
  BAD_END_LINE: ['PEM', 102],
  NO_START_LINE: ['PEM', 108],
  NOT_ENOUGH_DATA: ['ASN1', 142],
  NO_CERTIFICATE_OR_CRL_FOUND: ['X509', 136],
  KEY_VALUES_MISMATCH: ['X509', 116],
  NO_CERTIFICATE_ASSIGNED: ['SSL', 177],
  DH_KEY_TOO_SMALL: ['SSL', 394],
} as const satisfies Record<string, readonly [library: string, number: number]>;

/** The error for one of OpenSSL's reasons. */
export function opensslReason(reason: keyof typeof REASONS): SSLError {
  const [library, number] = REASONS[reason];
  return reasonError(library, reason, number);
}

/** An error that Python makes itself, without one of OpenSSL's numbers. */
export function plainError(errno: number | null, text: string): SSLError {
  return raised(new SSLError(errno, text));
}

/** Python's error for one that Node has thrown out of OpenSSL; Node's own where it is none. */
export function fromNode(error: unknown): unknown {
  if (!isError(error)) return error;
  const known = opensslError(error);
  if (known === undefined) return error;
  const { library, reason, text } = known;
  const number = Number.parseInt(/error:([0-9A-F]{8})/.exec(error.message)?.[1] ?? '0', 16) & 0x7f_ffff;
  const origin = reason === null ? '' : `[${library ?? ''}: ${reason}] `;
  return raised(new SSLError(number, `${origin}${text}`, { library, reason, cause: error }));
}

/** Not asked with `instanceof`, which is false for errors of another realm, as of a vm context. */
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
