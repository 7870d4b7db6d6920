import { describe, expect, it } from '@jest/globals';
import { CMSG_LEN, CMSG_SPACE } from '../../lib/common/ancillary.ts';

// The figures are CPython's on a 64-bit Linux.
describe('CMSG_LEN and CMSG_SPACE', () => {
  it('count the header, and the second the padding too', () => {
    expect([0, 4, 8, 9].map(CMSG_LEN)).toEqual([16, 20, 24, 25]);
    expect([0, 4, 8, 9].map(CMSG_SPACE)).toEqual([16, 24, 24, 32]);
    expect(CMSG_LEN(2 ** 31 - 17)).toBe(2 ** 31 - 1);
  });

  it.each([-1, 2 ** 31 - 16, 2 ** 40])('refuse %d', (length) => {
    expect(() => CMSG_LEN(length)).toThrow(RangeError);
    expect(() => CMSG_SPACE(length)).toThrow(RangeError);
  });

  it.each([1.5, '4', null])('refuse %p, which is no integer', (length) => {
    // @ts-expect-error -- what a program without types may pass
    expect(() => CMSG_LEN(length)).toThrow(TypeError);
    // @ts-expect-error -- what a program without types may pass
    expect(() => CMSG_SPACE(length)).toThrow(TypeError);
  });
});
