/** How many bytes are received at once without a look at how many there are. */
export const USUAL_SIZE = 64 * 1024;

let usual: Buffer | undefined;

/** Memory for what is received, before it is copied to the caller: one piece for all messages of the usual sizes. */
export function receiveSpace(size: number): Buffer {
  if (size > USUAL_SIZE) return Buffer.allocUnsafeSlow(size);
  usual ??= Buffer.allocUnsafeSlow(USUAL_SIZE);
  return size < USUAL_SIZE ? usual.subarray(0, size) : usual;
}
