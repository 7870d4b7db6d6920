import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { addressOf, matchHostname } from '../../lib/ssl/host-names.ts';
import { certificate, element, extension, name, sequence } from '../support/der.ts';
import { hasPython, python } from '../support/python.ts';

const ADDRESS = Buffer.from([127, 0, 0, 1]);
const IPV6 = Buffer.from('20010db8000000000000000000000001', 'hex');

const dns = (text: string): Buffer => element(0x82, text);
const ip = (bytes: Buffer): Buffer => element(0x87, bytes);

/** A certificate for these names, whose common name is `common.example`. */
function made(
  names: readonly Buffer[] | undefined,
  commonName: readonly [tag: number, text: string] = [0x0c, 'common.example'],
): Buffer {
  const subject = name(['2.5.4.3', ...commonName]);
  if (names === undefined) return certificate({ subject });
  return certificate({ version: 2, subject, extensions: [extension('2.5.29.17', sequence(...names))] });
}

const certificates = {
  names: made([dns('a.example'), dns('*.b.example'), dns('x*.c.example'), dns('*.example'), dns('*')]),
  addresses: made([ip(ADDRESS), ip(IPV6)]),
  both: made([dns('a.example'), dns('127.0.0.1'), ip(ADDRESS)]),
  none: made(undefined),
  empty: made([dns('')]),
  bits: made(undefined, [0x03, '\0bits']),
  wildcard: made(undefined, [0x0c, '*.d.example']),
};

const hosts = [
  ...[
    'a.example',
    'A.EXAMPLE',
    'b.example',
    'x.b.example',
    'x.y.b.example',
    '*.b.example',
    'xn--b.b.example',
    'x_y.b.example',
  ],
  ...[
    'x*.c.example',
    'xy.c.example',
    'z.example',
    'localhost',
    'common.example',
    'x.d.example',
    'a.example.',
    '\u212a.example',
  ],
  ...[
    '127.0.0.1',
    '127.0.0.01',
    '127.0.0.2',
    '127.1',
    '::1',
    '2001:db8::1',
    '2001:DB8:0::1',
    '::ffff:127.0.0.1',
    '1.2.3.256',
  ],
];

const cases = Object.entries(certificates).flatMap(([kind, der]) =>
  hosts.flatMap((host) => [true, false].map((checkCommonName) => ({ kind, der, host, checkCommonName }))),
);

const matches = (kind: keyof typeof certificates, host: string, checkCommonName?: boolean): boolean =>
  matchHostname(new X509Certificate(certificates[kind]), host, checkCommonName);

describe('matchHostname()', () => {
  it.each([
    ['names', 'A.example', true],
    ['names', 'x.b.example', true],
    ['names', 'x.y.b.example', false],
    ['names', 'xy.c.example', false],
    ['names', 'z.example', false],
    ['names', 'common.example', false],
    ['addresses', '127.0.0.1', true],
    ['addresses', '127.0.0.01', true],
    ['addresses', '2001:DB8:0::1', true],
    ['addresses', '127.0.0.2', false],
    ['addresses', 'common.example', true],
    ['both', '127.0.0.1', true],
    ['none', '127.0.0.1', false],
    ['none', 'common.example', true],
    ['bits', 'bits', false],
    ['wildcard', 'x.d.example', true],
  ] as const)('a certificate with %s, for %s: %p', (kind, host, isFor) => {
    expect(matches(kind, host)).toBe(isFor);
  });

  it('leaves the common name alone where that is wanted', () => {
    expect(matches('none', 'common.example', false)).toBe(false);
    expect(matches('names', 'a.example', false)).toBe(true);
  });

  it('passes on other errors', () => {
    expect(() => matches('names', 'a\0b')).toThrow('Invalid name');
  });
});

describe('addressOf()', () => {
  it.each([
    ['127.0.0.1', ADDRESS],
    ['2001:db8::1', IPV6],
    ['127.1', null],
    ['256.0.0.1', null],
    ['1.2.3.4.5', null],
    ['::1%lo', null],
    ['a.example', null],
    ['', null],
  ])('%p', (host, address) => {
    expect(addressOf(host)).toEqual(address);
  });
});

/** What Python has OpenSSL ask when a certificate comes in a handshake. */
const PYTHON = `
import base64, ctypes, json, re, sys, _ssl
paths = re.findall(r'\\S*libcrypto\\.so\\.3\\S*', open('/proc/self/maps').read())
NEVER_CHECK_SUBJECT, NO_PARTIAL_WILDCARDS = 0x20, 0x4

def outcome(crypto, case):
    der = base64.b64decode(case['der'])
    crypto.d2i_X509.restype = crypto.a2i_IPADDRESS.restype = ctypes.c_void_p
    place = ctypes.c_char_p(der)
    certificate = ctypes.c_void_p(crypto.d2i_X509(None, ctypes.byref(place), ctypes.c_long(len(der))))
    host = case['host'].encode()
    if crypto.a2i_IPADDRESS(host):
        return crypto.X509_check_ip_asc(certificate, host, 0) > 0
    flags = NO_PARTIAL_WILDCARDS | (0 if case['checkCommonName'] else NEVER_CHECK_SUBJECT)
    return crypto.X509_check_host(certificate, host, ctypes.c_size_t(len(host)), flags, None) > 0

found = [outcome(ctypes.CDLL(paths[0]), case) for case in json.load(sys.stdin)] if paths else []
json.dump(found, sys.stdout)
`;

const asked = cases.map(({ der, ...rest }) => ({ ...rest, der: der.toString('base64') }));
const theirs = (hasPython ? python(PYTHON, asked) : []) as boolean[];

(theirs.length > 0 ? it : it.skip)('matchHostname() decides as the OpenSSL that Python has', () => {
  const outcome = (index: number, isFor: boolean): unknown => [cases[index]?.kind, cases[index]?.host, isFor];
  const ours = cases.map(({ der, host, checkCommonName }) =>
    matchHostname(new X509Certificate(der), host, checkCommonName),
  );
  expect(ours.map((isFor, index) => outcome(index, isFor))).toEqual(
    theirs.map((isFor, index) => outcome(index, isFor)),
  );
});
