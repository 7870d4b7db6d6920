import type net from 'node:net';

/** Node's own hooks of a writable stream, as its documentation gives them to whoever implements one. */
type Callback = (error?: Error | null) => void;

/**
 * Keeps what a peer sent before it reset, although a write fails: Node destroys a socket whose write failed, and with
 * it all that the kernel has not been asked for yet (100 KB of 100 KB were lost on Node 20 to 26, where Python reads
 * them behind the error). So the failed write is not reported to Node's stream until the input has been read to its
 * end.
 *
 * `onWriteError` is told at once, and reads on.
 */
export function keepUnreadAfterWriteError(socket: net.Socket, onWriteError: (error: Error) => void): void {
  const hold = (callback: Callback): Callback => {
    return (error) => {
      if (error === null || error === undefined) return callback();
      onWriteError(error);
      if (socket.destroyed || socket.readableEnded) return callback(error);
      let held = true;
      const release = (): void => {
        if (held) callback(error);
        held = false;
      };
      socket.once('end', release);
      socket.once('close', release);
    };
  };
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, callback) => write(chunk, encoding, hold(callback));
  if (writev !== undefined) socket._writev = (chunks, callback) => writev(chunks, hold(callback));
}
