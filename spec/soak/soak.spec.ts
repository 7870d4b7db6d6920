import { expect, it, jest } from '@jest/globals';
import { randomSeed } from '../support/seed.ts';
import type { PartName } from './parts.ts';
import { runPart } from './start.ts';

// Each part starts Nodes of its own, which takes long on a busy machine.
jest.setTimeout(120_000);

/** How much of each part is run here; `npm run soak` runs all of it. */
const SMALL: Readonly<Record<PartName, { readonly runs: number; readonly seconds: number }>> = {
  crowd: { runs: 60, seconds: 3 },
  succession: { runs: 1000, seconds: 5 },
  faults: { runs: 210, seconds: 20 },
  tasks: { runs: 5000, seconds: 15 },
  kept: { runs: 2000, seconds: 5 },
};

it.each(Object.entries(SMALL))('%s: nothing goes wrong', async (name, extent) => {
  const { rows, mistakes } = await runPart(name, { ...extent, seed: randomSeed });
  expect(mistakes).toEqual([]);
  expect(rows.length).toBeGreaterThan(0);
});
