import type dgram from 'node:dgram';
import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** Called with the outcome for a datagram that the kernel did not take at once. */
export type Sent = (failure: Failure | undefined) => void;

/** Hands the datagrams of one socket to the kernel. */
export interface DatagramSender {
  /**
   * Sends a datagram, to the peer where `to` is left out. `true` where the kernel has it, a failure where it refuses
   * it, or `undefined` where `sent` is called later; the memory must not change until then.
   */
  send(bytes: Buffer, to: InetEndpoint | undefined, sent: Sent): true | Failure | undefined;
}

/** Makes the sender of a socket that is bound. */
export type SenderBackend = (socket: dgram.Socket) => DatagramSender;
