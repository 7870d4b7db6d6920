import { DatagramSending } from '../../lib/core/sending.ts';
import { wildcardOf } from '../../lib/common/addresses.ts';
import { AF_INET, AF_INET6 } from '../../lib/common/constants.ts';
import { WaitAborted, type Limits, type WaiterList } from '../../lib/waiting/waiters.ts';
import type { DatagramBindBackend, DatagramBindOptions } from '../../lib/transports/bind-datagram.ts';
import { senderBackend } from '../../lib/transports/datagram-backend.ts';
import { Datagrams } from '../../lib/transports/datagram.ts';
import type { Received } from '../../lib/transports/source.ts';
import { dgramBackend } from '../../lib/transports/dgram-handle.ts';
import { Failure } from '../../lib/transports/failure.ts';
import type { InetEndpoint } from '../../lib/transports/endpoint.ts';
import { reservedPort } from './ports.ts';

const FOR_EVER: Limits = { deadline: null, signal: undefined };
const POLL: Limits = { deadline: 'poll', signal: undefined };

/** The options, all off. */
export const plain: DatagramBindOptions = { reuseAddress: false, reusePort: false, ipv6Only: false };

/** Does what an awaited call does: tries at once if no other call waits, else waits after those that do. */
export function perform<T>(
  waiters: WaiterList,
  attempt: () => T | undefined,
  limits = FOR_EVER,
): Promise<T | WaitAborted> {
  const result = waiters.length === 0 ? attempt() : undefined;
  return result === undefined ? waiters.wait(attempt, limits) : Promise.resolve(result);
}

/** The outcome of a call: its result, or a word for why it has none. */
export type Outcome<T> = T | string;

function inWords<T>(outcome: T | Failure | WaitAborted | undefined): Outcome<T | undefined> {
  if (outcome instanceof Failure) return outcome.code;
  return outcome instanceof WaitAborted ? outcome.reason : outcome;
}

/** Sockets that are closed after each test. */
export class Sockets {
  readonly #backend: DatagramBindBackend;
  readonly #open: Datagrams[] = [];

  constructor(backend: DatagramBindBackend) {
    this.#backend = backend;
  }

  /** A socket that is not bound. */
  fresh(family: 4 | 6 = 4, backend = this.#backend): Datagrams {
    const socket = new Datagrams(family, dgramBackend(backend, senderBackend));
    this.#open.push(socket);
    return socket;
  }

  /** A socket on a port of the loopback address, with that address. */
  bound(family: 4 | 6 = 4, port = 0): [Datagrams, InetEndpoint] {
    return this.boundTo(family === 4 ? '127.0.0.1' : '::1', family, port);
  }

  /** A socket on a free port of all interfaces, as the kernel binds one that sends. */
  wild(family: 4 | 6 = 4): Datagrams {
    return this.boundTo(wildcardOf(family === 4 ? AF_INET : AF_INET6), family)[0];
  }

  /** A socket on a free port, or on the one given, with its address. */
  boundTo(host: string, family: 4 | 6 = 4, port = 0): [Datagrams, InetEndpoint] {
    const socket = this.fresh(family);
    const failure = socket.bind({ host, port }, plain);
    if (failure !== undefined) throw new Error(`cannot bind to ${host}: ${failure.code}`);
    return [socket, localOf(socket)];
  }

  /** An address at which no socket is. */
  unused(): InetEndpoint {
    return { host: '127.0.0.1', port: reservedPort() };
  }

  close(): void {
    for (const socket of this.#open.splice(0)) socket.close();
  }
}

/** The address of a socket that is bound. */
export function localOf(socket: Datagrams): InetEndpoint {
  if (socket.local === undefined) throw new Error('the socket is not bound');
  return socket.local;
}

/** Sends; a string goes out as UTF-8. */
export async function send(
  socket: Datagrams,
  data: string | Buffer,
  to?: InetEndpoint,
): Promise<Outcome<number | undefined>> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return inWords(await perform(socket.writers, sender(socket, bytes, to)));
}

/** The attempt to send a datagram, which goes on where it is made again. */
export function sender(socket: Datagrams, bytes: Buffer, to?: InetEndpoint): () => number | Failure | undefined {
  const sending = new DatagramSending(socket, bytes, to);
  return () => sending.attempt();
}

export async function connect(socket: Datagrams, remote: InetEndpoint): Promise<Outcome<true | undefined>> {
  return inWords(await perform(socket.writers, socket.connector(remote)));
}

/** Receives within limits, or without limits where none are given. */
export async function receive(
  socket: Datagrams,
  { size = 65536, peek = false, limits = FOR_EVER }: { size?: number; peek?: boolean; limits?: Limits } = {},
): Promise<Outcome<Received | undefined>> {
  const flags = { peek, unlimited: limits.deadline === null };
  return inWords(await perform(socket.readers, () => socket.receive(size, flags), limits));
}

/** The text of the next datagram, or a word for the error. */
export async function text(socket: Datagrams, limits = FOR_EVER): Promise<string | undefined> {
  const outcome = await receive(socket, { limits });
  return typeof outcome === 'object' ? outcome.data.toString() : outcome;
}

/** The text of a datagram that has arrived already, or `'timeout'`. */
export function polled(socket: Datagrams): Promise<string | undefined> {
  return text(socket, POLL);
}
