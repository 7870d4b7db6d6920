/** How the cost of an operation grows with what is queued. */
export interface Growth {
  readonly title: string;
  /** What the sizes are of. */
  readonly unit: string;
  /** What an operation costs at each size, the smallest first. */
  readonly points: readonly { readonly size: number; readonly nanoseconds: number }[];
}

/**
 * An operation that is O(1) costs at the largest size at most that many times what it costs at the smallest: caches
 * count too.
 */
export const growthGoal = 2;

/** The cost at the largest size as a multiple of that at the smallest. */
export function factor({ points }: Growth): number {
  return (points.at(-1)?.nanoseconds ?? NaN) / (points[0]?.nanoseconds ?? NaN);
}
