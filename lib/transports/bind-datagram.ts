import dgram from 'node:dgram';
import { Failure, failureOf, failureIn } from './failure.ts';
import type { InetEndpoint } from './endpoint.ts';

/**
 * Bind and connect a `dgram.Socket` at once, as POSIX has it.
 *
 * Node can do so since 24.19 and 26.4, with `bindSync` and `connectSync`. Before that `bind` and `connect` are as
 * synchronous as the `lookup` that the socket was made with (seen on Node 20 to 26), so theirs calls back at once.
 */

/** What may be chosen before a port is bound. */
export interface DatagramBindOptions {
  /** Shares the port with others who set it too (SO_REUSEADDR). */
  readonly reuseAddress: boolean;
  /** Shares the port, and what comes to it, with others who set it too (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /** Leaves IPv4 alone (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
}

/** Binds and connects: one of two implementations, chosen by what this Node has. */
export interface DatagramBindBackend {
  /** Binds to a numeric address. A failure leaves the socket to be closed. */
  bind(socket: dgram.Socket, local: InetEndpoint): Failure | undefined;
  /**
   * Connects to a numeric address. Success is told at once; a failure is too, or else `undefined` is given and
   * `onFailure` called in the next tick.
   */
  connect(
    socket: dgram.Socket,
    remote: InetEndpoint,
    onFailure: (failure: Failure) => void,
  ): true | Failure | undefined;
}

/**
 * The part of `dgram.Socket` that not every Node has.
 *
 * @internal The types of an older Node do not have it either, so it is left out of the declarations.
 */
interface MaybeSync {
  readonly bindSync?: dgram.Socket['bindSync'];
  readonly connectSync?: dgram.Socket['connectSync'];
}

/** Binds and connects by what Node documents. */
const bySync: DatagramBindBackend = {
  bind: (socket, { host, port }) => failureIn(() => socket.bindSync({ address: host, port })),
  connect: (socket, { host, port }) => failureIn(() => socket.connectSync(port, host)) ?? true,
};

/** Binds and connects by a look-up that calls back at once. */
const byLookup: DatagramBindBackend = {
  bind: (socket, { host, port }) => {
    let failure: Failure | undefined;
    const onError = (error: Error): void => {
      failure = failureOf(error);
    };
    socket.on('error', onError);
    // Exclusive, because a worker of node:cluster would ask its primary first, which takes a turn.
    const thrown = failureIn(() => socket.bind({ address: host, port, exclusive: true }));
    socket.off('error', onError);
    return thrown ?? failure ?? failureToBind(socket);
  },
  connect: (socket, { host, port }, onFailure) => {
    const onOutcome = (error?: Error): void => {
      if (error !== undefined) onFailure(failureOf(error));
    };
    const thrown = failureIn(() => socket.connect(port, host, onOutcome));
    if (thrown !== undefined) return thrown;
    // Node throws where it did not connect; why it did not, it tells in the next tick.
    if (failureIn(() => socket.remoteAddress()) !== undefined) return undefined;
    // Else a listener a call would stay until the next tick, and Node warns of a leak of eleven.
    socket.off('connect', onOutcome);
    return true;
  },
};

/** Bun (1.4) binds only after the call, whatever the look-up does, and tells then what the port is. */
function failureToBind(socket: dgram.Socket): Failure | undefined {
  const failure = failureIn(() => socket.address());
  return failure && new Failure('ENOTSUP', failure.cause, 'this runtime binds no datagram socket within the call');
}

/**
 * The ways in which this Node can bind and connect, the documented one first.
 *
 * @internal
 */
export function datagramBindBackendsOf(socket: MaybeSync): DatagramBindBackend[] {
  return socket.bindSync === undefined || socket.connectSync === undefined ? [byLookup] : [bySync, byLookup];
}

/** The implementation that this Node allows. */
export const datagramBindBackend: DatagramBindBackend = datagramBindBackendsOf(dgram.Socket.prototype)[0] ?? byLookup;

/** Whether sockets are connected in the kernel; asked of each backend when it is first wanted. */
const inKernel = new Map<DatagramBindBackend, boolean>();

/**
 * Whether the kernel knows of a connection, and lets in its peer alone. Deno (2.9) only keeps the peer's address: a
 * socket that is bound to all addresses stays so, where the kernel chooses the one that leads to the peer (Linux,
 * `ip4_datagram_connect`).
 */
export function connectsInKernel(backend: DatagramBindBackend): boolean {
  let known = inKernel.get(backend);
  if (known === undefined) {
    known = choosesAddress(backend);
    inKernel.set(backend, known);
  }
  return known;
}

function choosesAddress(backend: DatagramBindBackend): boolean {
  const all = { host: '0.0.0.0', port: 0 };
  const socket = bindOne(4, all, { reuseAddress: false, reusePort: false, ipv6Only: false }, backend);
  if (socket instanceof Failure) return true;
  // Nothing is sent; the port is that of discard.
  const isConnected = backend.connect(socket, { host: '127.0.0.1', port: 9 }, () => undefined) === true;
  const chooses = !isConnected || socket.address().address !== all.host;
  socket.close();
  return chooses;
}

/** How often a port that was free a moment ago may have been taken by another process. */
const RACES = 8;

/**
 * A socket that is bound to a numeric address, at once.
 *
 * A free port is found with another socket and then asked for by its number: Linux forgets a port of its own choice
 * when a socket is disconnected, and Node has to disconnect a socket before it connects it anew (measured; it costs 12
 * µs).
 */
export function bindDatagram(
  family: 4 | 6,
  local: InetEndpoint,
  options: DatagramBindOptions,
  backend: DatagramBindBackend = datagramBindBackend,
): dgram.Socket | Failure {
  for (let races = 0; local.port === 0 && races < RACES; races += 1) {
    const probe = bindOne(family, local, options, backend);
    if (probe instanceof Failure) return probe;
    const { port } = probe.address();
    probe.close();
    const socket = bindOne(family, { host: local.host, port }, options, backend);
    if (!(socket instanceof Failure) || socket.code !== 'EADDRINUSE') return socket;
  }
  return bindOne(family, local, options, backend);
}

function bindOne(
  family: 4 | 6,
  local: InetEndpoint,
  { reuseAddress, reusePort, ipv6Only }: DatagramBindOptions,
  backend: DatagramBindBackend,
): dgram.Socket | Failure {
  const socket = create(family, { reuseAddr: reuseAddress, reusePort, ipv6Only });
  const failure = backend.bind(socket, local);
  if (failure === undefined) return socket;
  socket.close();
  return failure;
}

function create(family: 4 | 6, options: Omit<dgram.SocketOptions, 'type'>): dgram.Socket {
  return dgram.createSocket({
    ...options,
    type: family === 6 ? 'udp6' : 'udp4',
    // Every address that comes here is numeric. Node's own look-up takes a turn for each datagram, a fifth of the speed
    // (measured).
    lookup: (host, _options, callback) => callback(null, host, family),
  });
}

/** A socket over a descriptor that is bound already, and connected or not. */
export function openDatagram(family: 4 | 6, descriptor: number, isConnected: boolean): dgram.Socket | Failure {
  const socket = create(family, {});
  // Exclusive, because a worker of node:cluster would ask its primary for the primary's descriptor of that number.
  const failure = failureIn(() => socket.bind({ fd: descriptor, exclusive: true })) ?? failureOfOpened(socket, family);
  const connected = failure !== undefined || !isConnected || knowConnected(socket);
  if (failure === undefined && connected) return socket;
  socket.close();
  return (
    failure ?? new Failure('ENOTSUP', undefined, `Node ${process.versions.node} takes no connected datagram socket`)
  );
}

function failureOfOpened(socket: dgram.Socket, family: 4 | 6): Failure | undefined {
  const { port, family: actual } = socket.address();
  if (port === 0) return new Failure('ENOTSUP', undefined, 'the descriptor is not bound');
  return actual === `IPv${family}`
    ? undefined
    : new Failure('EAFNOSUPPORT', undefined, `the descriptor is of ${actual}`);
}

/** Node's number for a socket that is connected (Node 20 to 26). */
const CONNECTED = 2;

/**
 * Lets Node know that a socket over a descriptor is connected, which it does not find out by itself; whether it
 * believes it.
 */
function knowConnected(socket: dgram.Socket): boolean {
  const state = stateOf(socket);
  if (state === undefined || !('connectState' in state)) return false;
  state.connectState = CONNECTED;
  return failureIn(() => socket.remoteAddress()) === undefined;
}

/** The descriptor, or −1 where Node does not tell it. */
export function datagramDescriptor(socket: dgram.Socket): number {
  const handle = datagramHandle(socket);
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return -1;
  return typeof handle.fd === 'number' ? handle.fd : -1;
}

/** What libuv knows of a socket, which is not documented; `undefined` where Node does not tell it. */
export function datagramHandle(socket: dgram.Socket): unknown {
  return stateOf(socket)?.handle;
}

/** What Node knows of a socket, which is not documented: it is under a symbol, on Node 20 to 26. */
function stateOf(socket: dgram.Socket): { readonly handle: unknown } | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const state: unknown = Reflect.get(socket, symbol);
    if (typeof state === 'object' && state !== null && 'handle' in state) return state;
  }
  return undefined;
}
