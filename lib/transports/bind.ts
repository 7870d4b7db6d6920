import diagnostics from 'node:diagnostics_channel';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { Failure, failureOf } from './failure.ts';

/**
 * Bind and listen at once, as POSIX has it: the call itself fails, and the port is known when it returns.
 *
 * Node can do so since 24.19 and 26.4, with `net.BoundSocket`. Before that only `net._createServerHandle` could, which nobody
 * documents and which is there on Node 18 to 26 (measured). On a Node that has neither, bind() is refused.
 */

/** What may be chosen before a port is bound. */
export interface BindOptions {
  /** Leaves IPv4 alone (IPV6_V6ONLY). */
  readonly ipv6Only: boolean;
  /** Shares the port with others who ask for it too (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/** A TCP port that is bound, and neither listens nor is connected yet. Becoming either uses it up. */
export interface BoundPort {
  readonly host: string;
  readonly port: number;
  /** Gives the port back, at once. */
  close(): void;
  /** The socket that connects from the port. */
  toSocket(): net.Socket;
  /** What a `net.Server` listens on. */
  readonly handle: object;
  /** The descriptor, or −1 where Node does not tell it. */
  readonly descriptor: number;
}

/** The part of Node's own handles that is used here. */
interface ServerHandle {
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
  readonly fd?: number;
}

type CreateServerHandle = (
  host: string,
  port: number,
  addressType: 4 | 6,
  descriptor: undefined,
  flags: number,
) => ServerHandle | number;

/** The part of `node:net` that not every Node has. */
interface MaybeNet {
  readonly BoundSocket?: typeof net.BoundSocket;
  readonly _createServerHandle?: CreateServerHandle;
}

/** A way to bind a port: one of two, chosen by what this Node has. */
export type Binder = (host: string, port: number, options: BindOptions) => BoundPort | Failure;

/** Binds by what Node documents. */
function bindDocumented(BoundSocket: typeof net.BoundSocket): Binder {
  return (host, port, { ipv6Only, reusePort }) => {
    try {
      const handle = new BoundSocket({ host, port, ipv6Only, reusePort });
      const address = handle.address();
      return {
        host: address.address,
        port: address.port,
        handle,
        descriptor: handle.fd(),
        close: () => handle.close(),
        toSocket: () => new net.Socket({ handle, allowHalfOpen: true }),
      };
    } catch (error) {
      return failureOf(error);
    }
  };
}

// libuv's UV_TCP_IPV6ONLY and UV_TCP_REUSEPORT; Node 20 knows the first alone.
const IPV6_ONLY = 1;
const REUSE_PORT = 2;

/** Binds by what Node does not document. */
function bindUndocumented(createServerHandle: CreateServerHandle): Binder {
  return (host, port, { ipv6Only, reusePort }) => {
    const flags = (ipv6Only ? IPV6_ONLY : 0) | (reusePort ? REUSE_PORT : 0);
    const handle = createServerHandle(host, port, net.isIPv6(host) ? 6 : 4, undefined, flags);
    if (typeof handle === 'number') return failureOfStatus(handle);
    // libuv keeps EADDRINUSE back until listen() or connect(); asking for the name brings it out.
    const name: { address?: string; port?: number } = {};
    const status = handle.getsockname(name);
    if (status !== 0) {
      handle.close();
      return failureOfStatus(status);
    }
    // A cast, because the types know only the handle that is documented. Without `manualStart` Node would read at once: ENOTCONN.
    const options = { handle, manualStart: true, allowHalfOpen: true } as unknown as net.SocketConstructorOpts;
    return {
      host: name.address ?? host,
      port: name.port ?? port,
      handle,
      descriptor: handle.fd ?? -1,
      close: () => handle.close(),
      toSocket: () => new net.Socket(options),
    };
  };
}

function failureOfStatus(status: number): Failure {
  const code = getSystemErrorName(status);
  return failureOf(Object.assign(new Error(`bind ${code}`), { code, errno: status, syscall: 'bind' }));
}

/** Binds where neither way is there. */
const refuse: Binder = () =>
  new Failure('ENOTSUP', new Error(`Node ${process.versions.node} cannot bind before it listens or connects`));

/** The ways in which this Node can bind, the documented one first. */
export function bindersOf(node: MaybeNet): Binder[] {
  const binders: Binder[] = [];
  if (node.BoundSocket !== undefined) binders.push(bindDocumented(node.BoundSocket));
  if (node._createServerHandle !== undefined) binders.push(bindUndocumented(node._createServerHandle));
  return binders;
}

/** Binds a numeric address, at once. */
export const bindPort: Binder = bindersOf(net)[0] ?? refuse;

/** The diagnostics channel on which Node publishes a listen() that failed, within the call; the 'error' event comes later. */
const LISTEN_ERROR = 'tracing:net.server.listen:error';

/** Lets a server listen on a bound port, at once. The server must have an 'error' listener: the event comes as well. */
export function listenOn(server: net.Server, bound: BoundPort, backlog: number): Failure | undefined {
  let error: unknown;
  const onError = (message: unknown): void => {
    if (isListenError(message) && message.server === server) error = message.error;
  };
  diagnostics.subscribe(LISTEN_ERROR, onError);
  try {
    // Node takes 0 for its own default of 511.
    server.listen(bound.handle, Math.max(1, backlog));
  } finally {
    diagnostics.unsubscribe(LISTEN_ERROR, onError);
  }
  return server.listening ? undefined : failureOf(error);
}

function isListenError(message: unknown): message is { readonly server: unknown; readonly error: unknown } {
  return typeof message === 'object' && message !== null && 'server' in message && 'error' in message;
}
