import type { Table } from '../soak/tables.ts';

/** How much of a part is done. */
export interface Extent {
  /** In full, or the least that still shows that all is well. */
  readonly size: 'full' | 'small';
  readonly seed: number;
}

/** What a part has come to. */
export interface Outcome extends Table {
  /** What must not be. */
  readonly mistakes: readonly string[];
}

/** Seconds as a cell. */
export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
