import { datagramBindBackend } from './bind-datagram.ts';
import type { DatagramBackend } from './datagram-handle.ts';
import type { SenderBackend } from './datagram-sender.ts';
import { dgramBackend } from './dgram-handle.ts';
import { dgramSender } from './dgram-sender.ts';
import { newLibuvSenders } from './libuv-sender.ts';
import { mayUseFastPath } from './support.ts';

/** How this process sends: fast, unless the environment says `AWAIT_SOCKET_FAST_PATH=off`. */
export const senderBackend: SenderBackend = mayUseFastPath ? newLibuvSenders() : dgramSender;

/** How this process makes handles for datagrams. */
export const datagramBackend: DatagramBackend = dgramBackend(datagramBindBackend, senderBackend);
