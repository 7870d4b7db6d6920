import { expect, test } from '@jest/globals';
import { isAscii, toAscii } from '../../lib/names/idna.ts';

test('isAscii', () => {
  expect(isAscii('a.b')).toBe(true);
  expect(isAscii('é')).toBe(false);
});

// The results of Python's codec.
test.each([
  ['', ''],
  ['example.org.', 'example.org.'],
  ['Example.ORG', 'Example.ORG'],
  ['under_score', 'under_score'],
  ['é.x', 'xn--9ca.x'],
  ['é.', 'xn--9ca.'],
  ['ß.de', 'ss.de'],
  ['ﬁ.com', 'fi.com'],
  ['a。b', 'a.b'],
  ['１２７.1', '127.1'],
  ['①', '1'],
  ['ⅷ', 'viii'],
  ['A\u0301.x', 'xn--1ca.x'],
  ['Σας', 'xn--mxa9ab'],
  ['a\u200db', 'ab'],
])('%j is %s', (name, ascii) => {
  expect(toAscii(name)).toBe(ascii);
});

test.each([
  ['a..b', 'label empty or too long'],
  ['.', 'label empty or too long'],
  ['a'.repeat(64), 'label too long'],
  [`${'a'.repeat(64)}.b`, 'label empty or too long'],
  ['é..b', 'label empty or too long'],
  ['。', 'label empty or too long'],
  ['é'.repeat(64), 'label empty or too long'],
  ['\u200d.x', 'label empty or too long'],
  ['\ufffd', 'Invalid character'],
])('%j is no name', (name, why) => {
  expect(() => toAscii(name)).toThrow(RangeError);
  expect(() => toAscii(name)).toThrow(`the host cannot be encoded as a host name (IDNA): ${why}`);
});
