import type dgram from 'node:dgram';
import { newHotDatagramPath } from './hot-datagram-path.ts';
import { plainDatagramPath } from './plain-datagram-path.ts';
import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';
import { mayUseHotPath } from './support.ts';

/** Is told what became of a datagram that the kernel did not take at once. */
export type Sent = (failure: Failure | undefined) => void;

/** The way of one socket's datagrams into the kernel. */
export interface DatagramSender {
  /**
   * Sends a datagram, to the peer where `to` is left out. `true` where the kernel has it, a failure where it refuses
   * it, or `undefined` where `sent` is called later; the memory must stay as it is until then.
   */
  send(bytes: Buffer, to: InetEndpoint | undefined, sent: Sent): true | Failure | undefined;
}

/** A way for a socket that is bound. */
export type DatagramPath = (socket: dgram.Socket) => DatagramSender;

/** The way of this process: the fast one, if the environment does not say `AWAIT_SOCKET_HOT_PATH=off`. */
export const datagramPath: DatagramPath = mayUseHotPath ? newHotDatagramPath() : plainDatagramPath;
