import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { fuzzKernel } from '../support/fuzz-kernel.ts';
import { describeKernel } from '../support/kernel-kinds.ts';
import { randomSeed } from '../support/seed.ts';

describeKernel('sockets of the kernel', () => {
  it('take whatever arguments they are given, or refuse them with an error of theirs', async () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    await fuzzKernel(1, randomSeed);
    const before = open();
    const outcomes = await fuzzKernel(120, randomSeed);
    // Fewer are no leak: those that earlier specs of this process have left are closed meanwhile.
    expect(open()).toBeLessThanOrEqual(before);
    expect(outcomes.get('done')).toBeGreaterThan(200);
  });
});
