import { rangeError } from '../common/arguments.ts';

/** The OpenSSL that Node runs on, as Python tells it. */

/** A version of OpenSSL, as Python's five numbers. */
export type VersionInfo = readonly [major: number, minor: number, fix: number, patch: number, status: number];

/**
 * The five numbers of a version that is written as Node writes it: `'3.5.8'`, or `'3.0.19+quic'`.
 *
 * Since OpenSSL 3 the third number of a version stands fourth in Python's tuple, because OPENSSL_VERSION_NUMBER has it
 * where 1.1.1 had the letter (OPENSSL_VERSION_NUMBER(3)).
 */
export function versionInfo(version: string): VersionInfo {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (parts === null) throw rangeError('no version of OpenSSL', version);
  const number = (index: number): number => Number(parts[index]);
  return [number(1), number(2), 0, number(3), 0];
}

/** OPENSSL_VERSION_NUMBER of five numbers: 0xMNNFFPPS. */
export function versionNumber([major, minor, fix, patch, status]: VersionInfo): number {
  return ((major << 28) | (minor << 20) | (fix << 12) | (patch << 4) | status) >>> 0;
}

/** Node without TLS has no version of OpenSSL. */
const version = process.versions.openssl ?? '0.0.0';

/**
 * The version of OpenSSL as text: `'OpenSSL 3.5.8'`.
 *
 * @remarks Differs from Python in that the date of the version is absent: Node does not tell it.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.OPENSSL_VERSION
 */
export const OPENSSL_VERSION = `OpenSSL ${version}`;

/** The version of OpenSSL as five numbers: `[3, 5, 0, 8, 0]` for 3.5.8. */
export const OPENSSL_VERSION_INFO: VersionInfo = Object.freeze(versionInfo(version));

/** The version of OpenSSL as one number: `0x30500080` for 3.5.8. */
export const OPENSSL_VERSION_NUMBER = versionNumber(OPENSSL_VERSION_INFO);
