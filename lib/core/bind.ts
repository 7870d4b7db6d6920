import { addressText, checkInetAddress, wildcardOf } from '../common/addresses.ts';
import { int, rangeError } from '../common/arguments.ts';
import { checkOptions } from '../common/call-options.ts';
import { AF_UNIX, SOCK_STREAM, SOMAXCONN } from '../common/constants.ts';
import { scopedHost } from '../names/interfaces.ts';
import { bindHost } from '../names/resolver.ts';
import { bind as bindTransport } from '../transports/bind.ts';
import type { Bound } from '../transports/bound.ts';
import type { Datagrams } from '../transports/datagram.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import { Listener } from '../transports/listener.ts';
import { coreOf, type Core } from './core.ts';
import { bindKernel, listenKernel } from './kernel-calls.ts';
import { FRESH, type State } from './state.ts';
import { toKernel } from './to-kernel.ts';
import { unixEndpoint } from './address.ts';
import { kernelForName } from './unix-name.ts';

/** Binds a socket to an address, at once. */
export function bind(socket: unknown, address: unknown): void {
  const core = coreOf(socket, 'bind');
  const own = core.state.kind === 'kernel' ? core.state.socket : kernelForName(core, 'bind', address, true);
  if (own !== undefined) return bindKernel(core, own, address);
  const { local, text } = bindTarget(core, address);
  core.checkOpen('bind');
  const { state } = core;
  switch (state.kind) {
    case 'fresh':
      bindStream(core, local);
      core.keepsPort = isUnix(local) || local.port !== 0;
      return;
    case 'datagrams':
      if (!state.datagrams.isBound) return bindDatagrams(core, state.datagrams, local);
      break;
    case 'bound':
    case 'listening':
    case 'connecting':
    case 'connected':
    case 'kernel':
    case 'closed':
      break;
  }
  throw core.error('EINVAL', 'bind', text);
}

/** Lets clients connect. */
export function listen(socket: unknown, backlog: unknown, options: unknown): void {
  const core = coreOf(socket, 'listen');
  const length = Math.min(Math.max(0, int(backlog, 'backlog')), SOMAXCONN);
  const queue = checkQueue(checkOptions(options, ['queue'], 'listen').queue, 'listen');
  core.checkOpen('listen');
  if (queue === 'kernel' && core.type === SOCK_STREAM) return listenKernel(core, toKernel(core, 'listen'), length);
  const { state } = core;
  switch (state.kind) {
    case 'fresh':
      return listenOn(core, bindStream(core, unboundListener(core)), length);
    case 'bound':
      return listenOn(core, state.bound, length);
    case 'listening':
    case 'closed':
      return;
    case 'kernel':
      return listenKernel(core, state.socket, length);
    case 'datagrams':
      throw core.error('ENOTSUP', 'listen');
    case 'connecting':
    case 'connected':
      throw core.error('EINVAL', 'listen');
  }
}

/** Who keeps the connections that wait to be accepted. */
export function checkQueue(queue: unknown, call: string): 'node' | 'kernel' {
  if (queue === undefined || queue === 'node') return 'node';
  if (queue !== 'kernel') throw rangeError(`${call}(): queue must be 'node' or 'kernel'`, queue);
  return queue;
}

/** Binds a stream's socket. */
export function bindStream(core: Core, local: Endpoint): Bound {
  const bound = bindTransport(local, core.options);
  if (bound instanceof Failure) throw core.error(bound, 'bind', addressText(core.address(local)));
  core.setState({ kind: 'bound', bound });
  return bound;
}

/** The datagram transport, bound or not. */
export function datagramsOf(core: Core, call: string): Datagrams {
  if (core.state.kind === 'datagrams') return core.state.datagrams;
  core.checkOpen(call);
  throw core.error('ENOTSUP', call);
}

/** Raises if a socket does not receive datagrams: it has to be bound, too. */
export function checkReceiving(socket: unknown, call: string): void {
  const core = coreOf(socket, call);
  if (!datagramsOf(core, call).isBound) throw core.error('EINVAL', call);
}

/** Whether datagrams can still come. */
export function isReceiving(socket: unknown): boolean {
  return coreOf(socket, 'recvfrom').state.kind === 'datagrams';
}

/** The datagram transport, bound: sending and connecting bind it implicitly. */
export function boundDatagrams(core: Core, call: string): Datagrams {
  const datagrams = datagramsOf(core, call);
  if (!datagrams.isBound) bindDatagrams(core, datagrams, core.unspecifiedAddress());
  return datagrams;
}

/** What a connection is made from, if the socket is or was bound. */
export function connectingFrom(core: Core): Bound | undefined {
  if (core.state.kind === 'bound') return core.state.bound;
  const host = keptHost(core);
  return host === undefined ? undefined : bindStream(core, { host, port: 0 });
}

/**
 * The state after listening ended, or after listen() or connect() failed: bound again to the same address, if that is
 * wanted and possible. A port that the system chose is free again, but Linux still reports it.
 *
 * @param local - where the socket was bound.
 * @param isKept - whether it is to be bound there again.
 * @param tried - the address that a connection was tried from.
 */
export function freshOrBound(core: Core, local: Endpoint | undefined, isKept: boolean, tried?: Endpoint): State {
  const bound = local === undefined || !isKept ? undefined : bindTransport(local, core.options);
  if (bound !== undefined && !(bound instanceof Failure)) return { kind: 'bound', bound };
  if (local !== undefined) return { kind: 'fresh', had: isUnix(local) ? undefined : local };
  if (tried === undefined || isUnix(tried)) return FRESH;
  return { kind: 'fresh', had: { host: wildcardOf(core.family), port: tried.port } };
}

function listenOn(core: Core, bound: Bound, backlog: number): void {
  const listener = Listener.listen(bound, backlog);
  if (listener instanceof Failure) {
    core.setState(freshOrBound(core, bound.local, core.keepsPort));
    throw core.error(listener, 'listen', addressText(core.address(bound.local)));
  }
  core.setState({ kind: 'listening', listener });
}

function bindDatagrams(core: Core, datagrams: Datagrams, local: Endpoint): void {
  if (isUnix(local)) throw core.error('ENOTSUP', 'bind');
  const { reuseAddress, reusePort, ipv6Only } = core.options;
  const failure = datagrams.bind(local, { reuseAddress, reusePort, ipv6Only });
  if (failure !== undefined) throw core.error(failure, 'bind', addressText(core.address(local)));
  core.options.attach(datagrams);
}

function bindTarget(core: Core, address: unknown): { readonly local: Endpoint; readonly text: string } {
  if (core.family === AF_UNIX) {
    const local = unixEndpoint(core, 'bind', address);
    // Linux would choose an abstract name, which Node cannot ask for.
    if (local.path === '') {
      core.checkOpen('bind');
      throw core.error('ENOTSUP', 'bind', "''");
    }
    return { local, text: addressText(local.path) };
  }
  const { host, port, scopeid } = checkInetAddress('bind', core.family, address);
  const local = { host: scopedHost(bindHost(core.family, host), scopeid), port };
  return { local, text: addressText([host, port, 0, scopeid]) };
}

/** What listen() binds to implicitly: a free port, but no path. */
function unboundListener(core: Core): Endpoint {
  if (core.family === AF_UNIX) throw core.error('EINVAL', 'listen');
  const host = keptHost(core);
  return host === undefined ? core.unspecifiedAddress() : { host, port: 0 };
}

/** The host that the program chose; it stays when the port is freed. */
function keptHost(core: Core): string | undefined {
  const host = core.state.kind === 'fresh' ? core.state.had?.host : undefined;
  return host === wildcardOf(core.family) ? undefined : host;
}
