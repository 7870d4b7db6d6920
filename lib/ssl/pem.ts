import { bytesOf, rangeError, typeError } from '../common/arguments.ts';
import { isAscii } from '../names/idna.ts';
import { PEM_FOOTER, PEM_HEADER } from './constants.ts';

/**
 * A certificate in PEM, of one in DER.
 *
 * @param derCertBytes - the bytes of the certificate.
 * @returns the text, with lines of 64 characters.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.DER_cert_to_PEM_cert
 */
export function DERCertToPEMCert(derCertBytes: ArrayBufferView | ArrayBuffer | SharedArrayBuffer): string {
  if (typeof derCertBytes === 'string') throw typeError('a bytes-like object is required', derCertBytes);
  const lines =
    bytesOf(derCertBytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [PEM_HEADER, ...lines, `${PEM_FOOTER}\n`].join('\n');
}

/**
 * A certificate in DER, of one in PEM.
 *
 * @param pemCertString - the text, which must begin with the first line of a certificate and end with the last.
 * @returns the bytes of the certificate.
 * @throws RangeError if it does not, or if what stands between is not base64.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.PEM_cert_to_DER_cert
 */
export function PEMCertToDERCert(pemCertString: string): Buffer {
  if (typeof pemCertString !== 'string') throw typeError('a string is required', pemCertString);
  if (!pemCertString.startsWith(PEM_HEADER)) {
    throw rangeError(`Invalid PEM encoding; must start with ${PEM_HEADER}`, pemCertString);
  }
  const stripped = pemCertString.trimEnd();
  if (!stripped.endsWith(PEM_FOOTER)) {
    throw rangeError(`Invalid PEM encoding; must end with ${PEM_FOOTER}`, pemCertString);
  }
  return decodeBase64(stripped.slice(PEM_HEADER.length, -PEM_FOOTER.length));
}

/** As Python's base64.decodebytes(): what is no digit is passed over, and padding in its place ends the data. */
function decodeBase64(text: string): Buffer {
  if (!isAscii(text)) throw rangeError('Invalid PEM encoding; must be ASCII', text);
  let digits = '';
  let padding = 0;
  for (const character of text) {
    const place = digits.length % 4;
    if (character === '=' && place >= 2 && place + ++padding >= 4) return Buffer.from(digits, 'base64');
    if (!/[A-Za-z0-9+/]/.test(character)) continue;
    digits += character;
    padding = 0;
  }
  if (digits.length % 4 !== 0) throw rangeError('Invalid PEM encoding; Incorrect padding', text);
  return Buffer.from(digits, 'base64');
}
