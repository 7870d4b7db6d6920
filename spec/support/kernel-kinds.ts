import { describe } from '@jest/globals';
import { hasKoffi } from './koffi.ts';

/** Tests of sockets that the kernel makes and Node does not; skipped without koffi. */
export const describeKernel = hasKoffi ? describe : describe.skip;
