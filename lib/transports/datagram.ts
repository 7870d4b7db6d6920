import { POLLERR, POLLHUP, POLLRDHUP } from '../common/poll-constants.ts';
import type { OptionTarget } from './option-target.ts';
import { resetBudget } from '../waiting/fairness.ts';
import { observeAll, BY_CLOSE, WaiterList } from '../waiting/waiters.ts';
import type { BulkListener, TakenDatagram } from './bulk-input.ts';
import type { BulkBackends } from './bulk-output.ts';
import { DatagramInput } from './datagram-input.ts';
import { DatagramOutput, type QueuedDatagram } from './datagram-output.ts';
import type { DatagramBindOptions } from './bind-datagram.ts';
import { datagramBackend } from './datagram-backend.ts';
import type { DatagramBackend, DatagramHandle, DatagramHandleListener, DatagramSettings } from './datagram-handle.ts';
import type { PendingDatagram } from './datagram-sender.ts';
import { bufferSize, LARGEST_DATAGRAM, LARGEST_PACKET } from './datagram-sizes.ts';
import { Failure, failureIn } from './failure.ts';
import { isSameInet, type InetEndpoint } from './endpoint.ts';
import { hold, release } from './open-descriptors.ts';
import type { Readiness } from './readiness.ts';
import type { Received as ReceivedBytes, Shut, Source, Successor, TakeFlags } from './source.ts';
import { CAN_RECEIVE, CAN_SEND } from './stream-events.ts';

/** How to receive a datagram; it always arrives whole. */
export type ReceiveFlags = Pick<TakeFlags, 'peek' | 'unlimited'>;

/** The end of the input, after `shutdown(SHUT_RD)`; new memory per call, as the caller may detach it. */
function endOfInput(): ReceivedBytes {
  return { data: noBytes(), from: undefined, truncated: false };
}

const noBytes = (): Buffer => Buffer.alloc(0);
const zero = (): number => 0;

/**
 * A socket for datagrams: turns the events of a handle into a queue of datagrams and lists of waiting calls. It exists
 * before it is bound, because a receiver may wait by then. An operation returns its result, or a {@link Failure}, or
 * `undefined` where the call has to wait in the list for it. The handlers cite the rules of docs/promises.md by number.
 */
export class Datagrams implements OptionTarget, Source, Readiness, DatagramHandleListener, BulkListener {
  /** The calls that wait for a datagram. */
  readonly readers = new WaiterList();
  /** The calls that wait to send or connect, in their order. */
  readonly writers = new WaiterList();
  readonly isSettling = false;
  readonly #family: 4 | 6;
  readonly #backend: DatagramBackend;
  readonly #input: DatagramInput;
  /** Defined once the socket is bound. */
  #handle: DatagramHandle | undefined;
  readonly #output: DatagramOutput;
  #remote: InetEndpoint | undefined;
  #inputEnded = false;
  #outputEnded = false;
  /** The pending error. */
  #failure: Failure | undefined;
  /** What answers the calls that waited here, once the socket was handed over. */
  #successor: Successor | undefined;

  /** @param bulk - how datagrams come and go where they are many; each with a call of its own if left out. */
  constructor(family: 4 | 6, backend: DatagramBackend = datagramBackend, bulk: BulkBackends = {}) {
    this.#family = family;
    this.#backend = backend;
    this.#input = new DatagramInput(this, bulk.input, () => this.readers.rest());
    this.#output = new DatagramOutput(this.writers, family, bulk.output);
  }

  /** Binds to a numeric address, at once; only while `isBound` is false. */
  bind(local: InetEndpoint, options: DatagramBindOptions): Failure | undefined {
    const handle = this.#backend.bind(this.#family, local, options);
    if (handle instanceof Failure) return handle;
    this.#begin(handle);
    return undefined;
  }

  /** Takes over a descriptor that is bound, and perhaps connected, in place of {@link bind}. */
  open(descriptor: number, isConnected: boolean): Failure | undefined {
    const handle = this.#backend.open(this.#family, descriptor, isConnected);
    if (handle instanceof Failure) return handle;
    this.#begin(handle);
    if (isConnected) this.#remote = handle.remote;
    return undefined;
  }

  /** Whether it has a port. */
  get isBound(): boolean {
    return this.#handle !== undefined;
  }

  /** Its own address, from the moment it is bound; while it is connected, the one that its peer sees. */
  get local(): InetEndpoint | undefined {
    return this.#handle?.local;
  }

  /** The peer's address while it is connected. */
  get remote(): InetEndpoint | undefined {
    return this.#remote;
  }

  /** The descriptor, or −1 where there is none or Node does not give it. */
  get descriptor(): number {
    // What is done by it counts for datagrams that are sent later, such as an option that is set.
    this.#output.flush();
    return this.#handle?.descriptor ?? -1;
  }

  poll(): number {
    let events = this.#output.isIdle ? CAN_SEND : 0;
    if (this.#failure !== undefined) events |= POLLERR;
    if (this.#input.isReadable) events |= CAN_RECEIVE;
    if (this.#inputEnded) events |= CAN_RECEIVE | POLLRDHUP;
    if (this.#inputEnded && this.#outputEnded) events |= POLLHUP;
    return events;
  }

  observe(observer: () => void): () => void {
    return observeAll([this.readers, this.writers], observer);
  }

  /** The pending error; returned once, then cleared. */
  takeFailure(): Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** The oldest datagram; its bytes beyond `size` are lost. */
  receive(size: number, flags: ReceiveFlags): ReceivedBytes | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.receive(size, { all: false, ...flags });
    return this.takeFailure() ?? this.#input.take(size, flags.peek) ?? this.#end(flags, endOfInput);
  }

  /** The bytes of the oldest datagram, as {@link receive} gives it. */
  read(size: number, flags: ReceiveFlags): Buffer | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.read(size, { all: false, ...flags });
    return this.takeFailure() ?? this.#input.takeBytes(size, flags.peek) ?? this.#end(flags, noBytes);
  }

  /** The bytes of the oldest datagram, as many as `target` has room for, into it. */
  readInto(target: Uint8Array, flags: ReceiveFlags): number | Failure | undefined {
    if (this.#successor !== undefined) return this.#successor.readInto(target, { all: false, ...flags });
    return this.takeFailure() ?? this.#input.takeInto(target, flags.peek) ?? this.#end(flags, zero);
  }

  /**
   * Hands a datagram to Node, to a numeric address, or to the peer if that is left out; gives its length where the kernel
   * has it. The memory of one that is pending must not change until that is settled. The socket must be bound.
   */
  send(bytes: Buffer, to?: InetEndpoint): number | Failure | PendingDatagram | undefined {
    if (this.#successor !== undefined) return this.#successor.write(bytes, to);
    const sent = this.#refusal(bytes.length, to) ?? this.#hand(bytes, to);
    return sent === true ? bytes.length : sent;
  }

  /**
   * Puts a copy of a datagram into the queue of those that go to the kernel together. `undefined` where it is to go by
   * itself, by {@link send}. The socket must be bound.
   */
  queue(bytes: Buffer, to?: InetEndpoint): QueuedDatagram | Failure | undefined {
    if (!this.#output.queues(bytes.length)) return undefined;
    const peer = this.#remote;
    const isToPeer = to !== undefined && peer !== undefined && isSameInet(to, peer);
    if (to !== undefined && peer !== undefined && !isToPeer) return undefined;
    return this.#refusal(bytes.length, to) ?? this.#output.push(bytes, isToPeer ? undefined : to);
  }

  /**
   * The attempt to connect to a numeric address: from then on datagrams go there by default, and are received only
   * from there. It waits for earlier sends, and where Node reports a failure only in the next tick. A failure leaves
   * the peer as it was. The socket must be bound.
   */
  connector(remote: InetEndpoint): () => true | Failure | undefined {
    let begun = false;
    let outcome: true | Failure | undefined;
    return () => {
      if (begun) return outcome;
      // Datagrams that Node still holds would go to the new peer.
      this.#output.flush();
      if (!this.#output.isIdle) return undefined;
      begun = true;
      const before = this.#remote;
      const restore = (failure: Failure): Failure => {
        if (before !== undefined) this.#connect(before, this.#onReconnectFailure);
        return failure;
      };
      this.#disconnect();
      outcome = this.#connect(remote, (failure) => {
        outcome = restore(failure);
        this.writers.serve();
      });
      if (outcome instanceof Failure) restore(outcome);
      if (outcome === true) this.#input.onlyFrom = this.#handle?.filtersSenders === true ? undefined : this.#remote;
      return outcome;
    };
  }

  /**
   * Ends the input, the output, or both. As on Linux, datagrams still arrive after the end of the input, and only calls
   * without a time limit see that end. Without a peer this is ENOTCONN, and still takes effect, as on Linux.
   */
  shutdown(input: boolean, output: boolean): Failure | undefined {
    this.#inputEnded ||= input;
    this.#outputEnded ||= output;
    this.readers.serve();
    return this.#remote === undefined ? new Failure('ENOTCONN') : undefined;
  }

  /** What `shutdown()` has ended. */
  get shut(): Shut {
    return { input: this.#inputEnded, output: this.#outputEnded };
  }

  /** Closes the socket and ends the calls that wait. The port is free at once. */
  close(): void {
    release(this);
    this.#output.close();
    this.#input.close();
    this.#handle?.close();
    this.#handle = undefined;
    this.#remote = undefined;
    for (const waiters of [this.readers, this.writers]) waiters.end(BY_CLOSE);
  }

  /** Whether the kernel has all that was handed over. */
  get isIdle(): boolean {
    this.#output.flush();
    return this.#output.isIdle;
  }

  /** Closes the handle, whose descriptor was duplicated, and gives the datagrams that have come. */
  handOver(): { datagrams: TakenDatagram[]; failure: Failure | undefined } {
    this.#output.close();
    const datagrams = this.#input.handOver();
    release(this);
    this.#handle?.close();
    this.#handle = undefined;
    return { datagrams, failure: this.takeFailure() };
  }

  /** Names what answers the calls that wait here, after {@link handOver}. */
  succeed(successor: Successor): void {
    this.#successor = successor;
  }

  setBroadcast(on: boolean): Failure | undefined {
    return this.#set((settings) => settings.setBroadcast(on));
  }

  setTTL(hops: number): Failure | undefined {
    return this.#set((settings) => settings.setTTL(hops));
  }

  setMulticastTTL(hops: number): Failure | undefined {
    return this.#set((settings) => settings.setMulticastTTL(hops));
  }

  setMulticastLoopback(on: boolean): Failure | undefined {
    return this.#set((settings) => settings.setMulticastLoopback(on));
  }

  setMulticastInterface(address: string): Failure | undefined {
    return this.#set((settings) => settings.setMulticastInterface(address));
  }

  addMembership(group: string, address: string | undefined): Failure | undefined {
    return this.#set((settings) => settings.addMembership(group, address));
  }

  dropMembership(group: string, address: string | undefined): Failure | undefined {
    return this.#set((settings) => settings.dropMembership(group, address));
  }

  setReceiveBuffer(bytes: number): Failure | undefined {
    const failure = this.#set((settings) => settings.setRecvBufferSize(bufferSize(bytes)));
    const limit = this.receiveBuffer;
    if (limit !== undefined) this.#input.limit = limit;
    return failure;
  }

  setSendBuffer(bytes: number): Failure | undefined {
    return this.#set((settings) => settings.setSendBufferSize(bufferSize(bytes)));
  }

  /** Bytes, as the system reports them: Linux doubles the value that was set. `undefined` until the socket is bound. */
  get receiveBuffer(): number | undefined {
    return this.#handle?.settings.getRecvBufferSize();
  }

  /** Bytes, as the system reports them: Linux doubles the value that was set. `undefined` until the socket is bound. */
  get sendBuffer(): number | undefined {
    return this.#handle?.settings.getSendBufferSize();
  }

  /**
   * Rules 4 and 8: a datagram goes straight to a call that waits for it alone; otherwise into the queue, and to the waiting
   * calls in order. A full queue drops new ones.
   */
  onDatagram(data: Buffer, from: InetEndpoint): void {
    resetBudget();
    if (!this.#input.admits(from)) return;
    // Of an empty one a call takes 0 bytes, as where it takes none.
    const isNext = data.length > 0 && this.#failure === undefined && !this.#input.isReadable;
    if (isNext && this.readers.offer(data, false, from) > 0) return;
    this.#input.push(data, from);
    this.readers.serve();
  }

  get isAwaited(): boolean {
    return this.readers.length > 0;
  }

  onReadable(): void {
    this.readers.serve();
  }

  /** Rule 9: an error that no call waits for (a peer that refuses) is kept for the next one, a receive or a send. */
  onError(failure: Failure): void {
    this.#failure = failure;
    this.readers.serve();
  }

  /** Rule 9: the former peer could not be connected again; the next call raises the error. */
  readonly #onReconnectFailure = (failure: Failure): void => this.onError(failure);

  /** From now on others may read the descriptor, too. */
  share(): void {
    this.#input.share();
  }

  #end<T>({ unlimited }: ReceiveFlags, end: () => T): T | undefined {
    return this.#inputEnded && unlimited ? end() : undefined;
  }

  #begin(handle: DatagramHandle): void {
    handle.attach(this);
    this.#handle = handle;
    hold(this);
    this.#input.begin(handle);
    this.#output.begin(handle);
  }

  /** Why a datagram cannot be sent, in Linux's order. */
  #refusal(length: number, to: InetEndpoint | undefined): Failure | undefined {
    if (this.#handle === undefined) return new Failure('EBADF');
    // A datagram too long for any IPv4 packet is refused before the address is checked (udp_sendmsg), others after it.
    if (this.#family === 4 && length > LARGEST_PACKET) return new Failure('EMSGSIZE');
    if (to?.port === 0) return new Failure('EINVAL');
    if (to === undefined && this.#remote === undefined) return new Failure('EDESTADDRREQ');
    // Linux checks first whether a route to the address exists. The kernel does that itself where nothing else stands
    // against the send.
    const isBarred = this.#failure !== undefined || this.#outputEnded;
    if (isBarred && length > LARGEST_DATAGRAM[this.#family]) return new Failure('EMSGSIZE');
    return this.takeFailure() ?? (this.#outputEnded ? new Failure('EPIPE') : undefined);
  }

  #hand(bytes: Buffer, to: InetEndpoint | undefined): true | Failure | PendingDatagram {
    const handle = this.#handle;
    if (handle === undefined) return new Failure('EBADF');
    const peer = this.#remote;
    if (peer === undefined || to === undefined) return this.#output.send(bytes, to);
    if (isSameInet(to, peer)) return this.#output.send(bytes, undefined);
    // On a connected socket Node sends only to the peer. While it is disconnected, the kernel lets every sender in.
    this.#output.flush();
    this.#input.onlyFrom = peer;
    this.#disconnect();
    const sent = this.#output.send(bytes, to);
    const outcome = this.#connect(peer, this.#onReconnectFailure);
    if (outcome instanceof Failure) this.#onReconnectFailure(outcome);
    return sent;
  }

  #connect(remote: InetEndpoint, onFailure: (failure: Failure) => void): true | Failure | undefined {
    if (this.#handle === undefined) return new Failure('EBADF');
    if (remote.port === 0) return new Failure('EINVAL');
    const outcome = this.#handle.connect(remote, onFailure);
    // Asked of the kernel, because it replaces the wildcard by the loopback address.
    if (outcome === true) this.#remote = this.#handle.remote;
    return outcome;
  }

  #disconnect(): void {
    if (this.#remote === undefined) return;
    this.#remote = undefined;
    this.#handle?.disconnect();
  }

  #set(set: (settings: DatagramSettings) => unknown): Failure | undefined {
    const handle = this.#handle;
    // It counts for datagrams that are sent later.
    this.#output.flush();
    return handle === undefined ? new Failure('EBADF') : failureIn(() => set(handle.settings));
  }
}
