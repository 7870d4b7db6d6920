import { describe, expect, it } from '@jest/globals';
import { mismatchOf, refusalOf, verifyMessageOf } from '../../lib/ssl/verify-codes.ts';
import { hasPython, python } from '../support/python.ts';

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe('refusalOf()', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'certificate has expired', 10],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 18],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 20],
    ['INVALID_CA', 'invalid CA certificate', 79],
    ['HOSTNAME_MISMATCH', 'hostname mismatch', 62],
  ])('knows %s', (code, verifyMessage, verifyCode) => {
    expect(refusalOf(failure(code, 'anything'))).toEqual({ verifyCode, verifyMessage });
  });

  it.each([
    ['CA certificate key too weak', 67],
    ['permitted subtree violation', 47],
    ["issuer certificate doesn't have a public key", 24],
    ['unspecified certificate verification error', 1],
  ])('tells by the text which one Node has no name for: %s', (text, verifyCode) => {
    expect(refusalOf(failure('UNSPECIFIED', text))).toEqual({ verifyCode, verifyMessage: text });
  });

  it('says that it is unspecified where the text is unknown', () => {
    const verifyMessage = 'unspecified certificate verification error';
    expect(refusalOf(failure('UNSPECIFIED', 'something new'))).toEqual({ verifyCode: 1, verifyMessage });
  });

  it('takes nothing else for a refusal', () => {
    expect(refusalOf(failure('ECONNRESET', 'certificate has expired'))).toBeUndefined();
    expect(refusalOf(new Error('certificate has expired'))).toBeUndefined();
  });

  it('has no text for a number that OpenSSL has not', () => {
    expect(verifyMessageOf(95)).toBe('unknown certificate verification error');
    expect(verifyMessageOf(0)).toBe('unknown certificate verification error');
  });
});

describe('mismatchOf()', () => {
  it.each([
    ['localhost', 62, "Hostname mismatch, certificate is not valid for 'localhost'."],
    ['127.0.0.1', 64, "IP address mismatch, certificate is not valid for '127.0.0.1'."],
    ['::1', 64, "IP address mismatch, certificate is not valid for '::1'."],
    ['127.1', 62, "Hostname mismatch, certificate is not valid for '127.1'."],
  ])('of %s', (host, verifyCode, verifyMessage) => {
    expect(mismatchOf(host)).toEqual({ verifyCode, verifyMessage });
  });
});

/** Python has OpenSSL's texts only in errors; its library is asked for them all. */
const PYTHON = `
import ctypes, json, re, sys, _ssl
paths = re.findall(r'\\S*libcrypto\\.so\\.3\\S*', open('/proc/self/maps').read())
texts = []
if paths:
    text = ctypes.CDLL(paths[0]).X509_verify_cert_error_string
    text.restype = ctypes.c_char_p
    texts = [text(number).decode() for number in range(1, 95)]
json.dump(texts, sys.stdout)
`;

const texts = (hasPython ? python(PYTHON, null) : []) as string[];

(texts.length > 0 ? it : it.skip)('the texts of refusals are those of the OpenSSL that Python has', () => {
  expect(texts.map((_, index) => verifyMessageOf(index + 1))).toEqual(texts);
});
