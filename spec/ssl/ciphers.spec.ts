import { spawnSync } from 'node:child_process';
import tls, { getCiphers } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { CIPHER_ROWS } from '../../lib/ssl/cipher-table.ts';
import { cipherById, cipherByName, ciphersOf, cipherTuple, type Cipher } from '../../lib/ssl/ciphers.ts';
import { hasPython, python } from '../support/python.ts';
import { hasProgram } from '../support/programs.ts';

const ALL = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

/** The release of OpenSSL, such as `3.0`: texts and strengths are the same within one. */
const release = (version: string): string => /(\d+\.\d+)/.exec(version)?.[1] ?? '';
const ours = release(process.versions.openssl);
const pythons = hasPython
  ? release(String(python('import json, ssl; print(json.dumps(ssl.OPENSSL_VERSION))', null)))
  : '';
const program = hasProgram('openssl')
  ? release(spawnSync('openssl', ['version'], { encoding: 'utf8', timeout: 10_000 }).stdout)
  : '';

/** Python's list; `null` where it can select none. */
function pythonCiphers(ciphers: string): Cipher[] | null {
  const source = `
import json, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
try:
    context.set_ciphers(json.load(sys.stdin))
    print(json.dumps(context.get_ciphers()))
except ssl.SSLError:
    print('null')
`;
  const list = python(source, ciphers) as Record<string, unknown>[] | null;
  return (
    list?.map(
      ({ strength_bits: strengthBits, alg_bits: algBits, ...rest }) => ({ ...rest, strengthBits, algBits }) as Cipher,
    ) ?? null
  );
}

const names = (list: readonly Cipher[] | null): string[] | undefined => list?.map(({ name }) => name);

/** What a program that cannot have keys of SRP offers. */
const withoutSrp = (list: readonly Cipher[] | null) => list?.filter(({ kea }) => kea !== 'kx-srp');

describe('the table of cipher suites', () => {
  (pythons === ours ? it : it.skip)("has each of Python's suites, as Python describes it", () => {
    const theirs = pythonCiphers(ALL) ?? [];
    expect(theirs.length).toBeGreaterThan(100);
    expect(theirs.map(({ id }) => cipherById(id & 0xffff))).toEqual(theirs);
    expect(theirs.map(({ name }) => cipherByName(name))).toEqual(theirs);
  });

  (program.startsWith('3.') ? it : it.skip)('has each suite of the program openssl of version 3', () => {
    const args = ['ciphers', '-V', '-ciphersuites', 'TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256', ALL];
    const { stdout } = spawnSync('openssl', args, { encoding: 'utf8', timeout: 10_000 });
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      const [, high = '', low = '', text = ''] = /^\s*0x(..),0x(..) - (.*?)$/.exec(line) ?? [];
      expect(cipherById(Number.parseInt(high + low, 16))?.description.trim()).toBe(text.trim());
    }
  });

  it('has each suite once', () => {
    expect(new Set(CIPHER_ROWS.map(({ id }) => id)).size).toBe(CIPHER_ROWS.length);
    expect(new Set(CIPHER_ROWS.map(({ name }) => name)).size).toBe(CIPHER_ROWS.length);
    expect(cipherById(0x00ff)).toBeUndefined();
    expect(cipherByName('no such suite')).toBeUndefined();
  });

  it("gives Python's tuple", () => {
    const cipher = cipherByName('AES128-SHA');
    expect(cipher && cipherTuple(cipher)).toEqual(['AES128-SHA', 'SSLv3', 128]);
  });
});

describe('ciphersOf', () => {
  const strings = [
    'ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM',
    ALL,
    'ALL',
    'DEFAULT',
    'ALL:@SECLEVEL=2',
    'HIGH:!aNULL',
    'aNULL:eNULL',
    'AES256-SHA',
    'PSK+CHACHA20:kRSA',
    'ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA256:@STRENGTH',
    'MD5',
    'TLSv1:SSLv3',
  ];
  (pythons === ours ? it.each(strings) : it.skip.each(strings))(
    "chooses what Python's set_ciphers(%j) does",
    (ciphers) => {
      expect(ciphersOf(ciphers)).toEqual(withoutSrp(pythonCiphers(ciphers)));
    },
  );

  it('chooses suites of TLS 1.3 by name', () => {
    expect(names(ciphersOf('TLS_AES_128_CCM_8_SHA256:TLS_AES_128_GCM_SHA256:AES256-SHA'))).toEqual([
      'TLS_AES_128_CCM_8_SHA256',
      'TLS_AES_128_GCM_SHA256',
      'AES256-SHA',
    ]);
  });

  it.each(['BOGUS', 'SRP:!SRP', '!ALL'])('throws where %j leaves none', (ciphers) => {
    expect(() => ciphersOf(ciphers)).toThrow(/no cipher match/i);
  });

  it('knows every suite that this Node names', () => {
    expect(getCiphers().length).toBeGreaterThan(50);
    expect(getCiphers().filter((name) => cipherByName(name.toUpperCase()) === undefined)).toEqual([]);
  });

  it('chooses the same, whatever versions the program has set for its own connections', () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION } = tls;
    const expected = names(ciphersOf('DEFAULT'));
    try {
      tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
      expect(names(ciphersOf('DEFAULT'))).toEqual(expected);
      [tls.DEFAULT_MIN_VERSION, tls.DEFAULT_MAX_VERSION] = ['TLSv1.2', 'TLSv1.2'];
      expect(names(ciphersOf('DEFAULT'))).toEqual(expected);
    } finally {
      Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION });
    }
  });

  it('gives a suite the strength by which OpenSSL orders it', () => {
    const strengths = ciphersOf('AESCCM8:AES256-SHA:AES128-SHA:@STRENGTH')
      .filter(({ protocol }) => protocol !== 'TLSv1.3')
      .map(({ strengthBits }) => strengthBits);
    expect(strengths.length).toBeGreaterThan(5);
    expect(strengths).toEqual(strengths.toSorted((one, other) => other - one));
  });
});
