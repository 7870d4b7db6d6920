import type { Address } from '../common/addresses.ts';
import { OSError } from '../common/errors.ts';
import type { SettingsLog } from '../options/settings-log.ts';
import type { Stream } from '../transports/stream.ts';
import { Core } from './core.ts';

/** The socket and the address of a connection that Node has. */
export function acceptedBy<S>(listener: Core, stream: Stream, make: (core: Core) => S): [S, Address] {
  const accepted = new Core(listener);
  accepted.setState({ kind: 'connected', stream });
  accepted.inherit(listener);
  if (listener.state.kind === 'kernel') inheritSettings(accepted, listener.state.settings);
  return [make(accepted), listener.address(stream.peer ?? listener.unspecifiedAddress())];
}

/** The kernel has passed the options on; Node's side of the socket reports, and keeps, what it knows of. */
function inheritSettings(accepted: Core, log: SettingsLog | undefined): void {
  for (const setting of log?.settings ?? []) {
    try {
      accepted.options.set(setting);
    } catch (error) {
      // Some values are refused on a socket that Node reads: they are not reported, and stay as the kernel has them.
      if (!(error instanceof OSError)) throw error;
    }
  }
}
