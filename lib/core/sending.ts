import type { Datagrams } from '../transports/datagram.ts';
import { PendingDatagram } from '../transports/datagram-sender.ts';
import { isUnix, type Endpoint, type InetEndpoint } from '../transports/endpoint.ts';
import type { Failure } from '../transports/failure.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import { boundDatagrams } from './bind.ts';
import type { Core } from './core.ts';
import { memoryFailure } from './memory.ts';
import { mayTry, unlessFailed, type Operation } from './wait.ts';

/** A send that is under way. */
export interface Sending extends Operation<number> {
  readonly waiters: WaiterList;
}

/** How a datagram is sent. */
interface DatagramLimits {
  /** Whether the call may end before the kernel has the datagram: the program may then change the memory. */
  readonly copies: boolean;
  readonly flags: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The first attempt to send a datagram: gives its length, or what goes on. A datagram that goes to the kernel together with
 * others is sent whatever becomes of the call, which must have no limits for that.
 */
export function sendDatagram(
  core: Core,
  bytes: Buffer,
  { copies, flags, signal }: DatagramLimits,
  endpoint: Endpoint | undefined,
): number | Sending {
  const datagrams = boundDatagrams(core, 'send');
  const to = endpoint !== undefined && !isUnix(endpoint) ? endpoint : undefined;
  const hasLimits = core.timeout !== null || flags !== 0 || signal !== undefined;
  const queued = hasLimits ? undefined : datagrams.queue(bytes, to);
  if (queued !== undefined) return unlessFailed(core, 'send', queued);
  const kept = copies ? Buffer.from(bytes) : bytes;
  const sent = mayTry(datagrams.writers, signal) ? datagrams.send(kept, to) : undefined;
  if (typeof sent === 'number') return sent;
  if (sent instanceof PendingDatagram) return new DatagramSending(datagrams, kept, to, sent);
  unlessFailed(core, 'send', sent);
  return new DatagramSending(datagrams, kept, to);
}

/** A datagram that waits for its turn, or is pending. */
export class DatagramSending implements Sending {
  readonly waiters: WaiterList;
  readonly #datagrams: Datagrams;
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #to: InetEndpoint | undefined;
  #pending: PendingDatagram | undefined;

  constructor(datagrams: Datagrams, bytes: Buffer, to: InetEndpoint | undefined, pending?: PendingDatagram) {
    this.waiters = datagrams.writers;
    this.#datagrams = datagrams;
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.#to = to;
    this.#pending = pending;
  }

  attempt(): number | Failure | undefined {
    if (this.#bytes.length !== this.#length) return memoryFailure();
    if (this.#pending === undefined) {
      const sent = this.#datagrams.send(this.#bytes, this.#to);
      if (!(sent instanceof PendingDatagram)) return sent;
      this.#pending = sent;
    }
    const { outcome } = this.#pending;
    return outcome === true ? this.#length : outcome;
  }
}
