import diagnostics from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { isUnix, type Endpoint } from './endpoint.ts';
import { bindByListening } from './bind-by-listening.ts';
import type { BindBackend, Bound } from './bound.ts';
import { Failure, failureOf, systemError } from './failure.ts';
import { findBindFlags } from './node-handles.ts';
import { hold, release } from './open-descriptors.ts';

/**
 * Binds and listens at once, as POSIX has it: the call itself fails, and the port is known when it returns.
 *
 * Since 24.19 and 26.4, Node can do so with `net.BoundSocket`. In older versions only `net._createServerHandle` can,
 * which is not documented and exists on Node 18 to 26. On a Node that has neither, bind() is refused.
 */

/** Notes the descriptor of a bound address, until that is used up or closed. */
export function holding(bound: Bound): Bound {
  const held: Bound = {
    ...bound,
    close: () => {
      release(held);
      bound.close();
    },
    toSocket: () => {
      release(held);
      return bound.toSocket();
    },
  };
  hold(held);
  return held;
}

/** The part of Node's own handles that is used here. */
interface LibuvServerHandle {
  /** Handles of Unix sockets do not have it. */
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
  readonly fd?: number;
}

/** For a path, port and address type are −1. */
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6 | -1,
  descriptor?: undefined,
  flags?: number,
) => LibuvServerHandle | number;

/**
 * The part of `node:net` that not every Node has.
 *
 * @internal The types of an older Node do not have it either, so it is left out of the declarations.
 */
interface MaybeNet {
  readonly BoundSocket?: typeof net.BoundSocket;
  readonly _createServerHandle?: CreateServerHandle;
}

/** The types of Node do not know the path yet. */
type PathOptions = net.BoundSocketOptions & { readonly path?: string };

/** Binds by the class that Node documents. */
function bindDocumented(BoundSocket: typeof net.BoundSocket): BindBackend {
  return (local, { ipv6Only, reusePort }) => {
    try {
      const options: PathOptions = isUnix(local) ? { path: local.path } : { ...local, ipv6Only, reusePort };
      const handle = new BoundSocket(options);
      return {
        local: isUnix(local) ? local : endpointOf(handle.address()),
        handle,
        descriptor: handle.fd(),
        close: () => handle.close(),
        toSocket: () => new net.Socket({ handle, allowHalfOpen: true }),
      };
    } catch (error) {
      return withMissingFolder(failureOf(error), local);
    }
  };
}

function endpointOf({ address, port }: { address: string; port: number }): Endpoint {
  return { host: address, port };
}

const { IPV6_ONLY, REUSE_PORT } = findBindFlags(process);

/** Binds by the function that Node does not document. */
function bindUndocumented(createServerHandle: CreateServerHandle): BindBackend {
  return (local, { ipv6Only, reusePort }) => {
    const flags = (ipv6Only ? IPV6_ONLY : 0) | (reusePort ? REUSE_PORT : 0);
    // Not isIPv6(): Node would compile a regular expression for it, which takes 3 ms.
    const handle = isUnix(local)
      ? createServerHandle(local.path, -1, -1)
      : createServerHandle(local.host, local.port, net.isIPv4(local.host) ? 4 : 6, undefined, flags);
    if (typeof handle === 'number') return withMissingFolder(failureOf(systemError('bind', handle)), local);
    // libuv holds EADDRINUSE back until listen() or connect(); asking for the name brings it out.
    const name: { address?: string; port?: number } = {};
    const status = handle.getsockname?.(name) ?? 0;
    if (status !== 0) {
      handle.close();
      return failureOf(systemError('bind', status));
    }
    // A cast, because the types know only the documented handle. Without `manualStart` Node would read at once and fail
    // with ENOTCONN.
    const options = { handle, manualStart: true, allowHalfOpen: true } as unknown as net.SocketConstructorOpts;
    return {
      local: isUnix(local) ? local : { host: name.address ?? local.host, port: name.port ?? local.port },
      handle,
      descriptor: handle.fd ?? -1,
      close: () => handle.close(),
      toSocket: () => new net.Socket(options),
    };
  };
}

/** libuv reports EACCES for a path in a folder that does not exist; Linux reports ENOENT. */
function withMissingFolder(failure: Failure, local: Endpoint): Failure {
  if (failure.code !== 'EACCES' || !isUnix(local) || existsSync(dirname(local.path))) return failure;
  return new Failure('ENOENT', failure.cause);
}

/**
 * The backends by which this Node can bind, the documented one first.
 *
 * @internal
 */
export function bindBackendsOf(node: MaybeNet): BindBackend[] {
  const found: BindBackend[] = [];
  if (node.BoundSocket !== undefined) found.push(bindDocumented(node.BoundSocket));
  if (node._createServerHandle !== undefined) found.push(bindUndocumented(node._createServerHandle));
  if (found.length === 0) found.push(bindByListening);
  return found;
}

const bindBackends = bindBackendsOf(net);

/** BoundSocket takes paths only since 24.20 and 26.7. What binds paths in older versions can only listen. */
export const boundPaths = 'BoundSocket' in net && 'isPipe' in net.BoundSocket.prototype;

/** Whether an abstract name stays as it is: Node 20 pads it with NULs to 108 bytes, which is another name. */
export const keepsAbstractNames = Number(process.versions.node.split('.')[0]) >= 22;

/** Binds a numeric address or a path, at once. */
export const bind: BindBackend = (local, options) => {
  const backend = (isUnix(local) && !boundPaths ? bindBackends.at(-1) : bindBackends[0]) ?? bindByListening;
  const bound = backend(local, options);
  if (bound instanceof Failure) return bound;
  if (!options.ipv6Only || isUnix(bound.local) || bound.local.host !== '::') return holding(bound);
  obeysIPv6Only ??= refusesIPv4(backend);
  if (obeysIPv6Only) return holding(bound);
  bound.close();
  return new Failure('ENOPROTOOPT', undefined, 'this runtime takes IPV6_V6ONLY, and accepts IPv4 all the same');
};

/** Whether IPV6_V6ONLY is obeyed; found out when it is first needed. */
let obeysIPv6Only: boolean | undefined;

/**
 * Whether a socket for IPv6 only refuses an IPv4 address, as it has to (ipv6(7), EINVAL). Deno's (2.9) does not.
 *
 * @internal
 */
export function refusesIPv4(backend: BindBackend): boolean {
  const bound = backend({ host: '::ffff:127.0.0.1', port: 0 }, { ipv6Only: true, reusePort: false });
  if (bound instanceof Failure) return true;
  bound.close();
  return false;
}

/**
 * The diagnostics channel on which Node reports within the call that listen() failed; the 'error' event comes later.
 */
const LISTEN_ERROR = 'tracing:net.server.listen:error';

/** The method that `net.Server.listen()` calls last, once the server has its handle (Node 20 to 26). */
interface ListeningByHandle {
  _handle: object | null;
  _listen2(address: null, port: -1, addressType: -1, backlog: number): void;
}

function listensByHandle(server: object): server is ListeningByHandle {
  return '_handle' in server && '_listen2' in server && typeof server._listen2 === 'function';
}

/** A handle of Node's own that can listen by itself; a `BoundSocket` and a `net.Socket` cannot. */
function isOwnHandle(handle: object): boolean {
  return 'listen' in handle;
}

/**
 * Begins to listen. Node's `listen()` adopts a TCP handle that it is given. Of a Unix handle it opens the descriptor a
 * second time (Node 20 to 26) and never closes the first handle: at the end of the thread that one closes whatever has
 * its number by then, and removes whatever is at its path. So a Unix handle is put into the server first, as `listen()`
 * does it for TCP.
 */
function startListening(server: net.Server & Partial<ListeningByHandle>, { handle }: Bound, backlog: number): void {
  if (server.listening) return;
  if (isOwnHandle(handle) && listensByHandle(server)) {
    server._handle = handle;
    server._listen2(null, -1, -1, backlog);
  } else {
    server.listen(handle, backlog);
  }
}

/** Lets a server listen on a bound port, at once. The server must have an 'error' listener: the event comes as well. */
export function listenOn(server: net.Server, bound: Bound, backlog: number): Failure | undefined {
  release(bound);
  let error: unknown;
  const onError = (message: unknown): void => {
    if (isListenError(message) && message.server === server) error = message.error;
  };
  diagnostics.subscribe(LISTEN_ERROR, onError);
  try {
    // Node takes 0 for its own default of 511.
    startListening(server, bound, Math.max(1, backlog));
  } finally {
    diagnostics.unsubscribe(LISTEN_ERROR, onError);
  }
  return server.listening ? undefined : failureOf(error);
}

function isListenError(message: unknown): message is { readonly server: unknown; readonly error: unknown } {
  return typeof message === 'object' && message !== null && 'server' in message && 'error' in message;
}
