import { kernel, NoKernel } from '../../lib/transports/kernel.ts';

/** Whether the options that Node does not have can be had here: on Linux, with koffi. */
export const hasKoffi = !(kernel() instanceof NoKernel);
