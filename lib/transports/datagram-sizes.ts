/** The largest size that Node takes for a buffer; Linux cuts it down to what it allows. */
const LARGEST_BUFFER = 0x7fff_ffff;

/** The longest packet; of a datagram's headers, IPv4 counts all 28 bytes, and IPv6 only UDP's 8. */
export const LARGEST_PACKET = 0xffff;
export const LARGEST_DATAGRAM = { 4: LARGEST_PACKET - 28, 6: LARGEST_PACKET - 8 } as const;

/**
 * A buffer's size as Node takes it; for Node, 0 only asks. Linux reads a negative one as unsigned: the largest.
 */
export function bufferSize(bytes: number): number {
  if (bytes < 0) return LARGEST_BUFFER;
  return Math.min(Math.max(1, bytes), LARGEST_BUFFER);
}
