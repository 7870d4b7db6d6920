import { expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';
import { randomSeed } from '../support/seed.ts';

it.each([0, 1, 2].map((index) => randomSeed + index))(
  'settles every call and closes every descriptor, whatever races with close() (seed %i)',
  async (seed) => {
    const { result, strays, descriptors } = await runProgram('peer-chaos', { args: [String(seed), '100'] });
    expect(result).toBe('held');
    expect(strays).toEqual([]);
    expect(descriptors.after).toBe(descriptors.before);
  },
  60_000,
);
