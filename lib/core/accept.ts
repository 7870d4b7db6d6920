import type { Address } from '../common/addresses.ts';
import { signalOf } from '../common/call-options.ts';
import { SOCK_DGRAM } from '../common/constants.ts';
import type { Failure } from '../transports/failure.ts';
import type { Listener } from '../transports/listener.ts';
import { Stream } from '../transports/stream.ts';
import { Core, coreOf, refused } from './core.ts';
import { perform } from './wait.ts';

/** Accepts a connection; `make` makes the socket of a core. */
export function accept<S>(socket: unknown, make: (core: Core) => S, options: unknown): Promise<[S, Address]> {
  try {
    const core = coreOf(socket, 'accept');
    const signal = signalOf(options, 'accept');
    core.checkOpen('accept');
    if (core.state.kind !== 'listening') {
      throw core.error(core.type === SOCK_DGRAM ? 'ENOTSUP' : 'EINVAL', 'accept');
    }
    const { listener } = core.state;
    const attempt = (): [S, Address] | Failure | undefined => acceptNow(core, listener, make);
    return perform(core, 'accept', listener.acceptors, { attempt }, signal);
  } catch (error) {
    return refused(error, 'accept');
  }
}

function acceptNow<S>(core: Core, listener: Listener, make: (core: Core) => S): [S, Address] | Failure | undefined {
  const stream = listener.accept();
  if (!(stream instanceof Stream)) return stream;
  const accepted = new Core(core);
  accepted.setState({ kind: 'connected', stream });
  accepted.inherit(core);
  return [make(accepted), core.address(stream.peer ?? core.unspecifiedAddress())];
}
