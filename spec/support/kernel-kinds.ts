import { describe } from '@jest/globals';
import { socketpairSync, type Socket } from '../../lib/index.ts';
import { hasKoffi } from './koffi.ts';
import { own, pair } from './pairs.ts';

/** Tests of sockets that the kernel makes and Node does not; skipped without koffi. */
export const describeKernel = hasKoffi ? describe : describe.skip;

/** Streams that are read and written by the kernel's calls, by their kind; none without koffi. */
export const KERNEL_STREAMS: Readonly<Record<string, () => Promise<[Socket, Socket]>>> = {
  ...(hasKoffi && {
    'TCP, duplicated': async () => {
      const [one, other] = await pair();
      const copies: [Socket, Socket] = [own(one.dup()), own(other.dup())];
      one.close();
      other.close();
      return copies;
    },
    'socketpairSync()': () => {
      const [one, other] = socketpairSync();
      return Promise.resolve([own(one), own(other)]);
    },
  }),
};
