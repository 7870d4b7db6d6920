import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PEM_FOOTER, PEM_HEADER } from '../../lib/ssl/constants.ts';
import { DERCertToPEMCert, PEMCertToDERCert } from '../../lib/ssl/pem.ts';
import { hasPython, python } from '../support/python.ts';

const wrapped = (text: string): string => `${PEM_HEADER}${text}${PEM_FOOTER}`;

describe('DERCertToPEMCert()', () => {
  it('writes lines of 64 characters', () => {
    const lines = DERCertToPEMCert(Buffer.alloc(49)).split('\n');
    expect(lines).toEqual([PEM_HEADER, 'A'.repeat(64), 'AA==', PEM_FOOTER, '']);
    expect(DERCertToPEMCert(new Uint8Array())).toBe(`${PEM_HEADER}\n${PEM_FOOTER}\n`);
    expect(DERCertToPEMCert(Uint8Array.of(1).buffer)).toBe(`${PEM_HEADER}\nAQ==\n${PEM_FOOTER}\n`);
  });

  it('takes bytes alone', () => {
    expect((): unknown => Reflect.apply(DERCertToPEMCert, undefined, ['text'])).toThrow(TypeError);
    expect((): unknown => Reflect.apply(DERCertToPEMCert, undefined, [5])).toThrow(TypeError);
  });

  it('is undone by PEMCertToDERCert()', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(PEMCertToDERCert(DERCertToPEMCert(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('PEMCertToDERCert()', () => {
  it.each([
    ['AQID', [1, 2, 3]],
    ['\nA Q\r\nI-D\n', [1, 2, 3]],
    ['AQI=', [1, 2]],
    ['AQ==AQID', [1]],
    ['=AQID', [1, 2, 3]],
    ['A=QI=D', [1, 2]],
    ['', []],
  ])('passes over what is no base64: %p', (text, bytes) => {
    expect([...PEMCertToDERCert(wrapped(text))]).toEqual(bytes);
  });

  it.each([
    [`${PEM_HEADER}AQID`, `must end with ${PEM_FOOTER}`],
    [`\n${wrapped('AQID')}`, `must start with ${PEM_HEADER}`],
    ['', `must start with ${PEM_HEADER}`],
    [wrapped('A'), 'Incorrect padding'],
    [wrapped('AQ='), 'Incorrect padding'],
    [wrapped('ä'), 'must be ASCII'],
  ])('does not take %p', (text, message) => {
    expect(() => PEMCertToDERCert(text)).toThrow(RangeError);
    expect(() => PEMCertToDERCert(text)).toThrow(message);
  });

  it('takes text alone', () => {
    expect((): unknown => Reflect.apply(PEMCertToDERCert, undefined, [Buffer.from('')])).toThrow(TypeError);
  });
});

const PYTHON = `
import json, ssl, sys

def outcome(text):
    try:
        return list(ssl.PEM_cert_to_DER_cert(text))
    except ValueError:
        return 'RangeError'

pem, der = json.load(sys.stdin)
json.dump([[outcome(text) for text in pem], [ssl.DER_cert_to_PEM_cert(bytes(one)) for one in der]], sys.stdout)
`;

function ours(text: string): unknown {
  try {
    return [...PEMCertToDERCert(text)];
  } catch (error) {
    return (error as Error).name;
  }
}

(hasPython ? it : it.skip)('PEM is read and written as in Python', () => {
  const base64 = fc.string({
    unit: fc.constantFrom('A', 'B', 'z', '0', '9', '+', '/', '=', '=', '=', '\n', ' ', '-', 'ä'),
    maxLength: 14,
  });
  const ends = fc.constantFrom('', '', '\n', ' \t\n', 'x');
  const texts = fc.tuple(base64, ends).map(([text, end]) => `${wrapped(text)}${end}`);
  const bytes = fc.uint8Array({ maxLength: 200 }).map((one) => [...one]);
  fc.assert(
    fc.property(fc.array(texts, { minLength: 500, maxLength: 500 }), fc.array(bytes, { minLength: 50 }), (pem, der) => {
      const expected = python(PYTHON, [pem, der]);
      expect([pem.map((text) => [text, ours(text)]), der.map((one) => DERCertToPEMCert(Buffer.from(one)))]).toEqual([
        pem.map((text, index) => [text, (expected as unknown[][])[0]?.[index]]),
        (expected as unknown[][])[1],
      ]);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
