import { describe, expect, it } from '@jest/globals';
import { RAND_add, RAND_bytes, RAND_status } from '../../lib/ssl/random.ts';

describe('RAND_bytes()', () => {
  it('gives so many bytes, and others each time', () => {
    expect(RAND_bytes(0)).toEqual(Buffer.alloc(0));
    expect(RAND_bytes(32)).toHaveLength(32);
    expect(RAND_bytes(32)).not.toEqual(RAND_bytes(32));
  });

  it('does not take what is no size', () => {
    expect(() => RAND_bytes(-1)).toThrow(new RangeError('num must be positive (received -1)'));
    expect(() => RAND_bytes(2 ** 31)).toThrow(RangeError);
    expect(() => RAND_bytes(1.5)).toThrow(TypeError);
    expect((): unknown => Reflect.apply(RAND_bytes, undefined, ['5'])).toThrow(TypeError);
  });
});

it('RAND_status() says that the generator is seeded', () => {
  expect(RAND_status()).toBe(true);
});

it('RAND_add() takes bytes or text, and a number', () => {
  RAND_add('text', 0.5);
  RAND_add(Buffer.from('bytes'), 5);
  expect((): unknown => Reflect.apply(RAND_add, undefined, [5, 5])).toThrow(TypeError);
  expect((): unknown => Reflect.apply(RAND_add, undefined, ['text', '5'])).toThrow(TypeError);
});
