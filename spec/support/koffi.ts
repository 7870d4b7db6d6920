import { kernel, NoKernel } from '../../lib/kernel/libc.ts';

/** Whether the options that Node does not have can be had here: on Linux, with koffi. */
export const hasKoffi = !(kernel() instanceof NoKernel);
