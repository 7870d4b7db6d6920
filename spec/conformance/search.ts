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
  /** How many programs had the same results throughout. */
  readonly clean: number;
  /** How many programs showed differences of the table, and no others. */
  readonly known: number;
  /** How many programs showed a difference every time; several may show the same one. */
  readonly failed: number;
  /** In how many programs each entry of the table was used. */
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
  const counts = { runs: 0, clean: 0, known: 0, failed: 0 };
  const work = async (_: unknown, number: number): Promise<void> => {
    const used = new Map<string, number>();
    using comparison = compare(number, used);
    for (let program = made[counts.runs++]; program !== undefined; program = made[counts.runs++]) {
      used.clear();
      const first = await comparison.difference(program);
      for (const reason of used.keys()) excused.set(reason, (excused.get(reason) ?? 0) + 1);
      if (first === undefined) counts[used.size === 0 ? 'clean' : 'known'] += 1;
      else await look(comparison, first);
      if (failures.size >= most) return;
    }
  };
  const look = async (comparison: Comparing<Program, Difference>, first: Difference): Promise<void> => {
    const difference = await comparison.certain(first.program);
    if (difference === undefined) {
      unsteady.push(first);
      return;
    }
    counts.failed += 1;
    if (failures.has(comparison.signatureOf(difference))) return;
    const shrunken = await comparison.shrink(difference);
    failures.set(comparison.signatureOf(shrunken), shrunken);
  };
  await Promise.all(Array.from({ length: workers }, work));
  const { clean, known, failed } = counts;
  const runs = clean + known + failed + unsteady.length;
  return { runs, clean, known, failed, failures: [...failures.values()], unsteady, excused };
}
