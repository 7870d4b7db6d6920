/** What a program has sent and received on one stream, in the order of the calls, and whether both agree. */

/** A call that sent. */
export interface Sent {
  data: Buffer;
  /** Whether all of it was sent; a call that ended early may have sent its beginning. */
  isWhole: boolean;
}

/** A call that received. */
export interface Received {
  /** A call that only looked leaves the bytes. */
  readonly isPeek: boolean;
  /** The bytes that it gave; `undefined` if it failed, and has taken none. */
  bytes: Buffer | undefined;
}

/** So many bytes after the end of a call's part may be those of the next by chance. */
const CHANCE = 8;

/** The bytes that calls have taken, one after the other; a mistake where a call that looked saw others. */
export function taken(calls: readonly Received[]): Buffer | string {
  const all = Buffer.concat(calls.map(({ isPeek, bytes }) => (isPeek ? undefined : bytes) ?? Buffer.alloc(0)));
  let position = 0;
  for (const [index, { isPeek, bytes }] of calls.entries()) {
    if (bytes === undefined) continue;
    if (!isPeek) position += bytes.length;
    // What was looked at last may not have been taken.
    else if (!bytes.subarray(0, all.length - position).equals(all.subarray(position, position + bytes.length))) {
      return `call ${index} looked at other bytes than the next call took`;
    }
  }
  return all;
}

/** Whether a stream is what was sent, from one call on. */
export function isAllOf(stream: Buffer, calls: readonly Sent[], from = 0, position = 0): boolean {
  for (let index = from; index < calls.length; index += 1) {
    const call = calls[index];
    if (call === undefined) return false;
    const { data, isWhole } = call;
    if (!isWhole) {
      const most = common(data, stream, position);
      for (let part = most; part >= Math.max(0, most - CHANCE); part -= 1) {
        if (isAllOf(stream, calls, index + 1, position + part)) return true;
      }
      return false;
    }
    if (!data.equals(stream.subarray(position, position + data.length))) return false;
    position += data.length;
  }
  return position === stream.length;
}

/** Whether a stream is the beginning of what was sent. */
export function isBeginningOf(stream: Buffer, calls: readonly Sent[], from = 0, position = 0): boolean {
  for (let index = from; index < calls.length; index += 1) {
    const call = calls[index];
    if (call === undefined || position === stream.length) break;
    const most = common(call.data, stream, position);
    if (position + most === stream.length) return true;
    if (!call.isWhole) {
      for (let part = most; part >= Math.max(0, most - CHANCE); part -= 1) {
        if (isBeginningOf(stream, calls, index + 1, position + part)) return true;
      }
      return false;
    }
    if (most < call.data.length) return false;
    position += most;
  }
  return position === stream.length;
}

/** How many bytes of data are in the stream at a position. */
function common(data: Buffer, stream: Buffer, position: number): number {
  const least = Math.min(data.length, stream.length - position);
  if (data.subarray(0, least).equals(stream.subarray(position, position + least))) return least;
  let count = 0;
  while (data[count] === stream[position + count]) count += 1;
  return count;
}
