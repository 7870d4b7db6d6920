import { describe, expect, it } from '@jest/globals';
import { keepAliveArguments, support } from '../../lib/transports/support.ts';

/** Whether this Node is in one of these release lines, at this minor version or later. */
function since(first: Readonly<Record<number, number>>): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const newest = Math.max(...Object.keys(first).map(Number));
  return major > newest || minor >= (first[major] ?? Infinity);
}

describe('support', () => {
  it('finds what this Node has, by its changelog', () => {
    expect(support).toEqual({
      keepAliveInterval: since({ 24: 19, 26: 4 }),
      typeOfService: since({ 24: 15, 25: 6 }),
      reusePort: since({ 22: 12, 23: 1 }),
      reuseDatagramPort: since({ 22: 12, 23: 1 }),
    });
  });
});

describe('keepAliveArguments', () => {
  const setting = { on: true, idle: 60, interval: 5, count: 3 };

  it('are in the unit that is asked for, and as many as this Node can take', () => {
    expect(keepAliveArguments(setting, 1000)).toEqual(
      support.keepAliveInterval ? [true, 60_000, 5000, 3] : [true, 60_000],
    );
    expect(keepAliveArguments(setting, 1)).toEqual(support.keepAliveInterval ? [true, 60, 5, 3] : [true, 60]);
  });

  it('leave an idle time that was not set to the system', () => {
    // 0 leaves it as it is. Where the four are set together, no number does so: Linux's default is given.
    const expected = support.keepAliveInterval ? [true, 7_200_000, 5000, 3] : [true, 0];
    expect(keepAliveArguments({ ...setting, idle: undefined }, 1000)).toEqual(expected);
  });
});
