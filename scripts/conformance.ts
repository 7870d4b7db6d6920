/**
 * Compares with the real Python: `npm run conformance -- --runs 10000 --seed 1` makes so many programs and runs each on Python's
 * `socket` and on ours.
 */
import { parseArgs } from 'node:util';
import { conform } from '../spec/conformance/compare.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(values.runs ?? 1000);

async function main(): Promise<void> {
  console.log(`seed ${seed}`);
  const started = performance.now();
  const { runs: done, failures, unsteady, excused } = await conform(seed, runs);
  const seconds = (performance.now() - started) / 1000;
  for (const difference of unsteady) console.log(`unsteady: ${JSON.stringify(difference)}`);
  for (const difference of failures) console.log(JSON.stringify(difference));
  for (const [reason, times] of excused) console.log(`excused ${times} times: ${reason}`);
  const speed = Math.round(done / seconds);
  console.log(`${done} runs, ${failures.length} failures, ${unsteady.length} unsteady, ${speed} a second`);
  if (failures.length > 0) process.exitCode = 1;
}

void main();
