import { afterEach, describe, expect, it } from '@jest/globals';
import { checkTimeout, getdefaulttimeout, setdefaulttimeout } from '../lib/timeouts.ts';
import { hasPython, python } from './support/python.ts';

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
    [NaN, 'Invalid value NaN (not a number) (received NaN)'],
    [Infinity, 'timestamp out of range for platform time_t (received Infinity)'],
    [-Infinity, 'timestamp out of range for platform time_t (received -Infinity)'],
    [1e300, 'timestamp out of range for platform time_t (received 1e+300)'],
    [2 ** 63 / 1e9, 'timestamp out of range for platform time_t (received 9223372036.854776)'],
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
  /** Python's literals, so that each is what it says, and the same in JavaScript. */
  const cases: [literal: string, value: unknown][] = [
    ['-1', -1],
    ['-1e-10', -1e-10],
    ['0', 0],
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
    except (ValueError, OverflowError) as error:
        return ['RangeError', str(error)]
print(json.dumps([outcome(literal) for literal in json.load(sys.stdin)]))`;

  const outcome = (value: unknown): unknown => {
    try {
      return checkTimeout(value);
    } catch (error) {
      if (error instanceof TypeError) return ['TypeError'];
      return ['RangeError', String(error).replace(/^RangeError: (.*) \(received .*\)$/, '$1')];
    }
  };

  it('is taken or refused alike, for the same reason', () => {
    const expected = python(
      source,
      cases.map(([literal]) => literal),
    ) as unknown[];
    expect(cases.map(([literal, value]) => [literal, outcome(value)])).toEqual(
      cases.map(([literal], index) => [literal, expected[index]]),
    );
  });
});
