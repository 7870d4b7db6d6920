import * as socket from '../../lib/index.ts';
import type { Options } from './options.ts';
import { placesOf, shown, type Destination, type Place } from './places.ts';
import { tell } from './tell.ts';

/** Connects to the first address of the destination that answers. */
export async function connect(destination: Destination, options: Options): Promise<socket.Socket> {
  let failure: unknown;
  const places = await placesOf(destination, options);
  for (const [index, place] of places.entries()) {
    try {
      const sock = await connectTo(place, options);
      tell(options, `connected to ${shown(place.address)}`);
      return sock;
    } catch (error) {
      if (!(error instanceof socket.OSError)) throw error;
      failure = error;
      // The last one ends the program with its message.
      if (index < places.length - 1) tell(options, `${shown(place.address)}: ${error.message}`);
    }
  }
  throw failure;
}

async function connectTo({ family, type, proto, address }: Place, options: Options): Promise<socket.Socket> {
  const sock = socket.socket(family, type, proto);
  try {
    const { source, sourcePort = 0, timeout = null } = options;
    if (source !== undefined || sourcePort !== 0) sock.bind(sourceOf(family, source, sourcePort));
    sock.settimeout(timeout);
    await sock.connect(address);
    sock.settimeout(null);
    return sock;
  } catch (error) {
    sock.close();
    throw error;
  }
}

/** The address to send from: a path, or an address and a port. */
function sourceOf(family: number, source: string | undefined, port: number): socket.AddressLike {
  return family === socket.AF_UNIX ? (source ?? '') : [source ?? '', port];
}
