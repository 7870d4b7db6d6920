import { describe, expect, it } from '@jest/globals';
import { Clock } from '../../bench/tasks.ts';

/** How many operations a client does. */
function operations(clock: Clock): number {
  let count = 0;
  while (!clock.isOver()) count += 1;
  return count;
}

describe('Clock', () => {
  it('goes on until the time is over, at which it looks once in so many operations', () => {
    expect(operations(new Clock({ seconds: 0 }))).toBe(15);
    expect(operations(new Clock({ seconds: 0 }, 1))).toBe(0);
  });

  it('goes on for a number of operations', () => {
    expect(operations(new Clock({ seconds: 1000, times: 100 }))).toBe(99);
    expect(operations(new Clock({ seconds: 0, times: 100 }))).toBe(15);
  });

  it('measures', () => {
    const { count, seconds } = new Clock({ seconds: 0 }).measured(3);
    expect(count).toBe(3);
    expect(seconds).toBeGreaterThanOrEqual(0);
  });
});
