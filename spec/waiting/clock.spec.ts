import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { atDeadline, LONGEST_TIMER } from '../../lib/waiting/clock.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Limits in milliseconds. */
const LIMITS = [1e-6, 0.5, 1, 1999.78, 86_400_000, LONGEST_TIMER, LONGEST_TIMER + 1, 2 ** 32, 2 ** 32 + 0.5];

describe('atDeadline', () => {
  it.each(LIMITS)('calls back after %d ms, and not before', (limit) => {
    const callback = jest.fn();
    atDeadline(performance.now() + limit, callback);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(Math.max(0, Math.ceil(limit) - 1));
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2);
    expect(callback).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(10);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each([1e11, 1e12, Infinity])('does not call back within 50 days for %d ms', (limit) => {
    const callback = jest.fn();
    const stop = atDeadline(performance.now() + limit, callback);
    for (let days = 0; days < 50; days += 1) jest.advanceTimersByTime(86_400_000);
    expect(callback).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(1);
    stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('calls back at once for what is over, but not in this turn', () => {
    const callback = jest.fn();
    atDeadline(performance.now() - 1000, callback);
    expect(callback).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('does not call back once it is stopped', () => {
    const callback = jest.fn();
    const stop = atDeadline(performance.now() + 5, callback);
    stop();
    jest.advanceTimersByTime(10);
    expect(callback).not.toHaveBeenCalled();
  });
});
