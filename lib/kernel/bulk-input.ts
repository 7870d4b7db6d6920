import { IPPROTO_UDP, SO_ERROR, SO_RCVBUF } from '../common/constants.ts';
import { errnoOf } from '../common/errno.ts';
import { intBytes } from '../common/int-bytes.ts';
import { POLLIN } from '../common/poll-constants.ts';
import type { BulkInput, BulkListener, TakenDatagram } from '../transports/bulk-input.ts';
import { isSameInet, type InetEndpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import { datagramCalls, type DatagramCalls } from './datagram-calls.ts';
import { duplicateNumber } from './duplicate.ts';
import { intOption } from './int-option.ts';
import { IncomingTrain, TRAIN } from './incoming-train.ts';
import { kernelSystem, type System } from './system.ts';
import { NoKernel, type Outcome } from './koffi.ts';
import { UDP_GRO } from './message-fields.ts';
import { failureOf } from './outcomes.ts';
import { Watch } from './watch.ts';

const EAGAIN = -errnoOf('EAGAIN');

/** What a message counts in the kernel's receive buffer at the least, besides its bytes: `struct sk_buff`. */
const OVERHEAD = 232;

/** The longest datagram. */
const LONGEST = 65_535;

/** How often it is tried to read all of a flood. */
const TRIES = 8;

/** Memory in which no socket has datagrams; some is kept for the next reads. */
const free: IncomingTrain[] = [];
const KEPT = 4;

/** Reads a descriptor in bulk; `undefined` where koffi is missing, or no descriptor is free to watch it by. */
export function bulkInput(descriptor: number, isShared: boolean, listener: BulkListener): BulkInput | undefined {
  const system = kernelSystem();
  const calls = datagramCalls();
  if (system instanceof NoKernel || calls instanceof NoKernel) return undefined;
  return bulkInputBy(system, calls, descriptor, isShared, listener);
}

/** The same, by calls that are tried in tests. */
export function bulkInputBy(
  system: System,
  calls: DatagramCalls,
  descriptor: number,
  isShared: boolean,
  listener: BulkListener,
): BulkInput | undefined {
  const copy = duplicateNumber(system.calls, descriptor);
  if (copy instanceof Failure) return undefined;
  const watch = Watch.over(copy, system.Handle);
  if (watch instanceof Watch)
    return new KernelBulkInput(system, calls, { descriptor: copy, watch }, isShared, listener);
  system.calls.close(copy);
  return undefined;
}

/** A descriptor that a watch owns. */
interface Watched {
  readonly descriptor: number;
  readonly watch: Watch;
}

/**
 * Reads by recvmmsg(2), and only where a call wants a datagram: until then the kernel keeps all, within its receive
 * buffer. What one read has brought is in memory that is borrowed until the last datagram of it was taken.
 */
class KernelBulkInput implements BulkInput {
  readonly #system: System;
  readonly #calls: DatagramCalls;
  readonly #descriptor: number;
  readonly #watch: Watch;
  readonly #listener: BulkListener;
  #train: IncomingTrain | undefined;
  /** Whether the kernel has said that it has more. */
  #isReady = false;
  /** Whether the last read has left more in the kernel, most likely. */
  #wasFull = false;
  /** Whether the kernel puts datagrams together. */
  #isTogether: boolean;

  constructor(
    system: System,
    calls: DatagramCalls,
    { descriptor, watch }: Watched,
    isShared: boolean,
    listener: BulkListener,
  ) {
    this.#system = system;
    this.#calls = calls;
    this.#descriptor = descriptor;
    this.#watch = watch;
    this.#listener = listener;
    this.#isTogether = !isShared && this.#putTogether(true);
    watch.staysArmed = true;
    watch.onReady = () => this.#onReady();
    watch.start();
  }

  get isReadable(): boolean {
    return this.#isReady || this.#train !== undefined;
  }

  find(only: InetEndpoint | undefined): true | Failure | undefined {
    for (;;) {
      const train = this.#train;
      if (train !== undefined) {
        if (only === undefined || isSameInet(train.sender, only)) return true;
        train.skip();
        this.#giveBack(train);
      } else {
        if (!this.#isReady && !this.#wasFull) return undefined;
        const outcome = this.#read();
        if (outcome < 0) return outcome === EAGAIN ? undefined : failureOf(outcome);
      }
    }
  }

  take(size: number, peek: boolean): TakenDatagram {
    const train = this.#found;
    const taken = train.take(size, peek);
    this.#giveBack(train);
    return taken;
  }

  takeBytes(size: number, peek: boolean): Buffer {
    const train = this.#found;
    const bytes = train.takeBytes(size, peek);
    this.#giveBack(train);
    return bytes;
  }

  takeInto(target: Uint8Array, peek: boolean): number {
    const train = this.#found;
    const count = train.takeInto(target, peek);
    this.#giveBack(train);
    return count;
  }

  share(): TakenDatagram[] {
    const taken: TakenDatagram[] = [];
    this.#takeRead(taken);
    if (!this.#isTogether) return taken;
    this.#isTogether = false;
    // The kernel says how long put-together datagrams are only while it may put more together. So what comes in between
    // is looked for, and read anew.
    for (let tries = 0; tries < TRIES; tries += 1) {
      this.#readAll(taken);
      this.#putTogether(false);
      if (!this.#hasInput()) return taken;
      if (tries < TRIES - 1) this.#putTogether(true);
    }
    // They come faster than they are read: some are lost, as where the receive buffer is full.
    this.#readAll([]);
    return taken;
  }

  close(): void {
    this.#takeRead([]);
    this.#isReady = false;
    this.#wasFull = false;
    this.#watch.close();
  }

  get #found(): IncomingTrain {
    if (this.#train === undefined) throw new Error('find() has found no datagram');
    return this.#train;
  }

  /** Gives back the memory of datagrams that were all taken. */
  #giveBack(train: IncomingTrain): void {
    if (!train.isEmpty) return;
    this.#train = undefined;
    if (free.length < KEPT) free.push(train);
  }

  /** Takes all datagrams that were read; gives how many bytes they have. */
  #takeRead(taken: TakenDatagram[]): number {
    let bytes = 0;
    while (this.#train !== undefined) {
      const datagram = this.take(LONGEST, false);
      bytes += datagram.length;
      taken.push(datagram);
    }
    return bytes;
  }

  /** Takes all that the kernel has, which is no more than its receive buffer has room for, and one message. */
  #readAll(taken: TakenDatagram[]): void {
    let room = intOption(this.#system.calls, this.#descriptor, SO_RCVBUF) + LONGEST;
    while (room > 0) {
      const count = this.#read();
      // The kernel tells an error once.
      if (count < 0 && count !== EAGAIN) this.#listener.onError(failureOf(count));
      if (count <= 0) return;
      room -= count * OVERHEAD + this.#takeRead(taken);
    }
  }

  /** Reads what the kernel has. */
  #read(): Outcome {
    const train = free.pop() ?? new IncomingTrain(this.#calls);
    const outcome = train.read(this.#descriptor);
    this.#isReady = false;
    this.#wasFull = outcome === TRAIN;
    this.#train = train;
    this.#giveBack(train);
    this.#watch.start();
    return outcome;
  }

  #onReady(): void {
    // A call that waits reads by itself. It may have to rest for a turn, or there is none: then the watch rests, too.
    const isToRead = this.#listener.isAwaited && !this.#isReady;
    if (!isToRead) this.#watch.stop();
    const failure = isToRead ? undefined : this.#pendingFailure();
    this.#isReady = isToRead || this.#hasInput();
    if (failure !== undefined) this.#listener.onError(failure);
    else this.#listener.onReadable();
    if (!this.#isReady) this.#watch.start();
  }

  #hasInput(): boolean {
    return (this.#system.calls.poll(this.#descriptor, POLLIN) & POLLIN) !== 0;
  }

  /** The socket's error, which the kernel forgets by that. */
  #pendingFailure(): Failure | undefined {
    const error = intOption(this.#system.calls, this.#descriptor, SO_ERROR);
    return error === 0 ? undefined : failureOf(-error);
  }

  #putTogether(on: boolean): boolean {
    const value = intBytes(Number(on));
    return this.#system.calls.setsockopt(this.#descriptor, IPPROTO_UDP, UDP_GRO, value, value.length) >= 0;
  }
}
