import net from 'node:net';
import type { BindBackend, Bound } from './bound.ts';
import { inetEndpoint, isUnix, type Endpoint } from './endpoint.ts';
import { Failure, failureIn } from './failure.ts';

/**
 * Binds where no call binds without listening, as in Bun (1.4): a server listens from `bind()` on, and resets the
 * clients that connect before `listen()`; the kernel would refuse them. When Bun's `listen()` returns, the server is
 * listening; Node's looks the host up first.
 */
export const bindByListening: BindBackend = (local, { ipv6Only, reusePort }) => {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  // whyNot() finds the failure within the call.
  server.on('error', () => undefined);
  const address = isUnix(local) ? { path: local.path } : { ...local, ipv6Only, reusePort };
  // Exclusive, because a worker of node:cluster would ask its primary first, which takes a turn.
  const failure = failureIn(() => server.listen({ ...address, exclusive: true }));
  if (failure === undefined && server.listening) return boundBy(server, local);
  server.close();
  return failure ?? whyNot(address);
};

function boundBy(server: net.Server, local: Endpoint): Bound {
  // A Unix socket has no reset of its own.
  const refuse = (client: net.Socket): net.Socket => (isUnix(local) ? client.destroy() : client.resetAndDestroy());
  server.on('connection', refuse);
  // A socket that is only bound keeps no process alive.
  server.unref();
  const address = server.address();
  const own = typeof address === 'object' ? inetEndpoint(address?.address, address?.port) : undefined;
  return {
    local: own ?? local,
    handle: server,
    descriptor: -1,
    close: () => void server.close(),
    toServer() {
      server.off('connection', refuse);
      return server;
    },
    toSocket() {
      server.close();
      return own === undefined ? new net.Socket() : socketFrom(own.host, own.port);
    },
  };
}

/** A socket that connects from an address. */
function socketFrom(localAddress: string, localPort: number): net.Socket {
  const socket = new net.Socket();
  socket.allowHalfOpen = true;
  const connect = socket.connect.bind(socket);
  return Object.assign(socket, {
    connect: (options: net.TcpSocketConnectOpts) => connect({ ...options, localAddress, localPort }),
  });
}

/** The part of Bun that is used here; its `listen()` throws the error that `node:net` emits in the next tick. */
interface Bun {
  listen(options: object): { stop(closeAll: boolean): void };
}

function isBun(value: unknown): value is Bun {
  return typeof value === 'object' && value !== null && 'listen' in value && typeof value.listen === 'function';
}

function whyNot(address: { readonly path: string } | { readonly host: string; readonly port: number }): Failure {
  const bun: unknown = Reflect.get(globalThis, 'Bun');
  if (!isBun(bun)) return new Failure('ENOTSUP', undefined, 'this runtime cannot bind before it listens or connects');
  const where = 'path' in address ? { unix: address.path } : { ...address, hostname: address.host };
  const failure = failureIn(() => bun.listen({ ...where, socket: { data: () => undefined } }).stop(true));
  // This second attempt succeeded: the address was in use a moment ago, and is free now.
  return failure ?? new Failure('EADDRINUSE');
}
