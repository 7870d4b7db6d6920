import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as constants from '../../lib/ssl/constants.ts';
import * as version from '../../lib/ssl/version.ts';
import { hasPython, python } from '../support/python.ts';

const enums = {
  VerifyMode: constants.VerifyMode,
  TLSVersion: constants.TLSVersion,
  Options: constants.Options,
  VerifyFlags: constants.VerifyFlags,
  AlertDescription: constants.AlertDescription,
  SSLErrorNumber: constants.SSLErrorNumber,
};

const ours = new Map<string, unknown>(Object.entries(constants));

describe('the constants of ssl', () => {
  it.each(Object.entries(enums))('%s has the constants of its kind, and does not change', (name, members) => {
    expect(Object.isFrozen(members)).toBe(true);
    const others = Object.entries(members).filter(([member]) => name !== 'TLSVersion' && !ours.has(member));
    expect(others).toEqual([]);
    for (const [member, value] of Object.entries(members))
      expect([member, ours.get(member) ?? value]).toEqual([member, value]);
  });

  it('Purpose has two purposes', () => {
    expect(Object.keys(constants.Purpose)).toEqual(['SERVER_AUTH', 'CLIENT_AUTH']);
    expect(Object.isFrozen(constants.Purpose.CLIENT_AUTH)).toBe(true);
  });
});

describe('OPENSSL_VERSION', () => {
  it('is that of Node', () => {
    const { openssl } = process.versions;
    expect(version.OPENSSL_VERSION).toBe(`OpenSSL ${openssl}`);
    const [major, minor, , patch] = version.OPENSSL_VERSION_INFO;
    expect(openssl.startsWith(`${major}.${minor}.${patch}`)).toBe(true);
  });

  it.each([
    ['3.0.19', [3, 0, 0, 19, 0], 0x3000_0130],
    ['3.5.8+quic', [3, 5, 0, 8, 0], 0x3050_0080],
    ['0.0.0', [0, 0, 0, 0, 0], 0],
    ['15.0.0', [15, 0, 0, 0, 0], 0xf000_0000],
  ])('%s is %j', (text, info, number) => {
    expect(version.versionInfo(text)).toEqual(info);
    expect(version.versionNumber(version.versionInfo(text))).toBe(number);
  });

  it('has no other form', () => {
    expect(() => version.versionInfo('x')).toThrow(new RangeError("no version of OpenSSL (received 'x')"));
  });

  it('has its three parts in the number', () => {
    const part = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(part(15), part(255), part(255), (major, minor, patch) => {
        const number = version.versionNumber(version.versionInfo(`${major}.${minor}.${patch}`));
        expect([number >>> 28, (number >>> 20) & 0xff, (number >>> 4) & 0xff]).toEqual([major, minor, patch]);
      }),
    );
  });
});

const PYTHON = `
import json, ssl, sys

def plain(value):
    return value if isinstance(value, (bool, int, str, list)) else None

enums = json.load(sys.stdin)
names = [name for name in dir(ssl) if name.isupper() or name.startswith(('HAS_', 'OP_', 'PROTOCOL_'))]
json.dump({
    'version': [ssl.OPENSSL_VERSION.split()[1], ssl.OPENSSL_VERSION_INFO, ssl.OPENSSL_VERSION_NUMBER],
    'constants': {name: plain(getattr(ssl, name)) for name in names if not name.startswith(('_', 'OPENSSL_'))},
    'enums': {name: {key: int(value) for key, value in getattr(ssl, name).__members__.items()} for name in enums},
    'purposes': {one.name: dict(zip(('nid', 'shortname', 'longname', 'oid'), one.value)) for one in ssl.Purpose},
}, sys.stdout)
`;

interface Theirs {
  readonly version: [string, number[], number];
  readonly constants: Readonly<Record<string, unknown>>;
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly purposes: unknown;
}

(hasPython ? describe : describe.skip)('the constants of ssl, beside the real Python', () => {
  const theirs = (hasPython ? python(PYTHON, Object.keys(enums)) : { version: ['', [], 0] }) as Theirs;
  // Other versions of OpenSSL have other values.
  const isSameKind = theirs.version[1][0] === 3;

  (isSameKind ? it : it.skip)('have its values', () => {
    // Node has no pre-shared keys that a program could use as Python's callbacks do.
    const shared = { ...theirs.constants, HAS_PSK: false };
    expect(Object.keys(shared).length).toBeGreaterThan(80);
    expect(Object.fromEntries(Object.keys(shared).map((name) => [name, ours.get(name)]))).toEqual(shared);
  });

  (isSameKind ? it : it.skip)('have its enums', () => {
    for (const [name, members] of Object.entries(enums)) expect(members).toMatchObject(theirs.enums[name] ?? {});
    expect(constants.Purpose).toEqual(theirs.purposes);
  });

  (isSameKind ? it : it.skip)('say the version as it does', () => {
    const [text, info, number] = theirs.version;
    expect(version.versionInfo(text)).toEqual(info);
    expect(version.versionNumber(version.versionInfo(text))).toBe(number);
  });
});
