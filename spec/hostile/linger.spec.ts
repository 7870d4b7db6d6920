import { afterEach, expect, it, jest } from '@jest/globals';
import * as socket from '../../lib/index.ts';
import { connectedPair, reset, story } from '../support/peer.ts';

/** More than the kernel holds for one connection, so that Node still has bytes to send. */
const MUCH = Buffer.alloc(64 * 1024 * 1024);

/** A closed socket with unsent bytes for a peer that has received none yet. */
async function closedBehindOutput(): Promise<socket.Socket> {
  const [ours, peer] = await connectedPair();
  // The library also starts a timer to watch new sockets.
  jest.advanceTimersByTime(1000);
  ours.settimeout(0);
  for (;;) {
    try {
      await ours.send(MUCH);
    } catch (error) {
      if (error instanceof socket.BlockingIOError) break;
      throw error;
    }
  }
  ours.close();
  return peer;
}

afterEach(() => {
  jest.useRealTimers();
});

const fakeClock = (): void => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'performance'] });
};

it('delivers what was sent before close() to a peer that receives it in time, and leaves no timer', async () => {
  fakeClock();
  const peer = await closedBehindOutput();
  expect(jest.getTimerCount()).toBe(1);
  const [bytes, ...errors] = await story(peer);
  expect(bytes).toBeGreaterThan(256 * 1024);
  expect(errors).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
  peer.close();
});

it('resets a peer that has not received it after a minute, so that cut data does not end cleanly', async () => {
  fakeClock();
  const peer = await closedBehindOutput();
  jest.advanceTimersByTime(59_999);
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1);
  expect(jest.getTimerCount()).toBe(0);
  expect((await story(peer)).at(-1)).toBe('ConnectionResetError');
  peer.close();
});

it('ends at once when the peer resets', async () => {
  fakeClock();
  const peer = await closedBehindOutput();
  reset(peer);
  while (jest.getTimerCount() > 0) await new Promise((resolve) => setImmediate(resolve));
});

it('resets at once with SO_LINGER of 0 seconds, also after shutdown(SHUT_WR)', async () => {
  const [ours, peer] = await connectedPair();
  const send = ours.send(MUCH);
  ours.shutdown(socket.SHUT_WR);
  reset(ours);
  await expect(send).rejects.toThrow(socket.OSError);
  expect((await story(peer)).at(-1)).toBe('ConnectionResetError');
  peer.close();
});
