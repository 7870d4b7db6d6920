import { afterEach, describe, expect, it } from '@jest/globals';
import { checkTimeout, getdefaulttimeout, setdefaulttimeout } from '../../lib/common/timeouts.ts';
import { hasPython, python } from '../support/python.ts';

describe('a time limit', () => {
  it.each([null, 0, 0.5, 1, 1e9, 2 ** 33])('may be %p', (timeout) => {
    expect(checkTimeout(timeout)).toBe(timeout);
  });

  it('may be a boolean, which is a number in Python', () => {
    expect([checkTimeout(true), checkTimeout(false)]).toEqual([1, 0]);
  });

  it.each([
    [-1, 'Timeout value out of range (received -1)'],
    [-1e-300, 'Timeout value out of range (received -1e-300)'],
    [NaN, 'timeout must not be NaN (received NaN)'],
    [Infinity, 'timeout is too large (received Infinity)'],
    [-Infinity, 'timeout is too large (received -Infinity)'],
    [1e300, 'timeout is too large (received 1e+300)'],
    [2 ** 63 / 1e9, 'timeout is too large (received 9223372036.854776)'],
  ])('of %p is a RangeError that says why', (timeout, message) => {
    expect(() => checkTimeout(timeout)).toThrow(new RangeError(message));
  });

  it.each(['1', undefined, {}, [1], 1n, new Date(0)])('of %p is a TypeError', (timeout) => {
    expect(() => checkTimeout(timeout)).toThrow(TypeError);
    expect(() => checkTimeout(timeout)).toThrow('timeout must be a number or null (received ');
  });
});

describe('the default time limit', () => {
  afterEach(() => setdefaulttimeout(null));

  it('is none at first', () => {
    expect(getdefaulttimeout()).toBeNull();
  });

  it('is what was set', () => {
    setdefaulttimeout(2.5);
    expect(getdefaulttimeout()).toBe(2.5);
    setdefaulttimeout(null);
    expect(getdefaulttimeout()).toBeNull();
  });

  it('stays as it was when what is set is refused', () => {
    setdefaulttimeout(2.5);
    expect(() => setdefaulttimeout(-1)).toThrow(RangeError);
    expect(getdefaulttimeout()).toBe(2.5);
  });
});

(hasPython ? describe : describe.skip)('a time limit against Python', () => {
  /** Python's literals, and the same numbers in JavaScript. */
  const cases: [literal: string, value: unknown][] = [
    ['-1', -1],
    ['-1e-10', -1e-10],
    ['0', 0],
    ['-0.0', -0],
    ['1e-300', 1e-300],
    ['1.4e-9', 1.4e-9],
    ['0.1234567891234', 0.1234567891234],
    ['1.99978', 1.99978],
    ['1 / 3', 1 / 3],
    ['9e9', 9e9],
    ['9223372036.854774', 9223372036.854774],
    ['0.1', 0.1],
    ['1e9', 1e9],
    ['float("nan")', NaN],
    ['float("inf")', Infinity],
    ['float("-inf")', -Infinity],
    ['1e300', 1e300],
    ['-1e300', -1e300],
    ['"1"', '1'],
    ['[1]', [1]],
    ['True', true],
    ['False', false],
    ['None', null],
    ['9223372036.0', 9223372036],
    ['9223372036.75', 9223372036.75],
    ['2**63 / 1e9', 2 ** 63 / 1e9],
  ];
  const source = `
import json, socket, sys
def outcome(literal):
    s = socket.socket()
    try:
        s.settimeout(eval(literal))
        return s.gettimeout()
    except TypeError:
        return ['TypeError']
    except (ValueError, OverflowError):
        return ['RangeError']
print(json.dumps([outcome(literal) for literal in json.load(sys.stdin)]))`;

  const outcome = (value: unknown): unknown => {
    try {
      return checkTimeout(value);
    } catch (error) {
      return [String(error).split(':', 1)[0]];
    }
  };

  it('is taken or refused alike, and rounded to nanoseconds', () => {
    const expected = python(
      source,
      cases.map(([literal]) => literal),
    ) as unknown[];
    expect(cases.map(([literal, value]) => [literal, outcome(value)])).toEqual(
      cases.map(([literal], index) => [literal, expected[index]]),
    );
  });
});
