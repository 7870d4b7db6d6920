import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed, type Report } from '../spec/conformance/search.ts';
import { hasPython } from '../spec/support/python.ts';

interface Options {
  readonly runs: number;
  readonly seed?: number;
  readonly keep?: true;
}

/** A comparison with Python, as a command. */
export interface Comparison<Difference> {
  readonly name: string;
  readonly does: string;
  /** What it runs: programs. */
  readonly runs: string;
  readonly conform: (seed: number, runs: number) => Promise<Report<Difference>>;
  /** Adds what failed to what the tests run, in the file `kept`. */
  readonly keep: (failures: readonly Difference[]) => Promise<void>;
  readonly kept: string;
}

/** Runs a comparison with the options of the command line. */
export function compareWithPython<Difference>(comparison: Comparison<Difference>): void {
  const { name, does, runs } = comparison;
  const options = command(name, does)
    .option('--runs <number>', `how many ${runs} to run`, integerFrom(1, 10_000_000), 1000)
    .option('--seed <number>', `the seed of the ${runs}; a new one if it is left out`, integerFrom(0, 2 ** 31 - 1))
    .option('--keep', `adds ${runs} with different results to those that the tests run`)
    .parse()
    .opts<Options>();
  if (hasPython) {
    // Programs lose sockets, and the library warns of that.
    process.removeAllListeners('warning');
    void compare(comparison, options);
  } else {
    console.error(`${name}: there is no python3 to compare with`);
    process.exitCode = 1;
  }
}

async function compare<Difference>(
  { conform, keep, kept, runs: what }: Comparison<Difference>,
  { runs, seed = freshSeed(), keep: isKept }: Options,
): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const started = performance.now();
  const { runs: done, clean, known, failed, failures, unsteady, excused } = await conform(seed, runs);
  const seconds = (performance.now() - started) / 1000;
  for (const difference of unsteady) console.log(`unsteady: ${JSON.stringify(difference)}`);
  for (const difference of failures) console.log(JSON.stringify(difference));
  for (const [reason, times] of [...excused].sort(([, few], [, many]) => many - few)) {
    console.log(`excused in ${times} ${what}: ${reason}`);
  }
  const outcomes = `${clean} clean, ${known} excused, ${unsteady.length} unsteady, ${failed} failed`;
  console.log(`${done} ${what}: ${outcomes}; ${Math.round(done / seconds)} a second`);
  if (failures.length === 0) return;
  process.exitCode = 1;
  if (isKept === true) await keep(failures);
  else console.log(`With --keep, these ${what} are added to ${kept}.`);
}
