import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { isBytes, rangeError, typeError } from '../common/arguments.ts';
import { asn1LibError, fromNode, opensslReason, pemLibError } from './context-errors.ts';
import { checkPath, readText } from './context-files.ts';
import { isCertificate, pemBlocks, toPem, type PemBlock } from './context-pem.ts';
import type { CertChain, Choices } from './context-choices.ts';

/** What opens an encrypted key: the password, or a function that gives it and is called only if it is needed. */
export type Password = string | Uint8Array | (() => string | Uint8Array);

/** OpenSSL's buffer for passwords has so many bytes. */
const LONGEST_PASSWORD = 1024;

/** Python's `load_cert_chain`. */
export function loadChain(
  choices: Choices,
  certfile: unknown,
  keyfile: unknown,
  password: unknown,
): Pick<Choices, 'chains'> {
  const certPath = checkPath(certfile, 'certfile should be a valid filesystem path');
  const keyPath =
    keyfile === null || keyfile === undefined
      ? certPath
      : checkPath(keyfile, 'keyfile should be a valid filesystem path');
  if (typeof password !== 'function' && password !== null && password !== undefined) {
    passwordBytes(password, 'password should be a string or callable');
  }
  const certificates = certificatesIn(readText(certPath), choices);
  const key = keyIn(readText(keyPath), password);
  checkPair(certificates[0], key);
  const chain: CertChain = { certificates: certificates.map((one) => toPem('CERTIFICATE', one.raw)).join(''), key };
  return { chains: new Map([...choices.chains, [key.asymmetricKeyType ?? '', chain]]) };
}

/** The certificates of a file: the first one is ours, the others follow it until the end. */
function certificatesIn(text: string, { securityLevel }: Choices): [X509Certificate, ...X509Certificate[]] {
  const [first, ...rest] = pemBlocks(text).filter(isCertificate);
  const own = first === undefined ? undefined : parsed(first);
  if (own === undefined) throw pemLibError('SSL');
  const others = rest.map((block) => parsed(block) ?? refuse(block));
  try {
    // OpenSSL refuses certificates that are too weak for the level of security.
    const cert = [own, ...others].map((one) => toPem('CERTIFICATE', one.raw)).join('');
    createSecureContext({ ca: [], cert, ciphers: `DEFAULT:@SECLEVEL=${securityLevel}` });
  } catch (error) {
    throw fromNode(error);
  }
  return [own, ...others];
}

function parsed({ content }: PemBlock): X509Certificate | undefined {
  if (typeof content === 'string') return undefined;
  try {
    return new X509Certificate(content);
  } catch {
    return undefined;
  }
}

function refuse({ content }: PemBlock): never {
  throw typeof content === 'string' ? opensslReason(content) : asn1LibError();
}

const isKey = ({ label }: PemBlock): boolean => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY');

/** The first key of a file. */
function keyIn(text: string, password: unknown): KeyObject {
  const block = pemBlocks(text).find(isKey);
  if (block === undefined || typeof block.content === 'string') throw pemLibError('SSL');
  const passphrase = block.isEncrypted ? askedPassword(password) : undefined;
  if (block.isEncrypted && passphrase === undefined) throw pemLibError('SSL');
  try {
    return createPrivateKey({ key: block.text, passphrase });
  } catch {
    throw pemLibError('SSL');
  }
}

function askedPassword(password: unknown): Buffer | undefined {
  if (password === null || password === undefined) return undefined;
  const isFunction = typeof password === 'function';
  const value: unknown = isFunction ? Reflect.apply(password, undefined, []) : password;
  const bytes = passwordBytes(
    value,
    isFunction ? 'password callback must return a string' : 'password should be a string or callable',
  );
  if (bytes.length <= LONGEST_PASSWORD) return bytes;
  throw rangeError(`password cannot be longer than ${LONGEST_PASSWORD} bytes`, bytes.length);
}

function passwordBytes(value: unknown, text: string): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  // The value is a secret: a message names its type alone.
  if (!isBytes(value)) throw typeError(text, typeof value);
  return Buffer.from(value);
}

/** OpenSSL keeps a certificate for each type of key, and takes a key of another type for one without a certificate. */
function checkPair(certificate: X509Certificate, key: KeyObject): void {
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) throw opensslReason('NO_CERTIFICATE_ASSIGNED');
  if (!certificate.checkPrivateKey(key)) throw opensslReason('KEY_VALUES_MISMATCH');
}
