import type dgram from 'node:dgram';
import {
  bindDatagram,
  connectsInKernel,
  datagramDescriptor,
  openDatagram,
  stopReceiving,
  type DatagramBindBackend,
} from './bind-datagram.ts';
import type { DatagramBackend, DatagramHandle, DatagramHandleListener, DatagramSettings } from './datagram-handle.ts';
import type { DatagramSender, PendingDatagram, SenderBackend } from './datagram-sender.ts';
import type { InetEndpoint } from './endpoint.ts';
import { Failure, failureOf } from './failure.ts';

/** Handles over Node's `dgram.Socket`. One backend binds and connects it, another sends. */
export function dgramBackend(binding: DatagramBindBackend, sending: SenderBackend): DatagramBackend {
  const over = (socket: dgram.Socket | Failure): DatagramHandle | Failure =>
    socket instanceof Failure ? socket : new DgramHandle(socket, binding, sending);
  return {
    bind: (family, local, options) => over(bindDatagram(family, local, options, binding)),
    open: (family, descriptor, isConnected) => over(openDatagram(family, descriptor, isConnected)),
  };
}

class DgramHandle implements DatagramHandle {
  readonly #socket: dgram.Socket;
  readonly #binding: DatagramBindBackend;
  readonly #sending: SenderBackend;
  /** Made for the first datagram. */
  #sender: DatagramSender | undefined;

  constructor(socket: dgram.Socket, binding: DatagramBindBackend, sending: SenderBackend) {
    this.#socket = socket;
    this.#binding = binding;
    this.#sending = sending;
  }

  get descriptor(): number {
    return datagramDescriptor(this.#socket);
  }

  get local(): InetEndpoint {
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  get remote(): InetEndpoint {
    const { address, port } = this.#socket.remoteAddress();
    return { host: address, port };
  }

  get filtersSenders(): boolean {
    return connectsInKernel(this.#binding);
  }

  get settings(): DatagramSettings {
    return this.#socket;
  }

  attach(listener: DatagramHandleListener): void {
    this.#socket.on('message', (data, { address, port }) => listener.onDatagram(data, { host: address, port }));
    this.#socket.on('error', (error) => listener.onError(failureOf(error)));
    this.#socket.unref();
  }

  send(bytes: Buffer, to: InetEndpoint | undefined): true | Failure | PendingDatagram {
    this.#sender ??= this.#sending(this.#socket);
    return this.#sender.send(bytes, to);
  }

  connect(remote: InetEndpoint, onFailure: (failure: Failure) => void): true | Failure | undefined {
    return this.#binding.connect(this.#socket, remote, onFailure);
  }

  disconnect(): void {
    this.#socket.disconnect();
  }

  stopReceiving(): boolean {
    return stopReceiving(this.#socket);
  }

  close(): void {
    this.#socket.close();
  }
}
