import type { DatagramBindOptions } from './bind-datagram.ts';
import type { DatagramSender } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import type { Failure } from './failure.ts';

/** Is notified of the datagrams and errors of a handle. */
export interface DatagramHandleListener {
  onDatagram(data: Buffer, from: InetEndpoint): void;
  onError(failure: Failure): void;
}

/** The options of a handle, by Node's names. Where the kernel refuses one, Node's error is thrown. */
export interface DatagramSettings {
  setBroadcast(on: boolean): void;
  setTTL(hops: number): void;
  setMulticastTTL(hops: number): void;
  setMulticastLoopback(on: boolean): void;
  setMulticastInterface(address: string): void;
  addMembership(group: string, address?: string): void;
  dropMembership(group: string, address?: string): void;
  setRecvBufferSize(bytes: number): void;
  setSendBufferSize(bytes: number): void;
  /** Bytes, as the system reports them: Linux doubles the value that was set. */
  getRecvBufferSize(): number;
  getSendBufferSize(): number;
}

/**
 * A bound datagram socket, as Node has it; nothing here waits. It receives from `attach()` on, and does not keep the
 * process alive (promise 12).
 */
export interface DatagramHandle extends DatagramSender {
  /** The descriptor, or −1 where there is none or Node does not give it. */
  readonly descriptor: number;
  /** Its own address, as the kernel has it now. */
  readonly local: InetEndpoint;
  /** The peer's address, as the kernel has it now; to be asked for while it is connected. */
  readonly remote: InetEndpoint;
  /** Whether the kernel lets in datagrams from the peer only while the socket is connected. */
  readonly filtersSenders: boolean;
  readonly settings: DatagramSettings;

  /** Names the listener, once, before anything else. */
  attach(listener: DatagramHandleListener): void;

  /**
   * Connects to a numeric address. Returns true, or a failure, or `undefined` where the failure is passed to
   * `onFailure` in the next tick.
   */
  connect(remote: InetEndpoint, onFailure: (failure: Failure) => void): true | Failure | undefined;
  disconnect(): void;

  /** Leaves what comes from now on in the kernel; false where Node cannot. */
  stopReceiving(): boolean;

  /** Closes it; the port is free at once. */
  close(): void;
}

/** Makes handles for datagrams. */
export interface DatagramBackend {
  /** A handle that is bound to a numeric address, at once. */
  bind(family: 4 | 6, local: InetEndpoint, options: DatagramBindOptions): DatagramHandle | Failure;
  /** A handle over a descriptor that is bound, and perhaps connected. */
  open(family: 4 | 6, descriptor: number, isConnected: boolean): DatagramHandle | Failure;
}
