import type { Address } from '../../lib/index.ts';

/** An address as the demos show it. */
export function addressText(address: Address): string {
  return typeof address === 'string' ? address : `${address[0]}:${address[1]}`;
}

/** A number and what it counts: `1 byte`, `2 bytes`. */
export function count(number: number, singular: string, plural: string): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
