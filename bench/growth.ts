/** How the cost of an operation grows with the length of a queue. */
export interface Growth {
  readonly title: string;
  /** The unit of the sizes. */
  readonly unit: string;
  /** The cost of an operation at each size, the smallest first. */
  readonly points: readonly { readonly size: number; readonly nanoseconds: number }[];
}

/**
 * The most that an O(1) operation may cost at the largest size, as a multiple of its cost at the smallest. It is more
 * than 1 because of caches.
 */
export const growthGoal = 2;

/** The cost at the largest size as a multiple of that at the smallest. */
export function factor({ points }: Growth): number {
  return (points.at(-1)?.nanoseconds ?? NaN) / (points[0]?.nanoseconds ?? NaN);
}
