import { getCurves } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { isBytes, rangeError, typeError } from '../common/arguments.ts';
import { asn1LibError, opensslReason, plainError } from './context-errors.ts';
import { checkPath, readText } from './context-files.ts';
import { pemBlocks, toPem } from './context-pem.ts';
import type { Choices } from './context-choices.ts';

/** Groups that OpenSSL has besides the curves over which ECDSA signs. */
const MONTGOMERY = ['X25519', 'X448'];

/** Python's `set_ecdh_curve`. */
export function withCurve(value: unknown): Pick<Choices, 'ecdhCurve'> {
  if (typeof value !== 'string' && !isBytes(value)) {
    throw typeError('the name of a curve must be a string or bytes', value);
  }
  const ecdhCurve = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  if (!getCurves().includes(ecdhCurve) && !MONTGOMERY.includes(ecdhCurve)) {
    throw rangeError('unknown elliptic curve name', value);
  }
  try {
    createSecureContext({ ca: [], ecdhCurve });
  } catch {
    // A curve that TLS has no number for; Python has no reason for it either.
    throw plainError(0, 'unknown error');
  }
  return { ecdhCurve };
}

/** How many bits the prime of a level of security must have (NIST SP 800-57, as SSL_CTX_set_security_level(3) says). */
const BITS = [0, 1024, 2048, 3072, 7680, 15360];

/** Python's `load_dh_params`. */
export function loadDhParams({ securityLevel }: Choices, path: unknown): Pick<Choices, 'dhParams'> {
  const text = readText(checkPath(path, 'expected a path as a string or bytes'));
  const block = pemBlocks(text).find(({ label }) => label === 'DH PARAMETERS' || label === 'X9.42 DH PARAMETERS');
  if (block === undefined) throw opensslReason('NO_START_LINE');
  if (typeof block.content === 'string') throw opensslReason(block.content);
  if (block.content.length === 0) throw plainError(0, 'unknown error');
  const bits = primeBits(block.content);
  if (bits === undefined) throw asn1LibError();
  if (bits < (BITS[securityLevel] ?? Infinity)) throw opensslReason('DH_KEY_TOO_SMALL');
  return { dhParams: toPem(block.label, block.content) };
}

/** How many bits the prime has: the first INTEGER of the SEQUENCE of PKCS #3. */
function primeBits(der: Buffer): number | undefined {
  const sequence = contentOf(der, 0x30);
  const prime = sequence === undefined ? undefined : contentOf(sequence, 0x02);
  return prime === undefined || prime.length === 0
    ? undefined
    : BigInt(`0x${prime.toString('hex')}`).toString(2).length;
}

/** What is in the first element of DER, if that has this tag. */
function contentOf(der: Buffer, tag: number): Buffer | undefined {
  const [first, length] = der;
  if (first !== tag || length === undefined) return undefined;
  const count = length < 0x80 ? 0 : length & 0x7f;
  if (count > 4 || der.length < 2 + count) return undefined;
  const end = 2 + count + (count === 0 ? length : der.readUIntBE(2, count));
  return end > der.length ? undefined : der.subarray(2 + count, end);
}
