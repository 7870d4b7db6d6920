import net from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { setKeepAlive, support } from '../../lib/transports/support.ts';

/** Whether this Node is one of those; a release line is meant from that minor version on. */
function since(first: Readonly<Record<number, number>>): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const newest = Math.max(...Object.keys(first).map(Number));
  return major > newest || minor >= (first[major] ?? Infinity);
}

describe('support', () => {
  it('finds what this Node has, as its changelog tells', () => {
    expect(support).toEqual({
      keepAliveInterval: since({ 24: 19, 26: 4 }),
      typeOfService: since({ 24: 15, 25: 6 }),
      reusePort: since({ 22: 12, 23: 1 }),
    });
  });
});

describe('setKeepAlive', () => {
  function argumentsFor(idle: number | undefined): unknown[] | undefined {
    const socket = new net.Socket();
    const spy = jest.spyOn(socket, 'setKeepAlive');
    setKeepAlive(socket, { on: true, idle, interval: 5, count: 3 });
    socket.destroy();
    return spy.mock.calls[0];
  }

  it('gives Node milliseconds, and what it can take', () => {
    expect(argumentsFor(60)).toEqual(support.keepAliveInterval ? [true, 60_000, 5000, 3] : [true, 60_000]);
  });

  it('leaves an idle time that nobody chose to the system', () => {
    // 0 leaves it as it is; where the four are set together there is no such number, and Linux's own is given.
    expect(argumentsFor(undefined)).toEqual(support.keepAliveInterval ? [true, 7_200_000, 5000, 3] : [true, 0]);
  });
});
