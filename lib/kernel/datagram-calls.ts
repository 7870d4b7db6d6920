import { MSG_DONTWAIT, MSG_NOSIGNAL } from '../common/constants.ts';
import {
  foundOnce,
  outcomesBy,
  requireKoffi,
  withStructures,
  type Koffi,
  type NoKernel,
  type Outcome,
} from './koffi.ts';

/** The calls to the kernel that receive and send many datagrams at once. None of them waits. */
export interface DatagramCalls {
  /** Where memory begins. */
  address(memory: Buffer): bigint;
  /** recvmmsg(2): gives how many messages of `headers` were filled. */
  recvmmsg(descriptor: number, headers: Buffer, count: number): Outcome;
  /** sendmmsg(2): gives how many messages of `headers` the kernel has taken. */
  sendmmsg(descriptor: number, headers: Buffer, count: number): Outcome;
}

/** The calls, or why this system does not have them. */
export function datagramCallsOf(loadKoffi: () => Koffi, platform: string): DatagramCalls | NoKernel {
  return withStructures(loadKoffi, platform, callsBy);
}

function callsBy(koffi: Koffi): DatagramCalls {
  const libc = koffi.load(null);
  const outcome = outcomesBy(koffi);
  const recvmmsg = libc.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)');
  const sendmmsg = libc.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)');
  return {
    address: (memory) => koffi.address(memory),
    recvmmsg: (descriptor, headers, count) => outcome(recvmmsg, descriptor, headers, count, MSG_DONTWAIT, null),
    sendmmsg: (descriptor, headers, count) =>
      outcome(sendmmsg, descriptor, headers, count, MSG_DONTWAIT | MSG_NOSIGNAL),
  };
}

/** The calls of this system; koffi is loaded once. */
export const datagramCalls = foundOnce(() => datagramCallsOf(requireKoffi, process.platform));
