import { kernel, NoKernel } from '../../lib/kernel/libc.ts';

/** Whether options that Node does not have are available: on Linux, with koffi. */
export const hasKoffi = !(kernel() instanceof NoKernel);
