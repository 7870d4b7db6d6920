import { expect, it } from '@jest/globals';
import { FloodMeter } from '../../lib/transports/flood-meter.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How often a flood is noticed, if so many datagrams come in each turn. */
async function noticed(perTurn: number, turns: number): Promise<number> {
  let floods = 0;
  const meter = new FloodMeter(() => (floods += 1));
  for (let count = 0; count < turns; count += 1) {
    for (let datagram = 0; datagram < perTurn; datagram += 1) meter.count();
    await turn();
  }
  return floods;
}

it('a flood is noticed, however many datagrams libuv reads at a time', async () => {
  for (const perTurn of [8, 16, 31, 32, 64, 100]) expect(await noticed(perTurn, 30)).toBeGreaterThan(0);
});

it('a datagram or a few in each turn are no flood, however many that become', async () => {
  for (const perTurn of [1, 2, 7]) expect(await noticed(perTurn, 300)).toBe(0);
});

it('a burst that is over is no flood', async () => {
  expect(await noticed(63, 1)).toBe(0);
  expect(await noticed(64, 1)).toBe(0);
});
