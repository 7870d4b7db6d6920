/** Memory for what is received, before it is copied to the caller: one piece for all messages of the usual sizes. */
const USUAL_SIZE = 64 * 1024;

let usual: Buffer | undefined;

/**
 * Memory for a message.
 *
 * @param size - how many bytes are wanted.
 * @param longest - asks how many can come, where that may be more than the usual memory has room for.
 */
export function receiveSpace(size: number, longest: () => number): Buffer {
  if (size > USUAL_SIZE) {
    const most = Math.min(size, longest());
    if (most > USUAL_SIZE) return Buffer.allocUnsafeSlow(most);
  }
  usual ??= Buffer.allocUnsafeSlow(USUAL_SIZE);
  return size < USUAL_SIZE ? usual.subarray(0, size) : usual;
}
