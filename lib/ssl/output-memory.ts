import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Less memory than this is not worth a call. */
const WORTH = 4096;

/** What is sent at a time fits in: 64 KiB in records, and a piece of them more. */
const JOINED = 80 * 1024;

/**
 * Memory in which records are joined, while no connection uses it. The kernel takes most of them within the call: with
 * new memory for each, a send of 64 KiB took a fifth more time.
 */
let spare: Buffer | undefined;

let port: MessagePort | undefined;

/** Records to be sent at once. */
export interface Output {
  readonly records: Buffer;
  /** To be called once they have gone out: their memory is used again then. */
  readonly free: () => void;
}

/** Makes one piece of the records that Node has written, which are ours to free. */
export function outputOf(chunks: readonly Buffer[]): Output {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return { records: first, free: () => release(chunks) };
  const memory = memoryFor(chunks);
  const records = joined(chunks, memory);
  release(chunks);
  return {
    records,
    free: () => {
      if (memory.length === JOINED) spare = memory;
    },
  };
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

/** A port that is closed takes messages and drops them. */
function closedPort(): MessagePort {
  if (port === undefined) {
    port = new MessageChannel().port1;
    port.close();
  }
  return port;
}

function memoryFor(chunks: readonly Buffer[]): Buffer {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length > JOINED) return Buffer.allocUnsafeSlow(length);
  const memory = spare ?? Buffer.allocUnsafeSlow(JOINED);
  spare = undefined;
  return memory;
}

/** Puts records one after the other, at the beginning of the memory. */
function joined(chunks: readonly Buffer[], memory: Buffer): Buffer {
  let length = 0;
  for (const chunk of chunks) length += chunk.copy(memory, length);
  return memory.subarray(0, length);
}
