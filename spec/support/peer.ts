import * as socket from '../../lib/index.ts';

/** A listening socket on a free port of this machine. */
export function listening(family: number = socket.AF_INET, backlog?: number): socket.Socket {
  const listener = socket.socket(family, socket.SOCK_STREAM);
  listener.bind([family === socket.AF_INET6 ? '::1' : '127.0.0.1', 0]);
  listener.listen(backlog);
  return listener;
}

/** The port of a socket that is bound. */
export function portOf(bound: socket.Socket): number {
  const port = bound.getsockname()[1];
  if (typeof port !== 'number') throw new TypeError('a port was expected');
  return port;
}

/** Both ends of a connection: the client, and the accepted socket. */
export async function connectedPair(family: number = socket.AF_INET): Promise<[socket.Socket, socket.Socket]> {
  const listener = listening(family);
  const client = socket.socket(family, socket.SOCK_STREAM);
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  listener.close();
  return [client, server];
}

/** Ends a connection by force, as `SO_LINGER` of 0 seconds does. */
export function reset(peer: socket.Socket): void {
  peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, Buffer.from(Int32Array.of(1, 0).buffer));
  peer.close();
}

/** All bytes up to the end of the stream. */
export async function recvAll(from: socket.Socket, bufsize = 65536): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for (let block = await from.recv(bufsize); block.length > 0; block = await from.recv(bufsize)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** What comes before the end of the stream, in order: the number of bytes before each error, and the errors' names. */
export async function story(from: socket.Socket): Promise<(number | string)[]> {
  const events: (number | string)[] = [];
  for (;;) {
    try {
      const block = await from.recv(65536);
      if (block.length === 0) return events;
      const last = events.at(-1);
      if (typeof last === 'number') events[events.length - 1] = last + block.length;
      else events.push(block.length);
    } catch (error) {
      if (!(error instanceof socket.OSError) || events.length > 10) throw error;
      events.push(error.name);
    }
  }
}
