import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Less memory than this is not worth the call. */
const WORTH = 4096;

let port: MessagePort | undefined;

/** A port that is closed takes messages and drops them. */
function closedPort(): MessagePort {
  if (port === undefined) {
    port = new MessageChannel().port1;
    port.close();
  }
  return port;
}

/**
 * Gives the memory of buffers back at once, without a garbage collection: the buffers are empty then. Nothing else may
 * use their memory.
 *
 * V8 collects buffers once there are tens of megabytes of them. Until then each new one takes pages that the kernel has
 * to clear first, and that are in no cache: for 64 KiB of records, as much time as their encryption. A message to a
 * closed port detaches what it transfers, as the HTML standard says, and Node then frees it.
 */
export function release(buffers: readonly Buffer[]): void {
  const memory: ArrayBuffer[] = [];
  for (const { buffer, length } of buffers) {
    // A part of a buffer's memory may have other users.
    if (length >= WORTH && length === buffer.byteLength && buffer instanceof ArrayBuffer) memory.push(buffer);
  }
  if (memory.length > 0) closedPort().postMessage(null, memory);
}
