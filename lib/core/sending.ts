import { SOCK_DGRAM } from '../common/constants.ts';
import type { Datagrams } from '../transports/datagram.ts';
import { isUnix, type Endpoint, type InetEndpoint } from '../transports/endpoint.ts';
import type { Failure } from '../transports/failure.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import { boundDatagrams } from './bind.ts';
import type { Core } from './core.ts';
import { memoryFailure } from './memory.ts';
import { unlessFailed, type Operation } from './wait.ts';

/** A send that is under way. */
export interface Sending extends Operation<number> {
  readonly waiters: WaiterList;
}

/**
 * A datagram that goes to the kernel together with others; `undefined` where it goes by itself. The call must have no
 * limits: a datagram in the queue is sent, whatever becomes of the call.
 */
export function queue(core: Core, bytes: Buffer, to: Endpoint | undefined): Sending | undefined {
  if (core.type !== SOCK_DGRAM) return undefined;
  const queued = boundDatagrams(core, 'send').queue(bytes, inetOf(to));
  return unlessFailed(core, 'send', queued);
}

function inetOf(to: Endpoint | undefined): InetEndpoint | undefined {
  return to !== undefined && !isUnix(to) ? to : undefined;
}

/** A datagram that is under way. */
export class DatagramSending implements Sending {
  readonly waiters: WaiterList;
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #send: () => number | Failure | undefined;

  constructor(datagrams: Datagrams, bytes: Buffer, to: Endpoint | undefined) {
    this.waiters = datagrams.writers;
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.#send = datagrams.sender(bytes, inetOf(to));
  }

  attempt(): number | Failure | undefined {
    return this.#bytes.length === this.#length ? this.#send() : memoryFailure();
  }
}
