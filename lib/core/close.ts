import { int } from '../common/arguments.ts';
import { AF_UNIX, SHUT_RD, SHUT_RDWR, SHUT_WR } from '../common/constants.ts';
import type { Listener } from '../transports/listener.ts';
import { isUnix } from '../transports/endpoint.ts';
import { freshOrBound } from './bind.ts';
import { coreOf, type Core } from './core.ts';

/** Shuts down one direction of a connection, or both. */
export function shutdown(socket: unknown, how: unknown): void {
  const core = coreOf(socket, 'shutdown');
  const direction = int(how, 'how');
  core.checkOpen('shutdown');
  if (direction !== SHUT_RD && direction !== SHUT_WR && direction !== SHUT_RDWR) throw core.error('EINVAL', 'shutdown');
  const input = direction !== SHUT_WR;
  const output = direction !== SHUT_RD;
  core.syncConnectState();
  const { state } = core;
  switch (state.kind) {
    case 'listening':
      if (input) stopListening(core, state.listener);
      return;
    case 'datagrams': {
      const failure = state.datagrams.shutdown(input, output);
      if (failure !== undefined) throw core.error(failure, 'shutdown');
      return;
    }
    case 'kernel': {
      const failure = state.socket.shutdown(direction);
      if (failure !== undefined) throw core.error(failure, 'shutdown');
      return;
    }
    case 'connected':
      if (state.unconfirmed !== undefined) core.setState({ ...state, unconfirmed: undefined });
      if (state.stream.remote === undefined) break;
      if (input) state.stream.shutdownRead();
      if (output) state.stream.shutdownWrite();
      return;
    case 'fresh':
    case 'bound':
    case 'connecting':
    case 'closed':
      break;
  }
  if (core.family !== AF_UNIX) throw core.error('ENOTCONN', 'shutdown');
}

/** Closes the socket. */
export function close(socket: unknown): void {
  coreOf(socket, 'close').close();
}

/** Closes a connection at once, as its core does. */
export function discard(socket: unknown, reset: boolean): void {
  coreOf(socket, 'close').discard(reset);
}

function stopListening(core: Core, listener: Listener): void {
  listener.shutdown();
  core.setState(freshOrBound(core, listener.local, core.keepsPort || isUnix(listener.local)));
}
