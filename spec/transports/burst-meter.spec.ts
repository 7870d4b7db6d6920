import { expect, it } from '@jest/globals';
import { BurstMeter } from '../../lib/transports/burst-meter.ts';

/** How often a burst is noticed, if so many datagrams are sent before other code runs. */
async function noticed(atOnce: number, times: number): Promise<number> {
  let bursts = 0;
  const meter = new BurstMeter(() => (bursts += 1));
  for (let count = 0; count < times; count += 1) {
    for (let datagram = 0; datagram < atOnce; datagram += 1) meter.count();
    await Promise.resolve();
  }
  return bursts;
}

it('many datagrams at once are a burst', async () => {
  expect(await noticed(48, 1)).toBe(1);
  expect(await noticed(1000, 1)).toBe(1);
  expect(await noticed(100, 10)).toBe(10);
});

it('datagrams that are awaited, or a few at once, are none', async () => {
  for (const atOnce of [1, 2, 10, 15]) expect(await noticed(atOnce, 300)).toBe(0);
  expect(await noticed(47, 1)).toBe(0);
});
