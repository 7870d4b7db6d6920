import { errnoOf } from '../common/errno.ts';
import type { BulkOutput, Outgoing, SingleSender } from '../transports/bulk-output.ts';
import type { Failure } from '../transports/failure.ts';
import { datagramCalls, type DatagramCalls } from './datagram-calls.ts';
import { NoKernel, type Outcome } from './koffi.ts';
import { failureOf } from './outcomes.ts';
import { OutgoingTrain, type OutgoingMessage } from './outgoing-train.ts';

/** The kernel has no room now; Node's handle waits for that. */
const FULL: readonly Outcome[] = [-errnoOf('EAGAIN'), -errnoOf('ENOBUFS')];

/**
 * The kernel, or the network's card, does not make several datagrams of one message (udp(7), udp_send_skb): each may
 * still go by itself.
 */
const UNDIVIDED: readonly Outcome[] = [-errnoOf('EINVAL'), -errnoOf('EIO'), -errnoOf('EMSGSIZE')];

/** Sends in bulk over a descriptor; `undefined` where koffi is missing. */
export function bulkOutput(family: 4 | 6, descriptor: number, single: SingleSender): BulkOutput | undefined {
  const calls = datagramCalls();
  return calls instanceof NoKernel ? undefined : bulkOutputBy(calls, family, descriptor, single);
}

/** The same, by calls that are tried in tests. */
export function bulkOutputBy(
  calls: DatagramCalls,
  family: 4 | 6,
  descriptor: number,
  single: SingleSender,
): BulkOutput {
  return new KernelBulkOutput(new OutgoingTrain(calls, family), descriptor, single);
}

/**
 * Sends by sendmmsg(2); datagrams of one length to one address go as one message, of which the kernel makes them again
 * (UDP_SEGMENT). Their order is kept.
 */
class KernelBulkOutput implements BulkOutput {
  readonly #train: OutgoingTrain;
  readonly #descriptor: number;
  readonly #single: SingleSender;
  readonly #queued: Outgoing[] = [];
  /** How many datagrams Node's handle has that the kernel does not. */
  #late = 0;

  constructor(train: OutgoingTrain, descriptor: number, single: SingleSender) {
    this.#train = train;
    this.#descriptor = descriptor;
    this.#single = single;
  }

  get hasQueued(): boolean {
    return this.#queued.length > 0;
  }

  push(bytes: Uint8Array, outgoing: Outgoing): void {
    if (!this.#train.push(bytes, outgoing.to)) {
      this.flush();
      this.#train.push(bytes, outgoing.to);
    }
    this.#queued.push(outgoing);
  }

  flush(): number {
    const { messages } = this.#train;
    const count = this.#queued.length;
    let index = 0;
    while (index < messages.length) {
      const outcome = this.#late > 0 ? 0 : this.#send(index);
      if (outcome > 0) {
        for (const message of messages.slice(index, index + outcome)) this.#settle(message);
        index += outcome;
      } else if (this.#isOver(messages[index], outcome)) {
        index += 1;
      }
    }
    this.#train.clear();
    this.#queued.length = 0;
    return count;
  }

  /**
   * sendmmsg(2) loses the error of a message after the first. A socket that is connected has errors that come only once
   * (a refusal by the peer), so it sends one message at a time.
   */
  #send(index: number): Outcome {
    const { messages } = this.#train;
    const isConnected = messages[index]?.to === undefined;
    return this.#train.send(this.#descriptor, index, isConnected ? 1 : messages.length);
  }

  /** Goes on with a message that the kernel has not taken; true where nothing of it is left. */
  #isOver(message: OutgoingMessage | undefined, outcome: Outcome): boolean {
    if (message === undefined) return true;
    const isLeft = outcome === 0 || FULL.includes(outcome);
    const isUndivided = message.count > 1 && UNDIVIDED.includes(outcome);
    if (isUndivided) this.#train.mayJoin = false;
    if (isLeft || isUndivided) this.#sendSingly(message);
    else this.#settleFirst(message, failureOf(outcome));
    return message.count === 0;
  }

  #sendSingly(message: OutgoingMessage): void {
    while (message.count > 0) {
      const outgoing = this.#queued[message.first];
      // A copy, because the handle may send it later.
      const bytes = Buffer.from(this.#train.bytesOf(message));
      this.#train.dropFirst(message);
      const sent = this.#single.send(bytes, message.to, (failure) => {
        this.#late -= 1;
        outgoing?.settle(failure);
      });
      if (sent === undefined) this.#late += 1;
      else outgoing?.settle(sent === true ? undefined : sent);
    }
  }

  #settle(message: OutgoingMessage): void {
    const end = message.first + message.count;
    for (let index = message.first; index < end; index += 1) this.#queued[index]?.settle(undefined);
  }

  #settleFirst(message: OutgoingMessage, failure: Failure): void {
    this.#queued[message.first]?.settle(failure);
    this.#train.dropFirst(message);
  }
}
