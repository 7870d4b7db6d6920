import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { OSError } from '../../lib/index.ts';
import * as errors from '../../lib/ssl/errors.ts';
import { hasPython, python } from '../support/python.ts';

const classes = [
  errors.SSLError,
  errors.SSLCertVerificationError,
  errors.SSLEOFError,
  errors.SSLZeroReturnError,
  errors.SSLWantReadError,
  errors.SSLWantWriteError,
  errors.SSLSyscallError,
];

describe('SSLError', () => {
  it.each(classes)('and %p are OSErrors, with a number of their own kind', (errorClass) => {
    const error = new errorClass(errors.SSLError === errorClass ? 1 : 8, 'text');
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toBeInstanceOf(errors.SSLError);
    expect(error).toBeInstanceOf(OSError);
    expect(error.name).toBe(errorClass.name);
    expect(error.message).toBe('text');
    expect(error.code).toBe(errors.SSLError === errorClass ? 'SSL_ERROR_SSL' : 'SSL_ERROR_EOF');
    expect(Object.getPrototypeOf(error)).toBe(errorClass.prototype);
  });

  it('has a text alone, or a number and a text', () => {
    expect(new errors.SSLError('text')).toMatchObject({
      errno: null,
      strerror: 'text',
      code: undefined,
      library: null,
    });
    expect(new errors.SSLError(null, 'text')).toMatchObject({ errno: null, message: 'text' });
    expect(new errors.SSLError(2)).toMatchObject({ errno: 2, strerror: '', code: 'SSL_ERROR_WANT_READ', reason: null });
    expect(new errors.SSLError()).toMatchObject({ errno: null, message: '' });
    expect(new errors.SSLError(99, 'text').code).toBeUndefined();
  });

  it('tells what the details say', () => {
    const cause = new Error('of Node');
    const details = { library: 'SSL', reason: 'HTTP_REQUEST', syscall: 'connect', address: '127.0.0.1:4000', cause };
    const error = new errors.SSLError(1, 'http request', { ...details, note: 'a note' });
    expect(error).toMatchObject({ ...details, errno: 1, strerror: 'http request' });
    expect(error.message).toBe('http request: connect 127.0.0.1:4000 (a note)');
    expect(new errors.SSLError('text', { code: 'OTHER' }).code).toBe('OTHER');
    expect(inspect(error)).toMatch(/^SSLError: http request: connect/);
  });

  it.each([
    [[1.5, 'text'], 'errno must be an integer or null (received 1.5)'],
    [[1, 5], 'strerror must be a string (received 5)'],
    [['text', {}, {}], 'a text takes details and nothing else (received {})'],
    [['text', { verifycode: 5 }], "SSLError() has no option 'verifycode'"],
    [[1, 'text', 5], 'SSLError() takes an options object (received 5)'],
  ])('does not take %j', (given, text) => {
    for (const errorClass of classes) {
      expect((): unknown => Reflect.construct(errorClass, given)).toThrow(TypeError);
      expect((): unknown => Reflect.construct(errorClass, given)).toThrow(text);
    }
  });
});

describe('the errors that the library makes', () => {
  it.each([
    [
      errors.sslError({ library: 'SSL', reason: 'HTTP_REQUEST', text: 'http request' }),
      '[SSL: HTTP_REQUEST] http request',
    ],
    [errors.sslError({ library: 'SSL', reason: null, text: 'PEM lib' }), '[SSL] PEM lib'],
    [errors.sslError({ library: null, reason: null, text: 'unknown error' }), 'unknown error'],
    [errors.brokenEof(), 'EOF occurred in violation of protocol'],
    [errors.unexpectedEof(), '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol'],
  ])('have the messages of Python: %p', (error, message) => {
    expect(error.message).toBe(message);
  });

  it('have the place after the text', () => {
    const place = { syscall: 'recv', address: '127.0.0.1:4000' };
    const made = [
      errors.sslError({ library: 'SSL', reason: 'X', text: 'x' }, place),
      errors.certVerificationError({ verifyCode: 18, verifyMessage: 'self-signed certificate' }, place),
      errors.brokenEof(place),
      errors.unexpectedEof(place),
      errors.zeroReturn(place),
      errors.wantRead(place),
      errors.wantWrite(place),
    ];
    for (const error of made) {
      expect(error).toMatchObject(place);
      expect(error.message).toBe(`${error.strerror}: recv 127.0.0.1:4000`);
    }
  });

  it('say why a certificate was refused', () => {
    const error = errors.certVerificationError({ verifyCode: 18, verifyMessage: 'self-signed certificate' });
    expect(error).toBeInstanceOf(errors.CertificateError);
    expect(error).toMatchObject({
      message: '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate',
      verifyCode: 18,
      verifyMessage: 'self-signed certificate',
      library: 'SSL',
      reason: 'CERTIFICATE_VERIFY_FAILED',
      errno: 1,
    });
    expect(new errors.SSLCertVerificationError('text').verifyCode).toBeUndefined();
  });
});

const PYTHON = `
import json, re, ssl, sys

client, server = ssl.MemoryBIO(), ssl.MemoryBIO()
sslobject = ssl.create_default_context().wrap_bio(client, server, server_hostname='localhost')

def told(call, *args):
    try:
        call(*args)
    except ssl.SSLError as error:
        text = re.sub(r' \\(_ssl\\.c:\\d+\\)$', '', error.strerror)
        return [type(error).__name__, error.errno, text, error.library, error.reason]

found = [told(sslobject.do_handshake)]
client.write_eof()
found.append(told(sslobject.do_handshake))
json.dump(found, sys.stdout)
`;

(hasPython ? describe : describe.skip)('the errors that the library makes, beside the real Python', () => {
  it('are the same', () => {
    const made = [errors.wantRead(), errors.unexpectedEof()];
    const ours = made.map(({ name, errno, message, library, reason }) => [name, errno, message, library, reason]);
    const [wantRead, eof] = python(PYTHON, null) as unknown[][];
    expect(ours[0]?.slice(0, 3)).toEqual(wantRead?.slice(0, 3));
    expect(ours[1]).toEqual(eof);
  });
});
