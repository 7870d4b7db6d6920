import { CMSG_LEN, CMSG_SPACE } from '../common/ancillary.ts';

/**
 * Ancillary data as the kernel has it: items with a header each, padded to 8 bytes (cmsg(3)), on a 64-bit machine whose
 * lowest byte comes first.
 */

/** An item: its level, its type, and its bytes. */
export type AncillaryItem = [level: number, type: number, data: Buffer];

/** Where the fields of `struct cmsghdr` are. */
const LEVEL = 8;
const TYPE = 12;
const HEADER_SIZE = 16;

/** The items as the kernel takes them. */
export function controlOf(items: readonly AncillaryItem[]): Buffer {
  const control = Buffer.alloc(items.reduce((sum, [, , data]) => sum + CMSG_SPACE(data.length), 0));
  let start = 0;
  for (const [level, type, data] of items) {
    control.writeBigUInt64LE(BigInt(CMSG_LEN(data.length)), start);
    control.writeInt32LE(level, start + LEVEL);
    control.writeInt32LE(type, start + TYPE);
    data.copy(control, start + HEADER_SIZE);
    start += CMSG_SPACE(data.length);
  }
  return control;
}

/** The items that the kernel gave; of one that was cut off, what there is of it. */
export function itemsOf(control: Buffer): AncillaryItem[] {
  const items: AncillaryItem[] = [];
  let start = 0;
  while (start + HEADER_SIZE <= control.length) {
    const length = Number(control.readBigUInt64LE(start));
    if (length < HEADER_SIZE) break;
    const end = Math.min(start + length, control.length);
    const data = Buffer.from(control.subarray(start + HEADER_SIZE, end));
    items.push([control.readInt32LE(start + LEVEL), control.readInt32LE(start + TYPE), data]);
    start += CMSG_SPACE(length - HEADER_SIZE);
  }
  return items;
}
