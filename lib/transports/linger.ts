/**
 * Seconds that pending output may take after close(): Linux gives a connection that no process has open as long
 * (tcp(7)).
 */
export const LINGER = 60;

/**
 * Waits for the output of a connection that is being closed. A peer that reads nothing more must not keep it for ever.
 *
 * @param close - closes the connection after its output.
 * @param giveUp - closes it where the output has not been sent within {@link LINGER} seconds.
 * @returns what is to be called once the output has been sent, or cannot be.
 */
export function afterOutput(close: () => void, giveUp: () => void): () => void {
  let isClosed = false;
  const end = (how: () => void): void => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(late);
    how();
  };
  // The handle keeps the process alive, as long as it has bytes to send.
  const late = setTimeout(() => end(giveUp), LINGER * 1000).unref();
  return () => end(close);
}
