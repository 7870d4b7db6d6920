import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryBIO, SSLError } from '../../lib/ssl/index.ts';
import { thrown } from '../support/thrown.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A buffer with bytes in it. */
function filled(text: string): MemoryBIO {
  const bio = new MemoryBIO();
  bio.write(bytes(text));
  return bio;
}

/** Calls a method with a value that its type does not allow. */
function call(bio: MemoryBIO, method: 'read' | 'write', value: unknown): unknown {
  const found: unknown = Reflect.get(bio, method);
  if (typeof found !== 'function') throw new TypeError(`${method} is no method`);
  return Reflect.apply(found, bio, [value]) as unknown;
}

describe('MemoryBIO', () => {
  it('is empty at first, and not at its end', () => {
    const bio = new MemoryBIO();
    expect([bio.pending, bio.eof, bio.read(), bio.read(-1), bio.read(5)]).toEqual([
      0,
      false,
      bytes(''),
      bytes(''),
      bytes(''),
    ]);
  });

  it('gives the bytes in order, as many as are asked for, and all for a negative size', () => {
    const bio = filled('abc');
    expect(bio.write(new Uint8Array([100]))).toBe(1);
    expect(bio.write(new Uint16Array([1, 2]))).toBe(4);
    expect(bio.write(bytes('ef').buffer.slice(0, 0))).toBe(0);
    expect(bio.pending).toBe(8);
    expect(bio.read(0)).toEqual(bytes(''));
    expect(bio.read(2)).toEqual(bytes('ab'));
    expect(bio.read(-7)).toEqual(bytes('cd\x01\0\x02\0'));
    expect(bio.pending).toBe(0);
  });

  it('is at its end once all is read after writeEof()', () => {
    const bio = filled('ab');
    bio.writeEof();
    bio.writeEof();
    expect(bio.eof).toBe(false);
    expect(bio.read(1)).toEqual(bytes('a'));
    expect(bio.eof).toBe(false);
    expect(bio.read()).toEqual(bytes('b'));
    expect(bio.eof).toBe(true);
    expect(bio.read()).toEqual(bytes(''));
  });

  it('takes nothing after writeEof(), not even no bytes', () => {
    const bio = new MemoryBIO();
    bio.writeEof();
    for (const text of ['x', '']) {
      const error = thrown(() => bio.write(bytes(text)));
      expect(error).toBeInstanceOf(SSLError);
      expect(error).toMatchObject({ errno: null, library: null, message: 'cannot write() after write_eof()' });
    }
  });

  it.each(['text', null, undefined, 5, [1]])('takes no %p', (value) => {
    const bio = new MemoryBIO();
    expect(() => call(bio, 'write', value)).toThrow(TypeError);
    bio.writeEof();
    expect(() => call(bio, 'write', value)).toThrow(TypeError);
  });

  it.each([1.5, null, 'x', NaN])('reads no %p bytes', (size) => {
    const bio = filled('abc');
    expect(() => call(bio, 'read', size)).toThrow(TypeError);
    expect(bio.pending).toBe(3);
  });

  it('takes a boolean for a number, and refuses one above 2 ** 31', () => {
    const bio = filled('abc');
    expect(call(bio, 'read', true)).toEqual(bytes('a'));
    expect(() => bio.read(2 ** 31)).toThrow(RangeError);
    expect(bio.read(2 ** 31 - 1)).toEqual(bytes('bc'));
  });

  it('keeps the bytes as they were when they were written, and gives memory of its own', () => {
    const bio = new MemoryBIO();
    const mine = bytes('abcdef');
    bio.write(mine);
    mine.fill(0);
    const first = bio.read(3);
    first.fill(0);
    expect(bio.read()).toEqual(bytes('def'));
  });

  it('is a queue of bytes', () => {
    const step = fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.integer({ min: -1, max: 3000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const bio = new MemoryBIO();
        let model = Buffer.alloc(0);
        for (const one of steps) {
          if (typeof one === 'number') {
            const expected = one < 0 ? model : model.subarray(0, one);
            expect(bio.read(one)).toEqual(Buffer.from(expected));
            model = model.subarray(expected.length);
          } else {
            expect(bio.write(one)).toBe(one.length);
            model = Buffer.concat([model, one]);
          }
          expect(bio.pending).toBe(model.length);
        }
      }),
    );
  });
});
