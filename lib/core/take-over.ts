import { SOCK_STREAM } from '../common/constants.ts';
import { rangeError } from '../common/arguments.ts';
import { Failure } from '../transports/failure.ts';
import { plainRules } from './call-rules.ts';
import { coreOf, type Core } from './core.ts';

/** What a socket gives to an adaptor. */
export interface TakenOver {
  /** Fresh, bound or connected. It has no time limit: an adaptor has its own. */
  readonly core: Core;
  /** What files of the socket have read and the program has not. */
  readonly readAhead: Buffer;
}

/**
 * Takes a connection, or a socket that can still be connected, away from its socket, as Python's `detach()` does: the
 * socket is closed by that, and its calls that wait end.
 *
 * @param method - the method that the program called.
 */
export function takeOver(socket: unknown, method: string): TakenOver {
  const owner = coreOf(socket, method);
  if (owner.type !== SOCK_STREAM) throw rangeError('only SOCK_STREAM type sockets are supported', socket);
  owner.checkOpen(method);
  owner.syncConnectState();
  const { state } = owner;
  if (state.kind === 'listening') throw owner.error(new Failure('EINVAL', undefined, 'the socket listens'), method);
  if (state.kind === 'connecting') throw owner.error('EALREADY', method);
  if (state.kind !== 'connected' && owner.rules !== plainRules) {
    // Only the TLS socket itself can put TLS over the connection that it makes.
    throw owner.error(new Failure('ENOTCONN', undefined, 'a TLS socket has to be connected first'), method);
  }
  const readAhead = owner.takeReadAhead();
  const core = owner.handOver('socket.socket');
  core.timeout = null;
  if (state.kind === 'connected') state.stream.endWaits();
  return { core, readAhead };
}
