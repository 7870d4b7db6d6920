import type { Address } from '../common/addresses.ts';
import type { Stream } from '../transports/stream.ts';
import { Core } from './core.ts';

/** The socket and the address of a connection that Node has. */
export function acceptedBy<S>(listener: Core, stream: Stream, make: (core: Core) => S): [S, Address] {
  const accepted = new Core(listener);
  accepted.setState({ kind: 'connected', stream });
  accepted.inherit(listener);
  return [make(accepted), listener.address(stream.peer ?? listener.unspecifiedAddress())];
}
