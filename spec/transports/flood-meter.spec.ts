import { expect, it } from '@jest/globals';
import { FloodMeter } from '../../lib/transports/flood-meter.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How often a flood is noticed, if so many datagrams come in each turn. */
async function noticed(perTurn: number, turns: number): Promise<number> {
  let floods = 0;
  const meter = new FloodMeter(
    () => undefined,
    () => (floods += 1),
  );
  for (let count = 0; count < turns; count += 1) {
    for (let datagram = 0; datagram < perTurn; datagram += 1) meter.count();
    await turn();
  }
  return floods;
}

it('a flood is noticed, however many datagrams libuv reads at a time', async () => {
  for (const perTurn of [4, 8, 16, 31, 32, 64, 100]) expect(await noticed(perTurn, 30)).toBeGreaterThan(0);
});

it('a flood is noticed again and again', async () => {
  expect(await noticed(32, 60)).toBeGreaterThan(5);
});

it('a datagram or a few in each turn are no flood, however many that become', async () => {
  for (const perTurn of [1, 2, 3]) expect(await noticed(perTurn, 3000)).toBe(0);
});

it('a burst that is over is no flood', async () => {
  expect(await noticed(63, 1)).toBe(0);
  expect(await noticed(64, 1)).toBe(0);
});

it('answers to what is sent in the same turn are no flood', async () => {
  let floods = 0;
  let mayAnswer: boolean;
  const meter = new FloodMeter(
    () => (mayAnswer = false),
    () => (floods += 1),
  );
  let looks = 0;
  for (let count = 0; count < 200; count += 1) {
    mayAnswer = true;
    for (let datagram = 0; datagram < 32 && mayAnswer; datagram += 1) meter.count();
    if (!mayAnswer) looks += 1;
    await turn();
  }
  expect(looks).toBeGreaterThan(5);
  expect(floods).toBe(0);
});
