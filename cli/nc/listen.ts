import * as socket from '../../lib/index.ts';
import type { Options } from './options.ts';
import { placesOf, shown, type Destination, type Place } from './places.ts';
import { tell } from './tell.ts';

/** Longer than any datagram. */
const LONGEST = 65_536;

/** A socket that is bound to the destination; one of a stream listens. */
export async function listen(destination: Destination, options: Options): Promise<socket.Socket> {
  const [place] = await placesOf(destination, options);
  if (place === undefined) throw new Error('there is no such address');
  const sock = bound(place);
  tell(options, `listening on ${shown(sock.getsockname())}`);
  return sock;
}

function bound({ family, type, proto, address }: Place): socket.Socket {
  const sock = socket.socket(family, type, proto);
  try {
    if (family !== socket.AF_UNIX) sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
    sock.bind(address);
    if (type === socket.SOCK_STREAM) sock.listen();
    return sock;
  } catch (error) {
    sock.close();
    throw error;
  }
}

/** The next connection. */
export async function accept(server: socket.Socket, options: Options): Promise<socket.Socket> {
  const [conn, address] = await server.accept();
  tell(options, `connection from ${shown(address)}`);
  return conn;
}

/** Connects a socket of datagrams to the sender of the first one, which stays to be received. */
export async function firstSender(sock: socket.Socket, options: Options): Promise<void> {
  const [, address] = await sock.recvfrom(LONGEST, socket.MSG_PEEK);
  if (address === null) throw new Error('the first datagram has no sender to answer');
  await sock.connect(address);
  tell(options, `datagram from ${shown(address)}`);
}
