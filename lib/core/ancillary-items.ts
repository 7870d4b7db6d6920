import { types } from 'node:util';
import { bytesOf, int, typeError, type Data } from '../common/arguments.ts';
import type { AncillaryItem } from '../kernel/control.ts';

/** An item of ancillary data as calls take it: its level, its type, and its bytes. */
export type AncillaryLike = readonly [level: number, type: number, data: Exclude<Data, string>];

/** An iterable of items, such as a generator, as an array, which cannot be taken for options; anything else as it is. */
export function listOf(ancdata: unknown): unknown {
  const isIterable = typeof ancdata === 'object' && ancdata !== null && Symbol.iterator in ancdata;
  if (!isIterable || ArrayBuffer.isView(ancdata) || types.isMap(ancdata)) return ancdata;
  return Array.from(ancdata as Iterable<unknown>);
}

/** Checks the ancillary data that a program sends: items of a level, a type, and bytes. */
export function ancillaryItems(ancdata: unknown): AncillaryItem[] {
  if (!Array.isArray(ancdata)) throw typeError('sendmsg() argument 2 must be an iterable of items', ancdata);
  return ancdata.map(itemOf);
}

function itemOf(item: unknown): AncillaryItem {
  if (!Array.isArray(item) || item.length !== 3) {
    throw typeError('sendmsg() ancillary data items must be [level, type, data]', item);
  }
  const [level, type, data] = item as readonly unknown[];
  if (typeof data === 'string') throw typeError('sendmsg() ancillary data must be bytes', data);
  return [int(level, 'level'), int(type, 'type'), bytesOf(data)];
}
