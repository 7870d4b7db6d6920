import { signalOf } from '../common/call-options.ts';
import { errnoOf } from '../common/errno.ts';
import { SOCK_DGRAM } from '../common/constants.ts';
import { OSError, TimeoutError } from '../common/errors.ts';
import { awaited } from '../waiting/gate.ts';
import type { Limits } from '../waiting/waiters.ts';
import { boundPaths } from '../transports/bind.ts';
import { isUnix, type Endpoint } from '../transports/endpoint.ts';
import { Failure } from '../transports/failure.ts';
import { Stream } from '../transports/stream.ts';
import { bindStream, boundDatagrams, connectingFrom, freshOrBound } from './bind.ts';
import { coreOf, refused, type Core } from './core.ts';
import { resolve, targetOf } from './address.ts';
import { connectKernel } from './kernel-connect.ts';
import type { ConnectingState } from './state.ts';
import type { Target } from './target.ts';
import { given, limitsOf, nothing, tryNow, wait, type Operation } from './wait.ts';
import { kernelForName } from './unix-name.ts';

/** Connects to an address. */
export function connect(socket: unknown, address: unknown, options: unknown): Promise<void> {
  return begin(socket, 'connect', address, options);
}

/** Connects to an address; gives the number of an error of the system's instead of raising it. */
export function connectEx(socket: unknown, address: unknown, options: unknown): Promise<number> {
  return begin(socket, 'connectEx', address, options).then(() => 0, numberOf);
}

/** Connects to an address; `method` is the name of the method that the program called. */
function begin(socket: unknown, method: string, address: unknown, options: unknown): Promise<void> {
  try {
    const core = coreOf(socket, method);
    const own = core.state.kind === 'kernel' ? core.state.socket : kernelForName(core, 'connect', address, false);
    if (own !== undefined) return connectKernel(core, own, method, address, options);
    const target = connectTarget(core, address);
    const signal = signalOf(options, method);
    core.checkOpen('connect');
    signal?.throwIfAborted();
    const limits = limitsOf(core, 0, signal);
    if (core.type === SOCK_DGRAM) return awaited(() => connectDatagrams(core, target, limits));
    const { state } = core;
    if (state.kind === 'connecting' && state.isPolled) {
      return awaited(() => finishPolled(core, state.stream, target, limits));
    }
    return connectStream(core, target, limits);
  } catch (error) {
    return refused(error, method);
  }
}

/** The number of an error of the system's; other errors are raised. */
function numberOf(error: unknown): number {
  if (error instanceof TimeoutError && error.errno === null) return errnoOf('EAGAIN');
  if (error instanceof OSError && error.errno !== null && error.errno > 0) return error.errno;
  throw error;
}

/**
 * Waits for the connection that an earlier connect() began without waiting. As on Linux, one call succeeds when the
 * connection is open. Each call asks the kernel, so a program may call connect() until it succeeds.
 */
async function finishPolled(core: Core, stream: Stream, target: Target, limits: Limits): Promise<void> {
  const operation: Operation<true> = {
    attempt: () => stream.phase !== 'connecting' || undefined,
    address: target.text,
    wouldBlock: 'EALREADY',
  };
  await (tryNow(core, 'connect', stream.connectors, operation, limits.signal) ??
    wait(core, 'connect', stream.connectors, operation, limits));
  const { state } = core;
  if (state.kind === 'connecting' && state.stream === stream) core.setState({ ...state, isPolled: false });
  await connectStream(core, target, limits);
}

function connectStream(core: Core, target: Target, limits: Limits): Promise<void> {
  if (isConfirmed(core, target)) return given(undefined);
  checkConnectable(core, target);
  if (target.endpoint === undefined) return awaited(() => connectNamed(core, target, limits));
  return connectTo(core, target.endpoint, target, limits);
}

async function connectNamed(core: Core, target: Target, limits: Limits): Promise<void> {
  const remote = await resolve(core, 'connect', target, limits);
  checkConnectable(core, target);
  await connectTo(core, remote, target, limits);
}

function connectTo(core: Core, remote: Endpoint, target: Target, limits: Limits): Promise<void> {
  const { stream, isPolled } = startConnecting(core, remote, limits);
  if (isPolled) throw core.error('EINPROGRESS', 'connect', target.text);
  return untilConnected(core, stream, target, limits);
}

function untilConnected(core: Core, stream: Stream, target: Target, limits: Limits): Promise<void> {
  return wait(core, 'connect', stream.connectors, new Connecting(core, stream, target), limits).then(nothing);
}

/** A connection that is being made. */
class Connecting implements Operation<true> {
  readonly #core: Core;
  readonly #stream: Stream;
  readonly #target: Target;

  constructor(core: Core, stream: Stream, target: Target) {
    this.#core = core;
    this.#stream = stream;
    this.#target = target;
  }

  get address(): string {
    return this.#target.text;
  }

  attempt(): true | Failure | undefined {
    const outcome = this.#stream.connected();
    if (outcome === true) this.#core.syncConnectState();
    return outcome;
  }

  abandon(): void {
    abandonConnect(this.#core, this.#stream);
  }
}

async function connectDatagrams(core: Core, target: Target, limits: Limits): Promise<void> {
  const remote = target.endpoint ?? (await resolve(core, 'connect', target, limits));
  if (isUnix(remote)) throw core.error('ENOTSUP', 'connect', target.text);
  const datagrams = boundDatagrams(core, 'connect');
  const operation: Operation<true> = { attempt: datagrams.connector(remote), address: target.text };
  await (tryNow(core, 'connect', datagrams.writers, operation, limits.signal) ??
    wait(core, 'connect', datagrams.writers, operation, limits));
}

function connectTarget(core: Core, address: unknown): Target {
  const target = targetOf(core, 'connect', address);
  const isNameless = target.endpoint !== undefined && isUnix(target.endpoint) && target.endpoint.path === '';
  if (!isNameless) return target;
  core.checkOpen('connect');
  throw core.error('EINVAL', 'connect', "''");
}

/**
 * Whether the call confirms a connection, as one call does after a connect() with a time limit. Where a reset has ended the
 * connection, that call raises the reset instead, and the socket is as it was before connect().
 */
function isConfirmed(core: Core, target: Target): boolean {
  core.syncConnectState();
  const { state } = core;
  if (state.kind !== 'connected' || state.unconfirmed === undefined) return false;
  const { stream, unconfirmed } = state;
  if (stream.remote !== undefined) {
    core.setState({ ...state, unconfirmed: undefined });
    return true;
  }
  const failure = stream.takeFailure() ?? new Failure('ECONNABORTED');
  leaveStream(core, stream, unconfirmed.from, core.keepsPort);
  throw core.error(failure, 'connect', target.text);
}

/** Raises the error of a socket that cannot begin to connect. */
function checkConnectable(core: Core, target: Target): void {
  core.checkOpen('connect');
  core.syncConnectState();
  const { state } = core;
  switch (state.kind) {
    case 'connected':
    case 'listening':
      throw core.error('EISCONN', 'connect', target.text);
    case 'connecting': {
      const failure = state.stream.connected();
      if (!(failure instanceof Failure)) throw core.error('EALREADY', 'connect', target.text);
      abandonConnect(core, state.stream);
      throw core.error(failure, 'connect', target.text);
    }
    case 'fresh':
    case 'bound':
    case 'datagrams':
    case 'kernel':
    case 'closed':
      return;
  }
}

function startConnecting(core: Core, remote: Endpoint, { deadline }: Limits): ConnectingState {
  const before = connectingFrom(core);
  const from = before?.local;
  if (from !== undefined && isUnix(from) && !boundPaths) {
    const reason = 'a socket that is bound to a path can connect from Node 24.20 and 26.7 on';
    throw core.error(new Failure('ENOTSUP', undefined, reason), 'connect', from.path);
  }
  // Options that work from the first packet on need a descriptor before it, and Node makes one when it binds.
  const bindsFirst = before === undefined && core.chosenOptions?.wantDescriptor === true && !isUnix(remote);
  const bound = bindsFirst ? bindStream(core, core.unspecifiedAddress()) : before;
  const stream = Stream.connect(remote, bound, deadline === null);
  // A Unix connect does not wait for the peer to answer, so it is never left unfinished.
  const isLimited = deadline !== null && !isUnix(remote);
  const isPolled = isLimited && deadline === 'poll';
  const state: ConnectingState = { kind: 'connecting', stream, from, isPolled, isLimited };
  core.setState(state);
  return state;
}

/** Gives up a connection that is being made or that failed: the socket is as it was before. */
function abandonConnect(core: Core, stream: Stream): void {
  const { state } = core;
  if (state.kind !== 'connecting' || state.stream !== stream) return;
  leaveStream(core, stream, state.from, stream.phase === 'connecting' || core.keepsPort);
}

/** Closes a connection and forgets it: the socket is as it was before. */
function leaveStream(core: Core, stream: Stream, from: Endpoint | undefined, keepsPort: boolean): void {
  const { local } = stream;
  stream.close(false);
  core.setState(freshOrBound(core, from, keepsPort, local));
}
