import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCertificate } from '../../lib/ssl/certificates.ts';
import { SSLError } from '../../lib/ssl/errors.ts';
import { certificate, element, extension, name, objectIdentifier, oid, pem, sequence } from '../support/der.ts';
import { hasPython, python } from '../support/python.ts';

const SUBJECT_ALT_NAME = '2.5.29.17';
const CRL_DISTRIBUTION_POINTS = '2.5.29.31';
const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';

const withExtension = (identifier: string, contents: Buffer): Buffer =>
  certificate({ version: 2, extensions: [extension(identifier, contents)] });
const withNames = (...names: readonly Buffer[]): Buffer => withExtension(SUBJECT_ALT_NAME, sequence(...names));

const otherName = (identifier: string, tag: number, text: string): Buffer =>
  element(0xa0, oid(identifier), element(0xa0, element(tag, text)));

const uri = (text: string): Buffer => element(0x86, text);
const point = (...names: readonly Buffer[]): Buffer => sequence(element(0xa0, element(0xa0, ...names)));

const ipv6 = Buffer.from('20010db8000000000000000000000001', 'hex');

/** Certificates with all that is seldom seen. */
const odd = {
  'version 1': certificate({}),
  'all kinds of alternative names': withNames(
    element(0x82, 'a.example'),
    element(0x82, '*.a.example'),
    element(0x82, ''),
    element(0x82, 'a\0b'),
    element(0x81, 'a@example'),
    uri('http://example/ä'),
    element(0x87, Buffer.from([127, 0, 0, 1])),
    element(0x87, ipv6),
    element(0x87, Buffer.alloc(16)),
    element(0x87, Buffer.from([1, 2, 3])),
    element(0x87, Buffer.alloc(0)),
    element(0xa4, name(['2.5.4.6', 0x13, 'DE'], ['2.5.4.3', 0x0c, 'ü'])),
    element(0xa4, sequence()),
    element(0x88, objectIdentifier('1.2.3.4')),
    element(0x88, objectIdentifier('2.5.4.3')),
    element(0x88, objectIdentifier('2.999.18446744073709551616')),
  ),
  'other names': withNames(
    otherName('1.3.6.1.4.1.311.20.2.3', 0x0c, 'me@example'),
    otherName('1.3.6.1.4.1.311.20.2.3', 0x16, 'me@example'),
    otherName('1.3.6.1.5.5.7.8.5', 0x0c, 'a:b'),
    otherName('1.3.6.1.5.5.7.8.7', 0x16, '_service.example'),
    otherName('1.3.6.1.5.5.7.8.7', 0x0c, '_service.example'),
    otherName('1.3.6.1.5.5.7.8.8', 0x0c, 'realm'),
    otherName('1.3.6.1.5.5.7.8.9', 0x0c, 'é@example'),
    otherName('1.2.3.4', 0x0c, 'a'),
    otherName('1.3.6.1.5.5.7.8.5', 0x0c, 'two\nlines'),
    otherName('1.3.6.1.5.5.7.8.5', 0x0c, 'a\0b'),
    otherName('1.3.6.1.5.5.7.8.5', 0x0c, ''),
    element(0xa5, element(0xa1, element(0x0c, 'party'))),
  ),
  'no alternative names': withNames(),
  'alternative names that are none': withExtension(SUBJECT_ALT_NAME, element(0x04, 'x')),
  'alternative names of an unknown kind': withNames(element(0x82, 'a'), element(0x89, 'b')),
  'alternative names that end too early': withExtension(SUBJECT_ALT_NAME, sequence(element(0x82, 'a')).subarray(0, 4)),
  'alternative names with bytes after them': withExtension(
    SUBJECT_ALT_NAME,
    Buffer.concat([sequence(element(0x82, 'a')), Buffer.from('x')]),
  ),
  'alternative names twice': certificate({
    version: 2,
    extensions: [1, 2].map((n) => extension(SUBJECT_ALT_NAME, sequence(element(0x82, `a${n}`)))),
  }),
  'alternative names that are not UTF-8': withNames(element(0x82, Buffer.from([0xff]))),
  'a critical extension': certificate({
    version: 2,
    extensions: [
      extension('2.5.29.19', sequence(), true),
      extension(SUBJECT_ALT_NAME, sequence(element(0x82, 'a')), true),
    ],
  }),
  'no extensions': certificate({ version: 2, extensions: [] }),
  'two attributes in a group': certificate({
    subject: sequence(
      element(0x31, sequence(oid('2.5.4.3'), element(0x0c, 'a')), sequence(oid('2.5.4.11'), element(0x0c, 'b'))),
      element(0x31, sequence(oid('2.5.4.10'), element(0x13, 'c'))),
    ),
  }),
  'a group without attributes': certificate({
    subject: sequence(element(0x31), element(0x31, sequence(oid('2.5.4.3'), element(0x0c, 'a'))), element(0x31)),
  }),
  'no subject': certificate({ subject: sequence() }),
  'all kinds of text': certificate({
    subject: name(
      ['2.5.4.3', 0x0c, 'Ünï€𝄞'],
      ['2.5.4.3', 0x13, 'printable'],
      ['2.5.4.3', 0x14, Buffer.from('tél\xe9', 'latin1')],
      ['2.5.4.3', 0x16, Buffer.from('ia5\xff', 'latin1')],
      ['2.5.4.3', 0x12, '12 3'],
      ['2.5.4.3', 0x1e, Buffer.from('00fc20ac', 'hex')],
      ['2.5.4.3', 0x1c, Buffer.from('000000fc0001d11e', 'hex')],
      ['2.5.4.3', 0x0c, ''],
      ['2.5.4.3', 0x0c, 'nul\0'],
      ['2.5.4.3', 0x0c, '\ufeffbom'],
      ['1.2.3.4', 0x0c, 'unknown'],
      ['1.2.840.113549.1.9.1', 0x16, 'a@b'],
      ['0.9.2342.19200300.100.1.25', 0x16, 'dc'],
      ['1.3.6.1.4.1.311.60.2.1.3', 0x13, 'DE'],
      ['1.2.643.100.1', 0x12, '1'],
      ['2.5.4.97', 0x0c, 'VAT'],
    ),
  }),
  'an attribute that is no text': certificate({ subject: name(['2.5.4.3', 0x04, 'bytes']) }),
  'attributes that are bits': certificate({
    subject: name(
      ['2.5.4.3', 0x03, Buffer.from([0, 5])],
      ['2.5.4.3', 0x03, Buffer.from([3, 0xff, 0xff])],
      ['2.5.4.3', 0x03, Buffer.from([0])],
      ['2.5.4.3', 0x03, Buffer.from([5])],
    ),
  }),
  'an attribute that is a sequence': certificate({ subject: name(['2.5.4.3', 0x30, sequence()]) }),
  'an attribute that is a number': certificate({ subject: name(['2.5.4.3', 0x02, Buffer.from([5])]) }),
  'an attribute that is a time': certificate({ subject: name(['2.5.4.3', 0x17, '200101000000Z']) }),
  'a responder and an issuer': withExtension(
    AUTHORITY_INFO_ACCESS,
    sequence(
      sequence(oid('1.3.6.1.5.5.7.48.1'), uri('http://ocsp')),
      sequence(oid('1.3.6.1.5.5.7.48.2'), uri('http://issuer/é')),
      sequence(oid('1.3.6.1.5.5.7.48.1'), uri('http://ocsp2')),
      sequence(oid('1.3.6.1.5.5.7.48.1'), element(0x82, 'not.a.uri')),
      sequence(oid('1.2.3'), uri('http://other')),
    ),
  ),
  'a responder that is no address': withExtension(
    AUTHORITY_INFO_ACCESS,
    sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), element(0x82, 'a'))),
  ),
  'access that is empty': withExtension(AUTHORITY_INFO_ACCESS, sequence()),
  'access that is none': withExtension(AUTHORITY_INFO_ACCESS, sequence(element(0x04, 'x'))),
  'lists of the revoked': withExtension(
    CRL_DISTRIBUTION_POINTS,
    sequence(point(uri('http://a'), element(0x82, 'b'), uri('ldap:///c')), sequence(), point(uri('http://d'))),
  ),
  'a list of the revoked by another': withExtension(
    CRL_DISTRIBUTION_POINTS,
    sequence(
      sequence(
        element(0xa0, element(0xa0, uri('http://a'))),
        element(0x81, Buffer.from([1, 6])),
        element(0xa2, uri('x')),
      ),
      sequence(element(0xa2, uri('http://b'))),
    ),
  ),
  'no list of the revoked': withExtension(CRL_DISTRIBUTION_POINTS, sequence(sequence())),
  'lists that are none': withExtension(CRL_DISTRIBUTION_POINTS, sequence(element(0x04, 'x'))),
};

const serials = ['00', '01', '7f', '0080', 'ff', '80', '00ff', '0100', `7${'1'.repeat(69)}`, `7${'1'.repeat(71)}`];
const hugeSerials = [`00${'ab'.repeat(35)}`, `00${'ab'.repeat(36)}`, 'ff'.padEnd(80, '0'), '7f'.padEnd(400, '1')];

/** Times, with the tag of their type. */
const times: readonly (readonly [number, string])[] = [
  ...[
    '200229123456Z',
    '490101000000Z',
    '500101000000Z',
    '991231235959Z',
    '2002291234Z',
    '200230000000Z',
    '200101240000Z',
  ].map((text) => [0x17, text] as const),
  ...[
    '200101000060Z',
    '2001010000Z',
    '200101000000',
    '200101000000+0130',
    '200101000000-0130',
    '200101000000+1300',
  ].map((text) => [0x17, text] as const),
  ...[
    '200101000000+0160',
    '2001010000+0100',
    '200101000000.5Z',
    '20010100000Z',
    '',
    'x',
    '20010100000aZ',
    '200101000000ZZ',
  ].map((text) => [0x17, text] as const),
  ...[
    '20500101000000Z',
    '20991231235959Z',
    '99991231235959Z',
    '00010101000000Z',
    '00000101000000Z',
    '19700101000000Z',
  ].map((text) => [0x18, text] as const),
  ...['20200101000000.5Z', '20200101000000.123456Z', '202001010000.5Z', '20200101000000.Z', '202001010000Z'].map(
    (text) => [0x18, text] as const,
  ),
  ...[
    '20200101000000',
    '20200101000000+0200',
    '20200101000000.25-1200',
    '2020010100Z',
    '21000229000000Z',
    '20000229000000Z',
  ].map((text) => [0x18, text] as const),
];

const numbered = [...serials, ...hugeSerials].map((hex) => certificate({ serialNumber: Buffer.from(hex, 'hex') }));
const timed = times.map(([tag, text]) => certificate({ notAfter: element(tag, text) }));

describe('decodeCertificate()', () => {
  it('gives what Python gives', () => {
    expect(decodeCertificate(odd['all kinds of alternative names'])).toEqual({
      subject: [[['commonName', 'subject']]],
      issuer: [[['commonName', 'issuer']]],
      version: 3,
      serialNumber: '01',
      notBefore: 'Jan  1 00:00:00 2020 GMT',
      notAfter: 'Jan  1 00:00:00 2020 GMT',
      subjectAltName: [
        ['DNS', 'a.example'],
        ['DNS', '*.a.example'],
        ['DNS', ''],
        ['DNS', 'a\0b'],
        ['email', 'a@example'],
        ['URI', 'http://example/ä'],
        ['IP Address', '127.0.0.1'],
        ['IP Address', '2001:DB8:0:0:0:0:0:1'],
        ['IP Address', '0:0:0:0:0:0:0:0'],
        ['IP Address', '<invalid>'],
        ['IP Address', '<invalid>'],
        ['DirName', [[['countryName', 'DE']], [['commonName', 'ü']]]],
        ['DirName', []],
        ['Registered ID', '1.2.3.4'],
        ['Registered ID', 'commonName'],
        ['Registered ID', '2.999.18446744073709551616'],
      ],
    });
    expect(Object.keys(decodeCertificate(odd['version 1']))).not.toContain('subjectAltName');
    expect(decodeCertificate(odd['no alternative names']).subjectAltName).toEqual([]);
    expect(decodeCertificate(odd['a responder and an issuer'])).toMatchObject({
      OCSP: ['http://ocsp', 'http://ocsp2'],
      caIssuers: ['http://issuer/é'],
    });
    expect(decodeCertificate(odd['lists of the revoked']).crlDistributionPoints).toEqual([
      'http://a',
      'ldap:///c',
      'http://d',
    ]);
  });

  it('does not take what is no certificate', () => {
    expect(() => decodeCertificate(Buffer.alloc(0))).toThrow(RangeError);
    expect(() => decodeCertificate(Buffer.from('garbage'))).toThrow('no certificate in DER');
    expect(() => decodeCertificate(odd['alternative names that are not UTF-8'])).toThrow(RangeError);
    expect(() => decodeCertificate(odd['an attribute that is no text'])).toThrow(RangeError);
    expect(() => decodeCertificate(odd['an attribute that is a sequence'])).toThrow(SSLError);
  });

  it('ends, or raises one of two errors, whatever the bytes are', () => {
    const whole = Object.values(odd);
    const damaged = fc
      .tuple(fc.constantFrom(...whole), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat())
      .map(([der, place, byte, end]) => {
        const copy = Buffer.from(der.subarray(0, end % 3 === 0 ? end % der.length : der.length));
        if (copy.length > 0) copy[place % copy.length] = byte;
        return copy;
      });
    fc.assert(
      fc.property(damaged, (der) => {
        try {
          decodeCertificate(der);
        } catch (error) {
          expect(['RangeError', 'SSLError']).toContain((error as Error).name);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

const PYTHON = `
import json, os, sys, tempfile, warnings, _ssl
warnings.simplefilter('ignore')
decode = _ssl._test_decode_cert

def outcome(pem):
    with open(path, 'w') as file:
        file.write(pem)
    try:
        return decode(path)
    except Exception as error:
        return [type(error).__name__, str(error)]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'certificate.pem')
    json.dump([outcome(pem) for pem in json.load(sys.stdin)], sys.stdout, default=list)
`;

/** What is no certificate for OpenSSL, and never comes out of a handshake. */
const UNREADABLE = 'unreadable';

/** What Python makes of certificates: a dict, the kind of an error, or that OpenSSL cannot read it. */
function theirs(certificates: readonly Buffer[]): unknown[] {
  const outcomes = python(PYTHON, certificates.map(pem)) as unknown[];
  return outcomes.map((outcome) => {
    if (!Array.isArray(outcome)) return outcome;
    const [kind, text] = outcome as [string, string];
    if (text.includes('Error decoding PEM-encoded file')) return UNREADABLE;
    return kind === 'SSLError' ? 'SSLError' : 'RangeError';
  });
}

function isJSONBuffer(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'data' in value;
}

function ours(der: Buffer): unknown {
  try {
    // Bytes come out of JSON as lists of numbers.
    const toJSON = (_: string, value: unknown): unknown => (isJSONBuffer(value) ? value.data : value);
    return JSON.parse(JSON.stringify(decodeCertificate(der), toJSON));
  } catch (error) {
    return (error as Error).name;
  }
}

/** Expects the same of both; gives how many were compared. */
function compare(certificates: readonly Buffer[]): number {
  const expected = theirs(certificates);
  const readable = certificates.filter((_, index) => expected[index] !== UNREADABLE);
  const wanted = expected.filter((outcome) => outcome !== UNREADABLE);
  const made = readable.map(ours);
  for (const [index, outcome] of wanted.entries()) {
    const der = readable[index]?.toString('base64');
    expect({ der, outcome: made[index] }).toEqual({ der, outcome });
  }
  return readable.length;
}

const folder = '/etc/ssl/certs';

/** Python tests itself with a call that has no name in the manual. */
const canCompare =
  hasPython && python('import json, _ssl; print(json.dumps(hasattr(_ssl, "_test_decode_cert")))', null) === true;

(canCompare ? describe : describe.skip)('decodeCertificate(), beside the real Python', () => {
  it('certificates with all that is seldom seen', () => {
    expect(compare(Object.values(odd))).toBeGreaterThan(Object.keys(odd).length - 5);
  });

  it('serial numbers', () => {
    expect(compare(numbered)).toBe(numbered.length);
  });

  it('times', () => {
    expect(compare(timed)).toBe(timed.length);
  });

  (existsSync(folder) ? it : it.skip)('the certificates that this system trusts', () => {
    const files = readdirSync(folder).filter((file) => /\.(pem|crt|0)$/.test(file));
    const blocks = files.flatMap(
      (file) => readFileSync(join(folder, file), 'latin1').match(/-----BEGIN CERTIFICATE-[^]*?-----END/g) ?? [],
    );
    const certificates = [...new Set(blocks)].map((block) => new X509Certificate(`${block} CERTIFICATE-----\n`).raw);
    expect(compare(certificates)).toBe(certificates.length);
  });

  it('random certificates', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }));
    const identifier = fc.oneof(
      fc.constantFrom('2.5.4.3', '2.5.4.6', '1.3.6.1.5.5.7.8.5', '1.3.6.1.5.5.7.8.7', '1.3.6.1.4.1.311.20.2.3'),
      fc.tuple(fc.nat(2), fc.nat(39), fc.nat(), fc.nat()).map((arcs) => arcs.join('.')),
    );
    const tag = fc.constantFrom(0x0c, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e, 0x04, 0x03);
    // OpenSSL looks into values of other types.
    const otherTag = fc.constantFrom(0x0c, 0x16, 0x13, 0x04);
    const bytes = fc.oneof(
      text.map((value) => Buffer.from(value)),
      fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value)),
    );
    const ascii = fc.string({ maxLength: 20 });
    const value = fc.oneof(
      { weight: 9, arbitrary: text.map((one) => element(0x0c, one)) },
      { weight: 9, arbitrary: fc.tuple(fc.constantFrom(0x12, 0x13, 0x14, 0x16), ascii).map((one) => element(...one)) },
      { weight: 3, arbitrary: ascii.map((one) => element(0x1e, Buffer.from(one, 'utf16le').swap16())) },
      { weight: 1, arbitrary: fc.tuple(tag, bytes).map((one) => element(...one)) },
    );
    const attribute = fc.tuple(identifier, value).map(([type, one]) => sequence(oid(type), one));
    const anyName = fc
      .array(fc.array(attribute, { maxLength: 2 }), { maxLength: 4 })
      .map((groups) => sequence(...groups.map((group) => element(0x31, ...group))));
    const anyGeneralName = fc.oneof(
      fc.tuple(fc.constantFrom(0x81, 0x82, 0x86, 0x87), bytes).map(([kind, value]) => element(kind, value)),
      fc.tuple(identifier, otherTag, text).map((parts) => otherName(...parts)),
      identifier.map((value) => element(0x88, objectIdentifier(value))),
      anyName.map((value) => element(0xa4, value)),
    );
    const generalNames = fc.array(anyGeneralName, { maxLength: 5 });
    const anyExtension = fc.oneof(
      generalNames.map((names) => extension(SUBJECT_ALT_NAME, sequence(...names))),
      generalNames.map((names) => extension(CRL_DISTRIBUTION_POINTS, sequence(...names.map((one) => point(one))))),
      fc
        .tuple(fc.constantFrom('1.3.6.1.5.5.7.48.1', '1.3.6.1.5.5.7.48.2', '1.2.3'), generalNames)
        .map(([method, names]) =>
          extension(AUTHORITY_INFO_ACCESS, sequence(...names.map((one) => sequence(oid(method), one)))),
        ),
      fc
        .tuple(fc.constantFrom(SUBJECT_ALT_NAME, AUTHORITY_INFO_ACCESS, CRL_DISTRIBUTION_POINTS), bytes)
        .map(([type, value]) => extension(type, value)),
    );
    const time = fc
      .tuple(
        fc.constantFrom(0x17, 0x18),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
      )
      .map(([kind, date]) => {
        const digits = `${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;
        return element(kind, kind === 0x18 ? digits : digits.slice(2));
      });
    const parts = fc.record(
      {
        version: fc.constantFrom(0, 1, 2),
        serialNumber: fc.uint8Array({ minLength: 1, maxLength: 50 }).map((value) => Buffer.from(value)),
        issuer: anyName,
        subject: anyName,
        notBefore: time,
        notAfter: time,
        extensions: fc.array(anyExtension, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(parts, { minLength: 100, maxLength: 100 }), (all) => {
        expect(compare(all.map(certificate))).toBeGreaterThan(50);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });
});
