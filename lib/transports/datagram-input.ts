import { DatagramQueue } from '../queues/datagram-queue.ts';
import { copyOf } from '../queues/own-memory.ts';
import type { BulkBackend, BulkInput, BulkListener, TakenDatagram } from './bulk-input.ts';
import type { DatagramHandle } from './datagram-handle.ts';
import { isSameInet, type InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';
import { FloodMeter } from './flood-meter.ts';

/**
 * The datagrams that have come and no call has received. Node's handle puts them into a queue. In a flood the handle stops,
 * and calls take what comes later straight from the kernel, where that can be read in bulk.
 */
export class DatagramInput {
  readonly #received = new DatagramQueue<TakenDatagram>();
  readonly #meter: FloodMeter;
  readonly #listener: BulkListener;
  #handle: DatagramHandle | undefined;
  #backend: BulkBackend | undefined;
  #bulk: BulkInput | undefined;
  /** Whether others may read the descriptor, too. */
  #isShared = false;
  /** The only sender whose datagrams are taken, where the kernel may let in others. */
  onlyFrom: InetEndpoint | undefined;

  /** @param onLook - called to let no call take a datagram until the end of the event loop's turn. */
  constructor(listener: BulkListener, backend: BulkBackend | undefined, onLook: () => void) {
    this.#meter = new FloodMeter(onLook, () => this.#onFlood());
    this.#listener = listener;
    this.#backend = backend;
  }

  /** The socket has a handle now. */
  begin(handle: DatagramHandle): void {
    this.#handle = handle;
    this.#received.limit = handle.settings.getRecvBufferSize();
  }

  /** How many bytes may wait in the queue. */
  set limit(bytes: number) {
    this.#received.limit = bytes;
  }

  /** Whether there is a datagram. */
  get isReadable(): boolean {
    return this.#received.first !== undefined || this.#bulk?.isReadable === true;
  }

  /** Whether a datagram that has come from Node's handle is let in. */
  admits(from: InetEndpoint): boolean {
    this.#meter.count();
    return this.onlyFrom === undefined || isSameInet(this.onlyFrom, from);
  }

  /** Puts a datagram into the queue. */
  push(data: Buffer, from: InetEndpoint): void {
    this.#received.push({ data, from, length: data.length, truncated: false });
  }

  /** The oldest datagram; its bytes beyond `size` are lost. */
  take(size: number, peek: boolean): TakenDatagram | Failure | undefined {
    if (this.#received.first !== undefined) return this.#takeQueued(size, peek);
    const found = this.#bulk?.find(this.onlyFrom);
    return found === true ? this.#bulk?.take(size, peek) : found;
  }

  /** Its bytes only. */
  takeBytes(size: number, peek: boolean): Buffer | Failure | undefined {
    if (this.#received.first !== undefined) return this.#takeQueued(size, peek)?.data;
    const found = this.#bulk?.find(this.onlyFrom);
    return found === true ? this.#bulk?.takeBytes(size, peek) : found;
  }

  /** Its bytes, as many as `target` has room for, into it. */
  takeInto(target: Uint8Array, peek: boolean): number | Failure | undefined {
    const queued = this.#takeQueued(target.length, peek);
    if (queued !== undefined) {
      target.set(queued.data);
      return queued.data.length;
    }
    const found = this.#bulk?.find(this.onlyFrom);
    return found === true ? this.#bulk?.takeInto(target, peek) : found;
  }

  /** From now on others may read the descriptor, too. */
  share(): void {
    this.#isShared = true;
    for (const datagram of this.#bulk?.share() ?? []) this.#received.keep(datagram);
  }

  /** Ends; the descriptor's next reader gets what the kernel has, after what is returned. */
  handOver(): TakenDatagram[] {
    this.share();
    const rest: TakenDatagram[] = [];
    for (let next = this.#received.shift(); next !== undefined; next = this.#received.shift()) rest.push(next);
    this.close();
    return rest;
  }

  /** Ends. What has come can still be received. */
  close(): void {
    this.#handle = undefined;
    this.#bulk?.close();
    this.#bulk = undefined;
  }

  #takeQueued(size: number, peek: boolean): TakenDatagram | undefined {
    const datagram = peek ? this.#received.first : this.#received.shift();
    if (datagram === undefined || (!peek && datagram.length <= size)) return datagram;
    const { from, length } = datagram;
    const part = datagram.data.subarray(0, size);
    // A peek gives a copy, because the datagram stays and the caller may write into the bytes.
    return { data: peek ? copyOf(part) : part, from, length, truncated: length > size };
  }

  #onFlood(): void {
    const handle = this.#handle;
    const backend = this.#backend;
    if (handle === undefined || backend === undefined) return;
    // Tried once: where it cannot be done now, it most likely never can.
    this.#backend = undefined;
    const bulk = backend(handle.descriptor, this.#isShared, this.#listener);
    if (bulk === undefined || handle.stopReceiving()) this.#bulk = bulk;
    else bulk.close();
  }
}
