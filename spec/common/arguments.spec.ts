import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytesOf, int, integer, received, size } from '../../lib/common/arguments.ts';

const noIntegers = [1.5, NaN, Infinity, -Infinity, '1', '', null, undefined, 1n, {}, [], [1], new Date(0), Symbol('1')];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('received', () => {
  it('shows any value on one line and not too long', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withBigInt: true, withTypedArray: true }), (value) => {
        const text = received(value);
        expect(text).toMatch(/^\(received .*\)$/);
        expect(text.length).toBeLessThan(160);
      }),
    );
  });

  it.each([
    ['text', "(received 'text')"],
    ['two\nlines', String.raw`(received 'two\nlines')`],
    [-0, '(received -0)'],
    [1n, '(received 1n)'],
    [undefined, '(received undefined)'],
    [{ a: { b: 1 } }, '(received { a: [Object] })'],
    [['127.0.0.1', 80], "(received [ '127.0.0.1', 80 ])"],
    [Buffer.from('ab'), '(received <Buffer 61 62>)'],
  ])('shows %p', (value, text) => {
    expect(received(value)).toBe(text);
  });

  it.each([
    ['an object that throws when it is shown', Object.create(AbortSignal.prototype), 'an object'],
    [
      'one that throws from its own function',
      {
        [inspect.custom]: () => {
          throw new Error('no');
        },
      },
      'an object',
    ],
    ['a revoked proxy', revoked(), '<Revoked Proxy>'],
  ])('survives %s', (_what, value, text) => {
    expect(received(value)).toBe(`(received ${text})`);
  });

  it.each([
    ['a long text', 'x'.repeat(1e6)],
    ['a long array', Array.from({ length: 1000 }, (_, index) => index)],
    ['long bytes', new Uint8Array(1e6)],
    ['an error', new Error('several\nlines')],
    ['many fields', Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field${index}`, index]))],
  ])('shortens %s', (_what, value) => {
    expect(received(value)).toMatch(/^\(received .{1,130}\)$/);
  });
});

describe('integer', () => {
  it.each([0, 1, -1, 2 ** 40, -(2 ** 40)])('takes %p', (value) => {
    expect(integer(value, 'port')).toBe(value);
  });

  it('takes booleans for 0 and 1', () => {
    expect([integer(true, 'port'), integer(false, 'port')]).toEqual([1, 0]);
  });

  it.each(noIntegers)('refuses %p', (value) => {
    expect(() => integer(value, 'port')).toThrow(new TypeError(`port must be an integer ${received(value)}`));
  });
});

describe('int', () => {
  it.each([0, -1, 2 ** 31 - 1, -(2 ** 31)])('takes %p', (value) => {
    expect(int(value, 'flags')).toBe(value);
  });

  it.each([
    [2 ** 31, 'signed integer is greater than maximum: flags (received 2147483648)'],
    [-(2 ** 31) - 1, 'signed integer is less than minimum: flags (received -2147483649)'],
    [1e300, 'signed integer is greater than maximum: flags (received 1e+300)'],
  ])('refuses %p, which no C int holds', (value, message) => {
    expect(() => int(value, 'flags')).toThrow(new RangeError(message));
  });

  it.each(noIntegers)('refuses %p, which is no integer', (value) => {
    expect(() => int(value, 'flags')).toThrow(TypeError);
  });
});

describe('size', () => {
  it.each([0, 1, 2 ** 40])('takes %p', (value) => {
    expect(size(value, 'bufsize', 'negative buffersize in recv')).toBe(value);
  });

  it('refuses what is negative, with the text of the call', () => {
    expect(() => size(-1, 'bufsize', 'negative buffersize in recv')).toThrow(
      new RangeError('negative buffersize in recv (received -1)'),
    );
  });

  it.each([2 ** 63, 2 ** 70, -(2 ** 70)])('refuses %p, which is no ssize_t', (value) => {
    expect(() => size(value, 'bufsize', 'negative')).toThrow(/^int too large to convert to C ssize_t: bufsize/);
    expect(() => size(value, 'bufsize', 'negative')).toThrow(RangeError);
  });

  it.each(noIntegers)('refuses %p', (value) => {
    expect(() => size(value, 'bufsize', 'negative')).toThrow(TypeError);
  });
});

describe('bytesOf', () => {
  const memory = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);

  it.each([
    ['a Buffer', Buffer.from([1, 2]), [1, 2]],
    ['a Uint8Array', memory, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['part of an array', memory.subarray(2, 4), [3, 4]],
    ['an array of larger numbers', new Uint16Array(memory.buffer, 2, 2), [3, 4, 5, 6]],
    ['a DataView', new DataView(memory.buffer, 1, 3), [2, 3, 4]],
    ['an ArrayBuffer', memory.buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    ['a SharedArrayBuffer', new SharedArrayBuffer(2), [0, 0]],
    ['nothing', new Uint8Array(0), []],
    ['a string', 'é€', [0xc3, 0xa9, 0xe2, 0x82, 0xac]],
    ['half a surrogate pair', '\ud800', [0xef, 0xbf, 0xbd]],
  ])('gives the bytes of %s', (_what, data, bytes) => {
    expect([...bytesOf(data)]).toEqual(bytes);
  });

  it.each([Buffer.alloc(4), new Uint8Array(4), new Uint8Array(8).subarray(2, 6), new Uint8Array(4).buffer])(
    'copies nothing',
    (data) => {
      const bytes = bytesOf(data);
      bytes[1] = 7;
      expect([...bytesOf(data)]).toEqual([0, 7, 0, 0]);
    },
  );

  it.each([1, null, undefined, true, {}, [1, 2], Symbol('bytes')])('refuses %p', (data) => {
    expect(() => bytesOf(data)).toThrow(new TypeError(`a bytes-like object or a string is required ${received(data)}`));
  });

  it('refuses bytes whose memory another thread has now', () => {
    const memory = new ArrayBuffer(8);
    const view = new DataView(memory);
    structuredClone(memory, { transfer: [memory] });
    for (const data of [view, memory])
      expect(() => bytesOf(data)).toThrow(/^the memory of a bytes-like object is detached/);
  });
});
