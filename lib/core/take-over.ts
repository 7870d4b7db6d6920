import { rangeError } from '../common/arguments.ts';
import { SOCK_STREAM } from '../common/constants.ts';
import { Failure } from '../transports/failure.ts';
import { plainRules } from './call-rules.ts';
import { coreOf, type Core } from './core.ts';

/** What a socket gives to an adaptor. */
export interface TakenOver {
  /** It has no time limit: an adaptor has its own. */
  readonly core: Core;
  /** What files of the socket have read and the program has not. */
  readonly readAhead: Buffer;
  /** Whether it is a connection with TLS. */
  readonly encrypts: boolean;
}

/**
 * Takes the connection away from a socket, as Python's `detach()` does: the socket is closed by that, and its calls that
 * wait end.
 *
 * @param method - the method that the program called.
 */
export function takeConnection(socket: unknown, method: string): TakenOver {
  const owner = openStreamSocket(socket, method);
  if (owner.state.kind !== 'connected') throw owner.error('ENOTCONN', method);
  return taken(owner);
}

/** The same, also where the socket can still be connected: then the core is fresh or bound. */
export function takeConnectable(socket: unknown, method: string): TakenOver {
  const owner = openStreamSocket(socket, method);
  const { kind } = owner.state;
  if (kind === 'listening') throw owner.error(new Failure('EINVAL', undefined, 'the socket listens'), method);
  if (kind === 'connecting') throw owner.error('EALREADY', method);
  if (kind !== 'connected' && owner.rules !== plainRules) {
    // Only the TLS socket itself can put TLS over the connection that it makes.
    throw owner.error(new Failure('ENOTCONN', undefined, 'a TLS socket has to be connected first'), method);
  }
  return taken(owner);
}

function openStreamSocket(socket: unknown, method: string): Core {
  const owner = coreOf(socket, method);
  if (owner.type !== SOCK_STREAM) throw rangeError('only SOCK_STREAM type sockets are supported', socket);
  owner.checkOpen(method);
  owner.syncConnectState();
  return owner;
}

function taken(owner: Core): TakenOver {
  const {
    state,
    rules: { encrypts },
  } = owner;
  const readAhead = owner.takeReadAhead();
  const core = owner.handOver('socket.socket');
  core.timeout = null;
  if (state.kind === 'connected') state.stream.endWaits();
  return { core, readAhead, encrypts };
}
