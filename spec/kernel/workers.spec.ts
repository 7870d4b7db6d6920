import { expect, it } from '@jest/globals';
import { describeKernel } from '../support/kernel-kinds.ts';
import { runProgram } from '../support/peer-child.ts';

describeKernel('a worker that is ended while its sockets of the kernel wait', () => {
  it('leaves no descriptor open', async () => {
    const { result, strays } = await runProgram('peer-kernel-terminated');
    const run = [7, expect.any(Number), 0];
    expect(result).toEqual([run, run]);
    // Six ends of pairs and the listener; the worker has others of its own.
    for (const [, during] of result as number[][]) expect(during).toBeGreaterThanOrEqual(7);
    expect(strays).toEqual([]);
  }, 60_000);
});
