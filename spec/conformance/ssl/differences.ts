import { factsOf, type Difference, type Excuse } from './facts.ts';

/** All differences that are excused. */
export const EXCUSES: readonly Excuse[] = [];

/** The entry of the table that a difference has, if any. */
export function excuseOf(difference: Difference): Excuse | undefined {
  const facts = factsOf(difference);
  return EXCUSES.find(({ excuses }) => excuses(facts));
}
