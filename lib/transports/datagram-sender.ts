import type dgram from 'node:dgram';
import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** Called with the outcome for a datagram that the kernel did not take at once. */
export type Sent = (failure: Failure | undefined) => void;

/** A datagram that Node has, and that the kernel did not take at once. */
export class PendingDatagram {
  #outcome: true | Failure | undefined;
  #onSettled: Sent | undefined;

  /** True once the kernel has it, or why the kernel refuses it. */
  get outcome(): true | Failure | undefined {
    return this.#outcome;
  }

  /** Called once, with the outcome; right away where that is known. */
  set onSettled(callback: Sent) {
    this.#onSettled = callback;
    if (this.#outcome !== undefined) callback(failureIn(this.#outcome));
  }

  settle(failure: Failure | undefined): void {
    this.#outcome = failure ?? true;
    this.#onSettled?.(failure);
  }
}

function failureIn(outcome: true | Failure): Failure | undefined {
  return outcome === true ? undefined : outcome;
}

/** Hands the datagrams of one socket to the kernel. */
export interface DatagramSender {
  /**
   * Sends a datagram, to the peer where `to` is left out. `true` where the kernel has it, or a failure where it refuses
   * it. The memory of one that is pending must not change until that is settled.
   */
  send(bytes: Buffer, to: InetEndpoint | undefined): true | Failure | PendingDatagram;
}

/** Makes the sender of a socket that is bound. */
export type SenderBackend = (socket: dgram.Socket) => DatagramSender;
