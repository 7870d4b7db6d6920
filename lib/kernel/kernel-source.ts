import { MSG_PEEK, MSG_TRUNC } from '../common/constants.ts';
import { scopedHost } from '../names/interfaces.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import type { Received, Successor, TakeFlags } from '../transports/source.ts';
import type { Searched } from '../queues/search.ts';
import type { WaiterList } from '../waiting/waiters.ts';
import { endOfInput, type KernelMessage } from './kernel-message.ts';
import type { KernelSocket } from './kernel-socket.ts';
import { orEnd } from './or-end.ts';
import type { SocketName } from './socket-calls.ts';
import { addressOf, inetName, unixName } from './socket-name.ts';

/** A kernel's socket as the calls see it that waited for a transport when its descriptor was handed over. */
export class KernelSource implements Successor {
  readonly #socket: KernelSocket;

  constructor(socket: KernelSocket) {
    this.#socket = socket;
  }

  get readers(): WaiterList {
    return this.#socket.readers;
  }

  get unread(): Searched {
    return this.#socket.bytes.unread;
  }

  get isShared(): boolean {
    return this.#socket.bytes.isShared;
  }

  connected(): true | Failure | undefined {
    return this.#socket.connected();
  }

  read(size: number, flags: TakeFlags): Buffer | Failure | undefined {
    if (flags.all && !flags.peek) return this.#socket.bytes.all(size);
    const message = this.#take(size, flags);
    return message === undefined || message instanceof Failure ? message : message.data;
  }

  readInto(target: Uint8Array, flags: TakeFlags): number | Failure | undefined {
    const data = this.read(target.length, flags);
    if (data === undefined || data instanceof Failure) return data;
    target.set(data);
    return data.length;
  }

  receive(size: number, flags: TakeFlags): Received | Failure | undefined {
    const message = this.#take(size, flags);
    if (message === undefined || message instanceof Failure) return message;
    return { data: message.data, from: endpointOf(message.from), truncated: (message.flags & MSG_TRUNC) !== 0 };
  }

  write(bytes: Buffer, to?: Endpoint): number | Failure | undefined {
    const name = to === undefined ? undefined : nameOf(this.#socket.kind.family, to);
    return this.#socket.send({ data: bytes, control: undefined, to: name }, 0, true);
  }

  expect(size: number): void {
    this.#socket.bytes.expect(size);
  }

  more(): boolean | Failure | undefined {
    return this.#socket.bytes.more();
  }

  takeOut(size: number): Buffer {
    return this.#socket.bytes.takeOut(size);
  }

  takeThrough(byte: number, limit: number): Buffer | undefined {
    return this.#socket.bytes.takeThrough(byte, limit);
  }

  #take(size: number, { peek, unlimited }: TakeFlags): KernelMessage | Failure | undefined {
    const wanted = { size, controlSize: 0, flags: peek ? MSG_PEEK : 0 };
    return orEnd(this.#socket, unlimited, () => this.#socket.receive(wanted, true), endOfInput);
  }
}

/** An address as transports have it; `undefined` for none. */
export function endpointOf(name: SocketName): Endpoint | undefined {
  const address = addressOf(name);
  if (address === null) return undefined;
  if (!Array.isArray(address)) return { path: String(address) };
  const [host, port, , scopeid = 0] = address;
  return { host: scopedHost(host, scopeid), port };
}

/** The kernel's name of an address that transports have. */
export function nameOf(family: number, endpoint: Endpoint): SocketName {
  if (isUnix(endpoint)) return unixName(Buffer.from(endpoint.path));
  return inetName(family, endpoint);
}
