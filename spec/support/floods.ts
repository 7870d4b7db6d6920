import { describe } from '@jest/globals';
import { AF_INET6, IPPROTO_UDP, SOCK_DGRAM, socket, type Socket } from '../../lib/index.ts';
import { hasKoffi } from './koffi.ts';
import { own } from './pairs.ts';

/** Whether a flood of datagrams is read in bulk here. */
export const readsInBulk = hasKoffi && process.env.AWAIT_SOCKET_FAST_PATH !== 'off';

/** Tests of sockets that are read in bulk; skipped where none are. */
export const describeBulk = readsInBulk ? describe : describe.skip;

/** Linux's options: the receiver's kernel puts datagrams together, the sender's takes them apart (udp(7)). */
export const UDP_GRO = 104;
export const UDP_SEGMENT = 103;

/** Enough for the meter, and few enough for the kernel's receive buffer. */
const COUNT = 200;

/** Sends many datagrams to a socket at once and receives them: from then on, datagrams are read in bulk where they can be. */
export async function flood(receiver: Socket): Promise<void> {
  const sender = own(socket(receiver.family, SOCK_DGRAM));
  const [, port] = receiver.getsockname();
  const to = [receiver.family === AF_INET6 ? '::1' : '127.0.0.1', Number(port)] as const;
  await Promise.all(Array.from({ length: COUNT }, () => sender.sendto('flood', [...to])));
  for (let count = 0; count < COUNT; count += 1) await receiver.recv(9);
  if (isReadInBulk(receiver) !== readsInBulk) throw new Error('the flood was not noticed');
}

/** Whether a socket is read in bulk, as far as it shows: the kernel puts datagrams together only for such sockets. */
export function isReadInBulk(receiver: Socket): boolean {
  return hasKoffi && receiver.getsockopt(IPPROTO_UDP, UDP_GRO) !== 0;
}
