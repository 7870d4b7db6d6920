import * as socket from '../../lib/index.ts';

// C's struct linger: on or off, and for how many seconds.
const LINGER_ON = Int32Array.of(1, 0);
const LINGER_OFF = Int32Array.of(0, 0);

const unfinished = new Set<socket.Socket>();
process.once('exit', () => {
  for (const sock of unfinished) sock.close();
});

/**
 * Sends something whose end is the end of the connection. If `send` fails, or the process ends before `send` is done,
 * the connection is reset: were it closed, the receiver would take half of a file for all of it.
 *
 * A process that is killed with SIGKILL cannot do this: the kernel then closes the connection as if all were sent.
 */
export async function allOrReset<Result>(sock: socket.Socket, send: () => Promise<Result>): Promise<Result> {
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ON);
  unfinished.add(sock);
  try {
    const result = await send();
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_OFF);
    return result;
  } finally {
    unfinished.delete(sock);
  }
}
