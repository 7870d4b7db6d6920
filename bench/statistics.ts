/** The summary of several measurements of the same thing. */
export interface Spread {
  readonly median: number;
  /** A quarter of the measurements is below the first and a quarter above the second. */
  readonly quartiles: readonly [low: number, high: number];
}

/** The quantile of the values for a share from 0 to 1, interpolated between two values. */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('a quantile of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const position = part * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), quartiles: [quantile(values, 0.25), quantile(values, 0.75)] };
}

/** The ratio of each value to the base of the same round. */
export function ratios(values: readonly number[], base: readonly number[]): number[] {
  if (values.length !== base.length) throw new RangeError(`${values.length} rounds against ${base.length}`);
  return values.map((value, round) => value / (base[round] ?? NaN));
}
