import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { opensslError } from '../../lib/ssl/reasons.ts';
import { hasProgram } from '../support/programs.ts';
import { hasPython, python } from '../support/python.ts';

const LINE = '801CE4F68C7F0000:error:0A00009C:SSL routines:ssl3_get_record:http request:../ssl3_record.c:341:\n';

const reason = (message: string): unknown => opensslError(new Error(message));

describe('opensslError()', () => {
  it('reads what Node throws, and what it emits', () => {
    const told = { library: 'SSL', reason: 'HTTP_REQUEST', text: 'http request' };
    expect(reason('error:0A00009C:SSL routines::http request')).toEqual(told);
    expect(reason(LINE)).toEqual(told);
  });

  it('takes the last of several errors, as Python does', () => {
    const other = LINE.replace('0A00009C', '0A00010B').replace('http request', 'wrong version number');
    expect(reason(other + LINE)).toMatchObject({ reason: 'HTTP_REQUEST' });
    expect(reason(LINE + other)).toMatchObject({ reason: 'WRONG_VERSION_NUMBER' });
    const thrown = Object.assign(new Error('error:1C800064:Provider routines::bad decrypt'), {
      opensslErrorStack: ['error:11800074:PKCS12 routines::pkcs12 cipherfinal error', 'error:1C800064:a::b'],
    });
    expect(opensslError(thrown)).toMatchObject({ library: 'PKCS12', reason: 'PKCS12_CIPHERFINAL_ERROR' });
    expect(opensslError(Object.assign(thrown, { opensslErrorStack: [] }))).toMatchObject({ reason: 'BAD_DECRYPT' });
  });

  it.each(['sslv3 alert handshake failure', 'ssl/tls alert handshake failure'])('goes by the number: %s', (text) => {
    expect(reason(`error:0A000410:SSL routines::${text}`)).toEqual({
      library: 'SSL',
      reason: 'SSLV3_ALERT_HANDSHAKE_FAILURE',
      text: 'sslv3 alert handshake failure',
    });
  });

  it.each([
    ['error:0A080009:SSL routines::PEM lib', 'SSL', null, 'PEM lib'],
    ['error:0688010A:asn1 encoding routines::nested asn1 error', 'ASN1', null, 'nested asn1 error'],
    ['error:80000002:system library::No such file or directory', 'SYS', null, 'No such file or directory'],
    ['error:0A000FFF:SSL routines::reason(4095)', 'SSL', null, 'unknown error'],
    ['error:7E000064:lib(252)::reason(100)', null, null, 'unknown error'],
    ['error:7E000064:lib(252)::of an engine', null, null, 'of an engine'],
  ])('knows what has no name: %s', (message, library, name, text) => {
    expect(reason(message)).toEqual({ library, reason: name, text });
  });

  it('takes nothing else for an error of OpenSSL', () => {
    expect(reason('socket hang up')).toBeUndefined();
    expect(reason('error:')).toBeUndefined();
    expect(reason('')).toBeUndefined();
  });

  it('names the errors of this Node', () => {
    const told = (options: tls.SecureContextOptions): unknown => {
      try {
        return tls.createSecureContext(options);
      } catch (error) {
        return opensslError(error as Error);
      }
    };
    expect(told({ cert: 'no certificate' })).toEqual({
      library: 'PEM',
      reason: 'NO_START_LINE',
      text: 'no start line',
    });
    expect(told({ ciphers: 'NONE' })).toMatchObject({ library: 'SSL', reason: 'NO_CIPHER_MATCH' });
  });

  it('names the alerts of this Node', async () => {
    const server = tls.createServer({ maxVersion: 'TLSv1.2' });
    const failed = once(server, 'tlsClientError');
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const [error] = (await once(tls.connect({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2' }), 'error')) as [Error];
    const [theirs] = (await failed) as [Error];
    expect(opensslError(error)).toMatchObject({ reason: 'SSLV3_ALERT_HANDSHAKE_FAILURE' });
    expect(opensslError(theirs)).toMatchObject({ reason: 'NO_SHARED_CIPHER', text: 'no shared cipher' });
    await new Promise((resolve) => server.close(resolve));
  });
});

/** Python's own table of names; later versions keep it to themselves. */
const PYTHON = `
import json, sys, _ssl
libraries = getattr(_ssl, 'lib_codes_to_names', {})
table = getattr(_ssl, 'err_codes_to_names', {})
json.dump([['%08X' % (library << 23 | reason), libraries[library], name]
    for (library, reason), name in table.items()], sys.stdout)
`;

const table = (hasPython ? python(PYTHON, null) : []) as [number: string, library: string, name: string][];

(table.length > 0 && hasProgram('openssl') ? it : it.skip)('the names of reasons are those that Python has', () => {
  const { stdout } = spawnSync('openssl', ['errstr', ...table.map(([number]) => number)], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  expect(lines.length).toBe(table.length);
  expect(table.length).toBeGreaterThan(1000);
  // What this OpenSSL no longer has comes without a text, and never from Node either.
  const known = table.filter((_, index) => !/reason\(\d+\)$/.test(lines[index] ?? ''));
  const ours = lines.filter((line) => !/reason\(\d+\)$/.test(line)).map((line) => opensslError(new Error(line)));
  expect(known.length).toBeGreaterThan(1000);
  expect(ours.map((told) => [told?.library, told?.reason])).toEqual(known.map(([, library, name]) => [library, name]));
});
