import type { Address } from '../common/addresses.ts';
import { SOCK_DGRAM } from '../common/constants.ts';
import { fromCaller } from '../common/stack.ts';
import { coreOf, type Core } from './core.ts';
import type { State } from './state.ts';

/** How many bytes a chunk has at most: as many as one read of Node's. */
const CHUNK = 65_536;

/** A socket as iteration uses it: by its methods, so that those of a subclass count. */
interface Iterated<S> {
  accept(): Promise<[S, Address]>;
  recv(bufsize: number): Promise<Buffer>;
}

/**
 * What `for await` over a socket gives: a listener's connections, until it is closed; otherwise what has been received
 * each time, until the end of the stream, or datagrams.
 */
export function iterate<S>(socket: Iterated<S>): AsyncIterator<Buffer | [S, Address], void, undefined> {
  const core = coreOf(socket, '[Symbol.asyncIterator]');
  core.checkOpen('recv');
  const isListener = core.state.kind === 'kernel' ? core.state.socket.isListening : stateOf(core) === 'listening';
  const receive = async (): Promise<IteratorResult<Buffer, void>> => {
    const value = await socket.recv(CHUNK);
    // A datagram may be empty, and datagrams have no end.
    const isEnd = value.length === 0 && core.type !== SOCK_DGRAM;
    return isEnd ? { value: undefined, done: true } : { value, done: false };
  };
  const next = async (): Promise<IteratorResult<Buffer | [S, Address], void>> => {
    try {
      return isListener ? { value: await socket.accept(), done: false } : await receive();
    } catch (error) {
      if (isListener && stateOf(core) === 'closed') return { value: undefined, done: true };
      throw fromCaller(error, next);
    }
  };
  return { next };
}

function stateOf(core: Core): State['kind'] {
  return core.state.kind;
}
