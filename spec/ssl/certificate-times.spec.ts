import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { certTimeToSeconds } from '../../lib/ssl/certificate-times.ts';
import { hasPython, python } from '../support/python.ts';

const taken = [
  'Jan  5 09:34:43 2018 GMT',
  'Jan 05 09:34:43 2018 GMT',
  'jan 5 9:4:3 2018 gmt',
  'JAN  5 09:34:43 2018 GMT',
  'Feb 30 00:00:00 2019 GMT',
  'Dec 31 23:59:60 2016 GMT',
  'Dec 31 23:59:61 2016 GMT',
  'May  9 00:00:00 0001 GMT',
  'May  9 00:00:00 0099 GMT',
  'May  9 00:00:00 9999 GMT',
  'May \t 9\n00:00:00\t2007  GMT',
];

const refused = [
  '',
  'Jan  5 09:34:43 2018',
  'Jan  5 09:34 2018 GMT',
  'Jan  5 09:34:43 2018 UTC',
  ' Jan  5 09:34:43 2018 GMT',
  'Jan  5 09:34:43 2018 GMT ',
  'Jan 5 09:34:43.5 2018 GMT',
  'Jan  0 09:34:43 2018 GMT',
  'Jan 32 09:34:43 2018 GMT',
  'Jan  5 24:00:00 2018 GMT',
  'Jan  5 09:60:00 2018 GMT',
  'Jan  5 09:34:62 2018 GMT',
  'Jan  5 09:34:43 0000 GMT',
  'Jan  5 09:34:43 18 GMT',
  'Foo  5 09:34:43 2018 GMT',
  'January  5 09:34:43 2018 GMT',
  'Jan5 09:34:43 2018 GMT',
];

describe('certTimeToSeconds()', () => {
  it('gives the seconds since 1970', () => {
    expect(certTimeToSeconds('Jan  1 00:00:00 1970 GMT')).toBe(0);
    expect(certTimeToSeconds('Jan  5 09:34:43 2018 GMT')).toBe(1515144883);
    expect(certTimeToSeconds('Feb 30 00:00:00 2019 GMT')).toBe(certTimeToSeconds('Mar  2 00:00:00 2019 GMT'));
  });

  it.each(refused)('does not take %p', (text) => {
    expect(() => certTimeToSeconds(text)).toThrow(RangeError);
    expect(() => certTimeToSeconds(text)).toThrow('time data does not match format "%b %d %H:%M:%S %Y GMT"');
  });

  it('takes text alone', () => {
    expect((): unknown => Reflect.apply(certTimeToSeconds, undefined, [5])).toThrow(TypeError);
  });
});

const PYTHON = `
import json, ssl, sys

def outcome(text):
    try:
        return ssl.cert_time_to_seconds(text)
    except ValueError:
        return 'RangeError'

json.dump([outcome(text) for text in json.load(sys.stdin)], sys.stdout)
`;

function ours(text: string): unknown {
  try {
    return certTimeToSeconds(text);
  } catch (error) {
    return (error as Error).name;
  }
}

(hasPython ? it : it.skip)('certTimeToSeconds() reads times as Python does', () => {
  const month = fc.constantFrom('Jan', 'feb', 'MAR', 'dEC', 'Foo');
  const space = fc.constantFrom(' ', ' ', '  ', '\t', '');
  const number = fc.oneof(
    fc.nat(62).map(String),
    fc.nat(32).map((day) => String(day).padStart(2, '0')),
  );
  const year = fc.oneof(
    fc.nat(10_000).map((one) => String(one).padStart(4, '0')),
    fc.constantFrom('0', '99', '20188'),
  );
  const zone = fc.constantFrom('GMT', 'GMT', 'gmt', 'UTC', '');
  const text = fc
    .tuple(month, space, number, space, number, number, number, space, year, space, zone)
    .map(([a, b, c, d, e, f, g, h, i, j, k]) => `${a}${b}${c}${d}${e}:${f}:${g}${h}${i}${j}${k}`);
  fc.assert(
    fc.property(fc.array(text, { minLength: 2000, maxLength: 2000 }), (random) => {
      const texts = [...taken, ...refused, ...random];
      const expected = python(PYTHON, texts) as unknown[];
      expect(texts.map((one) => [one, ours(one)])).toEqual(texts.map((one, index) => [one, expected[index]]));
      expect(expected.filter((outcome) => typeof outcome === 'number').length).toBeGreaterThan(50);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});
