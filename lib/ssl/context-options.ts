import { integer, rangeError } from '../common/arguments.ts';
import {
  OP_ALL,
  OP_CIPHER_SERVER_PREFERENCE,
  OP_ENABLE_MIDDLEBOX_COMPAT,
  OP_NO_COMPRESSION,
  OP_NO_SSLv3,
} from './constants.ts';

/** What Python's contexts begin with. */
export const DEFAULT_OPTIONS =
  OP_ALL + OP_NO_SSLv3 + OP_NO_COMPRESSION + OP_CIPHER_SERVER_PREFERENCE + OP_ENABLE_MIDDLEBOX_COMPAT;

/** A set of flags. JavaScript's `|=` and `&=` make a negative number of one that has bit 31, as `OP_ALL` has. */
export function flags(value: unknown, name: string): number {
  const number = integer(value, name);
  if (number < -0x8000_0000 || number > Number.MAX_SAFE_INTEGER) throw rangeError(`${name} is out of range`, value);
  return number < 0 ? number >>> 0 : number;
}

/** Whether Python takes a value for true. */
export function truth(value: unknown): boolean {
  return Boolean(value);
}
