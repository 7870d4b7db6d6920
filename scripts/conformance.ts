/**
 * Compares with the real Python: `npm run conformance -- --runs 10000 --seed 1` makes 10,000 programs and runs each on
 * Python's `socket` and on this one. With `--keep`, the tests run those with different results from then on.
 */
import { command, integerFrom } from '../demos/support/command.ts';
import { conform, freshSeed } from '../spec/conformance/compare.ts';
import { keep } from '../spec/conformance/regressions.ts';
import { hasPython } from '../spec/support/python.ts';

interface Options {
  readonly runs: number;
  readonly seed?: number;
  readonly keep?: true;
}

// Programs lose sockets, and the library warns of that.
process.removeAllListeners('warning');

async function main({ runs, seed = freshSeed(), keep: isKept }: Options): Promise<void> {
  console.log(`Node ${process.versions.node}, seed ${seed}`);
  const started = performance.now();
  const { runs: done, failures, unsteady, excused } = await conform(seed, runs);
  const seconds = (performance.now() - started) / 1000;
  for (const difference of unsteady) console.log(`unsteady: ${JSON.stringify(difference)}`);
  for (const difference of failures) console.log(JSON.stringify(difference));
  for (const [reason, times] of excused) console.log(`excused ${times} times: ${reason}`);
  const speed = Math.round(done / seconds);
  console.log(`${done} runs, ${failures.length} failures, ${unsteady.length} unsteady, ${speed} a second`);
  if (failures.length === 0) return;
  process.exitCode = 1;
  if (isKept === true) await keep(failures);
  else console.log('With --keep, these programs are added to spec/conformance/regressions.json.');
}

const program = command('conformance', "Runs random programs on Python's socket and on this one, and compares.")
  .option('--runs <number>', 'how many programs to run', integerFrom(1, 10_000_000), 1000)
  .option('--seed <number>', 'the seed of the programs; a new one if it is left out', integerFrom(0, 2 ** 31 - 1))
  .option('--keep', 'adds programs with different results to those that the tests run')
  .parse();
if (hasPython) {
  void main(program.opts<Options>());
} else {
  console.error('conformance: there is no python3 to compare with');
  process.exitCode = 1;
}
