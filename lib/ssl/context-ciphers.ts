import { createSecureContext } from 'node:tls';
import { typeError } from '../common/arguments.ts';
import { raised } from '../common/stack.ts';
import { plainError } from './context-errors.ts';
import { ciphersOf, type Cipher } from './ciphers.ts';
import { cipherList, TLS13_SUITES } from './context-secure.ts';
import type { Choices } from './context-choices.ts';

/** What Python gives each context, with the level of security that it begins with. */
export const DEFAULT_CIPHERS = 'ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM';
export const DEFAULT_SECURITY_LEVEL = 2;

/** Python's `set_ciphers`. */
export function withCiphers(choices: Choices, value: unknown): Pick<Choices, 'ciphers' | 'securityLevel'> {
  if (typeof value !== 'string') throw typeError('set_ciphers() argument must be str', value);
  if (value.includes('\0')) throw raised(new RangeError('embedded null character'));
  // Node takes what begins with TLS_ for suites of TLS 1.3; to SSL_CTX_set_cipher_list(3) it is an unknown name.
  const items = value.split(/[:;, ]/).filter((item) => item !== '' && !item.startsWith('TLS_'));
  const level = items.map((item) => /@SECLEVEL=(\d)$/.exec(item)?.[1]).findLast((digit) => digit !== undefined);
  const changes = {
    ciphers: items.join(':'),
    securityLevel: level === undefined ? choices.securityLevel : Number(level),
  };
  try {
    createSecureContext({ ca: [], ciphers: cipherList(changes) });
  } catch {
    throw plainError(null, 'No cipher can be selected.');
  }
  return changes;
}

/** Python's `get_ciphers`. */
export function chosenCiphers({ ciphers }: Choices): Cipher[] {
  return ciphersOf(`${TLS13_SUITES}:${ciphers}`);
}
