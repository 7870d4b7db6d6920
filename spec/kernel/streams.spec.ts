import { describe } from '@jest/globals';
import { describeKernel, KERNEL_STREAMS } from '../support/kernel-kinds.ts';
import { checkStreams } from '../support/stream-checks.ts';

describeKernel('streams of the kernel', () => {
  for (const [kind, make] of Object.entries(KERNEL_STREAMS)) describe(kind, () => checkStreams(make));
});
