/**
 * Compares with the real Python: `npm run conformance -- --runs 10000 --seed 1` makes so many programs and runs each on
 * Python's `socket` and on ours. With `--keep`, those that come out differently are kept: the tests run them from then
 * on.
 */
import { parseArgs } from 'node:util';
import { conform, freshSeed } from '../spec/conformance/compare.ts';
import { keep } from '../spec/conformance/regressions.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
});
const seed = values.seed === undefined ? freshSeed() : Number(values.seed);
const runs = Number(values.runs ?? 1000);

async function main(): Promise<void> {
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
  if (values.keep === true) await keep(failures);
  else console.log('With --keep, these programs are added to spec/conformance/regressions.json.');
}

void main();
