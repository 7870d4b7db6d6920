/** How many programs run at a time: most of the time is spent waiting for time limits. */
const WORKERS = 8;

/** The number of failures of different kinds after which a run ends. */
const MOST = 25;

/** A difference between both sides, with the program that shows it. */
export interface Shown<Program> {
  readonly program: Program;
}

/** Runs programs on both sides and compares. */
export interface Comparing<Program, Difference extends Shown<Program>> extends Disposable {
  /** The first difference that is not excused, if any. */
  difference(program: Program): Promise<Difference | undefined>;
  /** A difference that appears every time. */
  certain(program: Program): Promise<Difference | undefined>;
  /** The difference with a program as short as possible. */
  shrink(difference: Difference): Promise<Difference>;
  /** A line that is equal for programs that show the same difference. */
  signatureOf(difference: Difference): string;
}

/** The outcomes of many programs. */
export interface Report<Difference> {
  readonly runs: number;
  readonly failures: readonly Difference[];
  /** Programs that showed a difference, but not every time. */
  readonly unsteady: readonly Difference[];
  /** How often each entry of the table was used. */
  readonly excused: ReadonlyMap<string, number>;
}

/** A new random seed; fast-check takes seeds of 32 bits. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** Runs each program on both sides; it ends early where `most` failures of different kinds were found. */
export async function search<Program, Difference extends Shown<Program>>(
  made: readonly Program[],
  compare: (number: number, excused: Map<string, number>) => Comparing<Program, Difference>,
  most = MOST,
  workers = WORKERS,
): Promise<Report<Difference>> {
  const excused = new Map<string, number>();
  const failures = new Map<string, Difference>();
  const unsteady: Difference[] = [];
  let next = 0;
  const work = async (_: unknown, number: number): Promise<void> => {
    using comparison = compare(number, excused);
    for (let program = made[next++]; program !== undefined && failures.size < most; program = made[next++]) {
      const first = await comparison.difference(program);
      if (first === undefined || failures.has(comparison.signatureOf(first))) continue;
      const difference = await comparison.certain(first.program);
      if (difference === undefined) {
        unsteady.push(first);
        continue;
      }
      const shrunken = await comparison.shrink(difference);
      failures.set(comparison.signatureOf(shrunken), shrunken);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { runs: Math.min(next, made.length), failures: [...failures.values()], unsteady, excused };
}
