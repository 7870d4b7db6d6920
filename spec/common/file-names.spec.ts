import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fsdecode, fsencode, hasSurrogates } from '../../lib/common/file-names.ts';
import { hasPython, python } from '../support/python.ts';

const NAMES: readonly (readonly number[])[] = [
  [],
  [0x61],
  [0xff],
  [0xc3, 0xa9],
  [0xc3],
  [0xa9, 0xc3],
  [0xe2, 0x82, 0xac, 0xff, 0xe2, 0x82],
  [0xf0, 0x9f, 0x98, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0xf5, 0x80, 0x80, 0x80],
  [0, 0x61, 0xfe, 0],
];

describe('names of the system', () => {
  it('survive the round trip, whatever their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fsencode(fsdecode(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
    for (const name of NAMES) expect([...(fsencode(fsdecode(Uint8Array.from(name))) ?? [])]).toEqual(name);
  });

  it('are text where they are text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fsencode(text)).toEqual(Buffer.from(text));
        expect(fsdecode(Buffer.from(text))).toBe(text);
      }),
    );
  });

  it('are decoded from a part of a larger buffer', () => {
    const memory = Uint8Array.of(1, 0x61, 0xff, 2);
    expect(fsdecode(memory.subarray(1, 3))).toBe('a\udcff');
  });

  it.each(['\ud800', '\udc7f', '\udd00', 'a\udbff', '\udc80\ud800', '\udfff'])('cannot contain %j', (text) => {
    expect(fsencode(text)).toBeUndefined();
    expect(hasSurrogates(text)).toBe(true);
  });

  it.each(['', 'a', '\u{1f600}', 'é'])('find no lone surrogate in %j', (text) => {
    expect(hasSurrogates(text)).toBe(false);
  });
});

(hasPython ? it : it.skip)('names are what os.fsdecode() makes of them', () => {
  const source = `
import json, os, sys
print(json.dumps([os.fsdecode(bytes(name)) for name in json.load(sys.stdin)]))`;
  expect(NAMES.map((name) => fsdecode(Uint8Array.from(name)))).toEqual(python(source, NAMES));
});
