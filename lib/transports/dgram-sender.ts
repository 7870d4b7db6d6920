import type dgram from 'node:dgram';
import { PendingDatagram, type DatagramSender } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import { failureOf } from './failure.ts';

/** Sends by `send()`, which Node documents, and which gives the outcome to its callback. */
export function dgramSender(socket: dgram.Socket): DatagramSender {
  return { send: (bytes, to) => sendDocumented(socket, bytes, to) };
}

/** Sends by the documented method. */
export function sendDocumented(socket: dgram.Socket, bytes: Buffer, to: InetEndpoint | undefined): PendingDatagram {
  const pending = new PendingDatagram();
  const done = (error: Error | null): void => pending.settle(error === null ? undefined : failureOf(error));
  if (to === undefined) socket.send(bytes, done);
  else socket.send(bytes, to.port, to.host, done);
  return pending;
}
