import { describe, expect, it } from '@jest/globals';
import { fromNode } from '../../lib/ssl/context-errors.ts';

describe('the error for one that Node has thrown', () => {
  it("has OpenSSL's number, Python's name, and Node's error as its cause", () => {
    const cause = new Error('error:0A00018A:SSL routines::dh key too small');
    expect(fromNode(cause)).toMatchObject({
      name: 'SSLError',
      errno: 394,
      message: '[SSL: DH_KEY_TOO_SMALL] dh key too small',
      cause,
    });
  });

  it('is the same one where OpenSSL has no part in it', () => {
    for (const other of [new TypeError('no path'), 'text', null]) expect(fromNode(other)).toBe(other);
  });
});
