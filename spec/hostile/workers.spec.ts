import { expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';

it.each(['thread', 'cluster'])(
  'listens, accepts and connects in a worker (%s), which then ends',
  async (kind) => {
    const { result, strays } = await runProgram('peer-workers', { args: [kind] });
    expect(result).toEqual({ answers: ['HELLO0', 'HELLO0'], statuses: [0, 0] });
    expect(strays).toEqual([]);
  },
  60_000,
);
