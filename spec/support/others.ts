import { AF_INET, SHUT_RDWR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from '../../lib/common/constants.ts';
import { intBytes } from '../../lib/common/int-bytes.ts';
import { itemsOf } from '../../lib/kernel/control.ts';
import type { SocketKind } from '../../lib/kernel/libc.ts';
import type { SocketName } from '../../lib/kernel/socket-calls.ts';
import { inetName, unixName } from '../../lib/kernel/socket-name.ts';
import { realSystem } from './interleavings.ts';

/** Sockets as other programs have them: each call is one of the kernel's, and none waits. */

const F_DUPFD_CLOEXEC = 1030;
const SO_LINGER = 13;

function checked<T>(outcome: T, call: string): T {
  if (typeof outcome === 'number' && outcome < 0) throw new Error(`${call}: ${outcome}`);
  return outcome;
}

/** A socket of another program. */
export class Other {
  readonly #calls = realSystem().calls;
  #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  static make(kind: SocketKind): Other {
    return new Other(checked(realSystem().calls.socket(kind), 'socket'));
  }

  /** The number of its descriptor. */
  get number(): number {
    return this.#descriptor;
  }

  /** The same, which the caller closes from now on. */
  release(): number {
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    return descriptor;
  }

  /** Another socket on the same description. */
  copy(): Other {
    return new Other(checked(this.#calls.fcntl(this.#descriptor, F_DUPFD_CLOEXEC, 0), 'fcntl'));
  }

  get name(): SocketName {
    const name = this.#calls.getsockname(this.#descriptor);
    if (typeof name === 'number') throw new Error(`getsockname: ${name}`);
    return name;
  }

  bind(name: SocketName): void {
    checked(this.#calls.bind(this.#descriptor, name), 'bind');
  }

  listen(backlog: number): void {
    checked(this.#calls.listen(this.#descriptor, backlog), 'listen');
  }

  /** May fail: what comes of it is for the program to see. */
  connect(name: SocketName): number {
    return this.#calls.connect(this.#descriptor, name);
  }

  /** The oldest connection, or none. */
  accept(): Other | undefined {
    const accepted = this.#calls.accept(this.#descriptor);
    return typeof accepted === 'number' ? undefined : new Other(accepted[0]);
  }

  send(data: string | Buffer, control?: Buffer, to?: SocketName): number {
    return this.#calls.sendmsg(this.#descriptor, { data: Buffer.from(data), control, to }, 0);
  }

  /** What has come, up to 1 MiB; none for an error. */
  receive(size = 1 << 20): Buffer {
    const data = Buffer.alloc(size);
    return data.subarray(0, Math.max(0, this.#calls.recvmsg(this.#descriptor, { data, control: undefined }, 0)));
  }

  /** How many descriptors come with what it receives next, which it closes; none where nothing has come. */
  descriptors(): number | undefined {
    const control = Buffer.alloc(100);
    const outcome = this.#calls.recvmsg(this.#descriptor, { data: Buffer.alloc(1 << 20), control }, 0);
    if (outcome <= 0) return undefined;
    const items = itemsOf(control.subarray(0, this.#calls.received().controlLength));
    const numbers = items.flatMap(([, , data]) => [...new Int32Array(Uint8Array.from(data).buffer)]);
    for (const number of numbers) this.#calls.close(number);
    return numbers.length;
  }

  shutdown(how = SHUT_RDWR): void {
    this.#calls.shutdown(this.#descriptor, how);
  }

  /** Closes; the peer of a TCP connection gets a reset. */
  reset(): void {
    this.#calls.setsockopt(this.#descriptor, SOL_SOCKET, SO_LINGER, intBytes(1, 0), 8);
    this.close();
  }

  close(): void {
    if (this.#descriptor >= 0) this.#calls.close(this.release());
  }
}

/** Any port of this machine. */
export const LOOPBACK = inetName(AF_INET, { host: '127.0.0.1', port: 0 });

/** A name of Linux's choice. */
export const ANY_NAME = unixName(Buffer.alloc(0));

export function unixPair(kind: SocketKind): [Other, Other] {
  const pair = realSystem().calls.socketpair(kind);
  if (typeof pair === 'number') throw new Error(`socketpair: ${pair}`);
  return [new Other(pair[0]), new Other(pair[1])];
}

/** A client, and the connection that a listener has accepted. */
export async function tcpPair(): Promise<[Other, Other]> {
  const kind = { family: AF_INET, type: SOCK_STREAM, proto: 0 };
  const [listener, client] = [Other.make(kind), Other.make(kind)];
  listener.bind(LOOPBACK);
  listener.listen(1);
  client.connect(listener.name);
  let server = listener.accept();
  for (; server === undefined; server = listener.accept()) await new Promise(setImmediate);
  listener.close();
  return [client, server];
}

export function udpPair(): [Other, Other] {
  const kind = { family: AF_INET, type: SOCK_DGRAM, proto: 0 };
  const [one, other] = [Other.make(kind), Other.make(kind)];
  one.bind(LOOPBACK);
  other.bind(LOOPBACK);
  one.connect(other.name);
  other.connect(one.name);
  return [one, other];
}
