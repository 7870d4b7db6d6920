import { typeError } from '../common/arguments.ts';
import { checkOptions } from '../common/call-options.ts';
import { coreOf } from '../core/core.ts';
import { takeConnectable } from '../core/take-over.ts';
import { SocketDuplex } from './socket-duplex.ts';

/** How {@link Socket.toDuplex} makes a stream. */
export interface DuplexOptions {
  /** Whether the output stays open when the peer has ended its own; false by default, as in Node. */
  readonly allowHalfOpen?: boolean | undefined;
}

/**
 * Turns a socket into a stream of Node's.
 *
 * @param socket - the socket, which is closed by that.
 * @param options - see {@link DuplexOptions}.
 */
export function toDuplex(socket: unknown, options: unknown): SocketDuplex {
  const core = coreOf(socket, 'toDuplex');
  const { allowHalfOpen = false } = checkOptions(options, ['allowHalfOpen'], 'toDuplex');
  if (typeof allowHalfOpen !== 'boolean') throw typeError('toDuplex(): allowHalfOpen must be a boolean', allowHalfOpen);
  return new SocketDuplex(takeConnectable(core, 'toDuplex'), allowHalfOpen);
}
