import { describe, expect, it } from '@jest/globals';
import { median, quantile, ratios, spread } from '../../bench/statistics.ts';

describe('median()', () => {
  it('is the value in the middle, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two in the middle', () => {
    expect(median([4, 1, 2, 8])).toBe(3);
  });

  it('leaves its argument as it is', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('quantile()', () => {
  it('goes from the least value to the largest, in proportion between two', () => {
    const values = [10, 20, 30, 40, 50];
    expect([0, 0.25, 0.3, 1].map((part) => quantile(values, part))).toEqual([10, 20, 22, 50]);
  });

  it('gives the only value of a list', () => {
    expect(quantile([7], 0.25)).toBe(7);
  });
});

describe('spread()', () => {
  it('is the median with the quartiles around it', () => {
    expect(spread([1, 2, 3, 4, 100])).toEqual({ median: 3, quartiles: [2, 4] });
  });
});

describe('ratios()', () => {
  it('divides round by round', () => {
    expect(ratios([2, 9, 4], [1, 3, 8])).toEqual([2, 3, 0.5]);
  });

  it('refuses different numbers of rounds', () => {
    expect(() => ratios([1, 2], [1])).toThrow('2 rounds against 1');
  });
});
