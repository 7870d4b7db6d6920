import type { OptionTarget } from './option-target.ts';
import { DatagramQueue } from '../queues/datagram-queue.ts';
import { copyOf } from '../queues/own-memory.ts';
import { resetBudget } from '../waiting/fairness.ts';
import { WaitAborted, WaiterList } from '../waiting/waiters.ts';
import type { DatagramBindOptions } from './bind-datagram.ts';
import { datagramBackend } from './datagram-backend.ts';
import type { DatagramBackend, DatagramHandle, DatagramHandleListener, DatagramSettings } from './datagram-handle.ts';
import type { Sent } from './datagram-sender.ts';
import { Failure, failureIn } from './failure.ts';
import type { InetEndpoint } from './endpoint.ts';
import { hold, release } from './open-descriptors.ts';
import type { Received as ReceivedBytes, Source, TakeFlags } from './source.ts';

/** The largest size that Node takes for a buffer; Linux cuts it down to what it allows. */
const LARGEST_BUFFER = 0x7fff_ffff;

/** The longest packet, and the longest datagram: IPv4's headers (28 bytes) count, of IPv6's only UDP's (8). */
const LARGEST_PACKET = 0xffff;
const LARGEST_DATAGRAM = { 4: LARGEST_PACKET - 28, 6: LARGEST_PACKET - 8 } as const;

/** How a datagram is to be received; it always comes whole. */
export type ReceiveFlags = Pick<TakeFlags, 'peek' | 'unlimited'>;

/** A datagram as it was received, with no more of it than was asked for. */
export interface Received extends ReceivedBytes {
  /** Who sent it; `undefined` for the end that `shutdown(SHUT_RD)` makes. */
  readonly from: InetEndpoint | undefined;
  /** How long it was before it was cut off. */
  readonly length: number;
}

/** The end of the input, after `shutdown(SHUT_RD)`; each call has an object of its own, as it may detach the memory. */
function endOfInput(): Received {
  return { data: Buffer.alloc(0), from: undefined, length: 0, truncated: false };
}

/**
 * A socket for datagrams: a handle turned into a queue of datagrams and lists of the calls that wait. It exists before
 * it is bound, because a receiver may wait by then. An operation gives its result, or a {@link Failure}, or `undefined`
 * where it has to wait in the list beside it. The rules that the handlers name are those of docs/promises.md.
 */
export class Datagrams implements OptionTarget, Source, DatagramHandleListener {
  /** Those who wait for a datagram. */
  readonly readers = new WaiterList();
  /** Those who send or connect, in the order of their calls. */
  readonly writers = new WaiterList();
  readonly #family: 4 | 6;
  readonly #backend: DatagramBackend;
  readonly #received = new DatagramQueue<Received>();
  /** There once it is bound. */
  #handle: DatagramHandle | undefined;
  /** How many datagrams Node has and the kernel has not; Deno (2.9) has no `getSendQueueCount()`. */
  #sending = 0;
  #remote: InetEndpoint | undefined;
  /** The one sender whose datagrams count, where the kernel could have let others in. */
  #onlyFrom: InetEndpoint | undefined;
  #inputEnded = false;
  #outputEnded = false;
  /** What went wrong and has not been told yet. */
  #failure: Failure | undefined;

  constructor(family: 4 | 6, backend: DatagramBackend = datagramBackend) {
    this.#family = family;
    this.#backend = backend;
  }

  /** Binds to a numeric address, at once. To be done once; `isBound` tells whether it was. */
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

  /** Its own address, from the moment that it is bound; connected, the one that its peer sees. */
  get local(): InetEndpoint | undefined {
    return this.#handle?.local;
  }

  /** The peer's address while it is connected. */
  get remote(): InetEndpoint | undefined {
    return this.#remote;
  }

  /** The descriptor, or −1 where there is none or Node does not tell it. */
  get descriptor(): number {
    return this.#handle?.descriptor ?? -1;
  }

  /** The pending error; returned once, then cleared. */
  takeFailure(): Failure | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** The oldest datagram, of which all beyond `size` bytes is lost. */
  receive(size: number, { peek, unlimited }: ReceiveFlags): Received | Failure | undefined {
    const failure = this.takeFailure();
    if (failure !== undefined) return failure;
    const datagram = peek ? this.#received.first : this.#received.shift();
    if (datagram === undefined) return this.#inputEnded && unlimited ? endOfInput() : undefined;
    if (!peek && datagram.length <= size) return datagram;
    const { from, length } = datagram;
    const part = datagram.data.subarray(0, size);
    // A copy of what stays, because the caller may write into what a peek gave.
    return { data: peek ? copyOf(part) : part, from, length, truncated: length > size };
  }

  /** The bytes of the oldest datagram, as {@link receive} gives it. */
  read(size: number, flags: ReceiveFlags): Buffer | Failure | undefined {
    const received = this.receive(size, flags);
    return received === undefined || received instanceof Failure ? received : received.data;
  }

  /** The bytes of the oldest datagram, as many as `target` has room for, into it. */
  readInto(target: Uint8Array, flags: ReceiveFlags): number | Failure | undefined {
    const data = this.read(target.length, flags);
    if (data === undefined || data instanceof Failure) return data;
    target.set(data);
    return data.length;
  }

  /**
   * The attempt to send a datagram, to a numeric address or else to the peer: it is handed to Node the first time that
   * it is tried, and then gives its length once the kernel has it. The memory must stay as it is until then. The socket
   * must be bound.
   */
  sender(bytes: Buffer, to?: InetEndpoint): () => number | Failure | undefined {
    let begun = false;
    let outcome: number | Failure | undefined;
    return () => {
      if (begun) return outcome;
      const refused = this.#refusal(bytes.length, to);
      if (refused !== undefined) return refused;
      begun = true;
      const sent = this.#send(bytes, to, (failure) => {
        this.#sending -= 1;
        outcome = failure ?? bytes.length;
        this.writers.serve();
      });
      if (sent === undefined) this.#sending += 1;
      else outcome = sent === true ? bytes.length : sent;
      return outcome;
    };
  }

  /**
   * The attempt to connect to a numeric address, from now on the only one that is sent to by default and received from.
   * It waits for those who send, and where Node tells of a failure in the next tick only. A failure leaves the peer as
   * it was. The socket must be bound.
   */
  connector(remote: InetEndpoint): () => true | Failure | undefined {
    let begun = false;
    let outcome: true | Failure | undefined;
    return () => {
      if (begun) return outcome;
      // What Node still holds would go to the new peer.
      if (this.#sending > 0) return undefined;
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
      if (outcome === true) this.#onlyFrom = this.#handle?.filtersSenders === true ? undefined : this.#remote;
      return outcome;
    };
  }

  /**
   * Ends the input (only those who wait without a limit see it: datagrams still come in, on Linux), or the output, or
   * both. Without a peer that is ENOTCONN, and takes effect all the same, as on Linux.
   */
  shutdown(input: boolean, output: boolean): Failure | undefined {
    this.#inputEnded ||= input;
    this.#outputEnded ||= output;
    this.readers.serve();
    return this.#remote === undefined ? new Failure('ENOTCONN') : undefined;
  }

  /** Closes the socket and tells those who wait. The port is free at once. */
  close(): void {
    release(this);
    this.#handle?.close();
    this.#handle = undefined;
    this.#remote = undefined;
    for (const waiters of [this.readers, this.writers]) waiters.end(new WaitAborted('close'));
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
    this.#received.limit = this.receiveBuffer ?? this.#received.limit;
    return failure;
  }

  setSendBuffer(bytes: number): Failure | undefined {
    return this.#set((settings) => settings.setSendBufferSize(bufferSize(bytes)));
  }

  /** Bytes, as the system tells them: Linux doubles what was set. `undefined` as long as it is not bound. */
  get receiveBuffer(): number | undefined {
    return this.#handle?.settings.getRecvBufferSize();
  }

  /** Bytes, as the system tells them: Linux doubles what was set. `undefined` as long as it is not bound. */
  get sendBuffer(): number | undefined {
    return this.#handle?.settings.getSendBufferSize();
  }

  /** Rules 4 and 8: datagrams go into the queue, and to the waiting calls in order; a full queue drops what comes. */
  onDatagram(data: Buffer, from: InetEndpoint): void {
    resetBudget();
    const only = this.#onlyFrom;
    if (only !== undefined && (only.port !== from.port || only.host !== from.host)) return;
    this.#received.push({ data, from, length: data.length, truncated: false });
    this.readers.serve();
  }

  /** Rule 9: an error that no call waits for (a peer that refuses) is kept for the next one, a receive or a send. */
  onError(failure: Failure): void {
    this.#failure = failure;
    this.readers.serve();
  }

  /** Rule 9: the peer that was there before cannot be had again; the next call raises it. */
  readonly #onReconnectFailure = (failure: Failure): void => this.onError(failure);

  #begin(handle: DatagramHandle): void {
    handle.attach(this);
    this.#handle = handle;
    hold(this);
    this.#received.limit = handle.settings.getRecvBufferSize();
  }

  /** Why a datagram cannot be sent, in Linux's order. */
  #refusal(length: number, to: InetEndpoint | undefined): Failure | undefined {
    if (this.#handle === undefined) return new Failure('EBADF');
    // What no packet of IPv4 has room for is refused before the address is looked at (udp_sendmsg), the rest after it.
    if (this.#family === 4 && length > LARGEST_PACKET) return new Failure('EMSGSIZE');
    if (to?.port === 0) return new Failure('EINVAL');
    if (to === undefined && this.#remote === undefined) return new Failure('EDESTADDRREQ');
    // Whether there is a way to the address comes before this, which is the kernel's business as long as nothing else
    // is in the way.
    const isBarred = this.#failure !== undefined || this.#outputEnded;
    if (isBarred && length > LARGEST_DATAGRAM[this.#family]) return new Failure('EMSGSIZE');
    return this.takeFailure() ?? (this.#outputEnded ? new Failure('EPIPE') : undefined);
  }

  #send(bytes: Buffer, to: InetEndpoint | undefined, onSent: Sent): true | Failure | undefined {
    const handle = this.#handle;
    if (handle === undefined) return new Failure('EBADF');
    const peer = this.#remote;
    if (peer === undefined || to === undefined) return handle.send(bytes, to, onSent);
    if (to.port === peer.port && to.host === peer.host) return handle.send(bytes, undefined, onSent);
    // Node sends only to the peer of a connected socket. In between, the kernel lets every sender in.
    this.#onlyFrom = peer;
    this.#disconnect();
    const sent = handle.send(bytes, to, onSent);
    const outcome = this.#connect(peer, this.#onReconnectFailure);
    if (outcome instanceof Failure) this.#onReconnectFailure(outcome);
    return sent;
  }

  #connect(remote: InetEndpoint, onFailure: (failure: Failure) => void): true | Failure | undefined {
    if (this.#handle === undefined) return new Failure('EBADF');
    if (remote.port === 0) return new Failure('EINVAL');
    const outcome = this.#handle.connect(remote, onFailure);
    // The kernel's word, because it takes the wildcard for the loopback address.
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
    return handle === undefined ? new Failure('EBADF') : failureIn(() => set(handle.settings));
  }
}

/**
 * A buffer's size as Node takes it, where 0 only asks. A negative one is C's unsigned: as large as can be, on Linux.
 */
function bufferSize(bytes: number): number {
  if (bytes < 0) return LARGEST_BUFFER;
  return Math.min(Math.max(1, bytes), LARGEST_BUFFER);
}
