import { expect, it } from '@jest/globals';
import { runProgram } from '../support/peer-child.ts';
import { randomSeed } from '../support/seed.ts';

it(`closes every descriptor of threads that terminate() ends while their calls wait (seed ${randomSeed})`, async () => {
  const { result, strays } = await runProgram('peer-terminated', { args: [String(randomSeed)] });
  expect(strays).toEqual([]);
  expect(result).toEqual({ left: 0, ends: expect.any(Array) });
  // A thread that is ended closes its sockets as a process does: a peer with unread bytes sees a reset.
  const { ends } = result as { ends: string[] };
  expect(['ConnectionResetError', 'BrokenPipeError', 'end']).toEqual(expect.arrayContaining(ends));
}, 60_000);
