import dgram from 'node:dgram';
import { Failure, failureOf, failureIn } from './failure.ts';
import type { InetEndpoint } from './endpoint.ts';

/**
 * Binds and connects a `dgram.Socket` at once, as POSIX has it.
 *
 * Since 24.19 and 26.4, Node can do so with `bindSync` and `connectSync`. In older versions `bind` and `connect` are as
 * synchronous as the `lookup` that the socket was made with, so these sockets get one that calls back at once.
 */

/** The options that count when a port is bound. */
export interface DatagramBindOptions {
  /** Shares the port with other sockets that set this too (SO_REUSEADDR). */
  readonly reuseAddress: boolean;
  /** Shares the port, and the datagrams sent to it, with other sockets that set this too (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /** Takes IPv6 only, and leaves IPv4 to other sockets (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
}

/** Binds and connects: one of two implementations, chosen by what this Node has. */
export interface DatagramBindBackend {
  /** Binds to a numeric address. A failure leaves the socket to be closed. */
  bind(socket: dgram.Socket, local: InetEndpoint): Failure | undefined;
  /**
   * Connects to a numeric address. Returns true, or a failure, or `undefined` where the failure is passed to
   * `onFailure` in the next tick.
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

/** Binds and connects by the methods that Node documents for it. */
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
    // Exclusive, because a worker of node:cluster would ask its primary first, which takes a turn of the event loop.
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
    // remoteAddress() throws where the socket did not connect; Node gives the reason in the next tick.
    if (failureIn(() => socket.remoteAddress()) !== undefined) return undefined;
    // Otherwise one listener per call would stay until the next tick, and Node warns of a leak at eleven.
    socket.off('connect', onOutcome);
    return true;
  },
};

/** Bun (1.4) binds only after the call, whatever the look-up does, and knows the port only then. */
function failureToBind(socket: dgram.Socket): Failure | undefined {
  const failure = failureIn(() => socket.address());
  return failure && new Failure('ENOTSUP', failure.cause, 'this runtime cannot bind a datagram socket within the call');
}

/**
 * The backends by which this Node can bind and connect, the documented one first.
 *
 * @internal
 */
export function datagramBindBackendsOf(socket: MaybeSync): DatagramBindBackend[] {
  return socket.bindSync === undefined || socket.connectSync === undefined ? [byLookup] : [bySync, byLookup];
}

/** The first backend that this Node has. */
export const datagramBindBackend: DatagramBindBackend = datagramBindBackendsOf(dgram.Socket.prototype)[0] ?? byLookup;

/** Whether a backend connects sockets in the kernel; found out when it is first needed. */
const inKernel = new Map<DatagramBindBackend, boolean>();

/**
 * Whether the kernel knows of a connection, and lets in datagrams from its peer only. Deno (2.9) only keeps the peer's
 * address: there a socket bound to all addresses stays so, where the kernel would choose the address that leads to the
 * peer (`ip4_datagram_connect` in Linux).
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
  // connect() sends nothing; port 9 is the discard service.
  const isConnected = backend.connect(socket, { host: '127.0.0.1', port: 9 }, () => undefined) === true;
  const chooses = !isConnected || socket.address().address !== all.host;
  socket.close();
  return chooses;
}

/** How often the search for a free port is repeated, where another process takes the one that was found. */
const RACES = 8;

/**
 * A socket that is bound to a numeric address, at once.
 *
 * A free port is found with another socket and then bound by its number: when a socket is disconnected, Linux forgets a
 * port that it chose itself, and Node has to disconnect a socket before it connects it anew.
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
    // Every address here is numeric. Node's own look-up would delay each datagram by a turn of the event loop.
    lookup: (host, _options, callback) => callback(null, host, family),
  });
}

/** A socket over a descriptor that is bound, and perhaps connected. */
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
 * Makes Node treat a socket over a descriptor as connected, which it does not find out by itself. Returns whether it
 * does so now.
 */
function knowConnected(socket: dgram.Socket): boolean {
  const state = stateOf(socket);
  if (state === undefined || !('connectState' in state)) return false;
  state.connectState = CONNECTED;
  return failureIn(() => socket.remoteAddress()) === undefined;
}

/** The descriptor, or −1 where Node does not give it. */
export function datagramDescriptor(socket: dgram.Socket): number {
  const handle = datagramHandle(socket);
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return -1;
  return typeof handle.fd === 'number' ? handle.fd : -1;
}

/** libuv's handle of a socket, which is not documented; `undefined` where Node does not give it. */
export function datagramHandle(socket: dgram.Socket): unknown {
  return stateOf(socket)?.handle;
}

/** Makes libuv leave what comes in the kernel; false where Node's handle does not have that method, which is not documented. */
export function stopReceiving(socket: dgram.Socket): boolean {
  const handle = datagramHandle(socket);
  if (typeof handle !== 'object' || handle === null) return false;
  const stop: unknown = Reflect.get(handle, 'recvStop');
  return typeof stop === 'function' && Reflect.apply(stop, handle, []) === 0;
}

/** Node's own state of a socket, which is not documented: Node 20 to 26 keep it under a symbol. */
function stateOf(socket: dgram.Socket): { readonly handle: unknown } | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const state: unknown = Reflect.get(socket, symbol);
    if (typeof state === 'object' && state !== null && 'handle' in state) return state;
  }
  return undefined;
}
