/**
 * Compares with the real Python: `npm run conformance -- --runs 10000 --seed 1` makes 10,000 programs and runs each on
 * Python's `socket` and on this one. With `--keep`, the tests run those with different results from then on.
 */
import { conform } from '../spec/conformance/compare.ts';
import { keep } from '../spec/conformance/regressions.ts';
import { compareWithPython } from './compare-with-python.ts';

compareWithPython({
  name: 'conformance',
  does: "Runs random programs on Python's socket and on this one, and compares.",
  runs: 'programs',
  conform,
  keep,
  kept: 'spec/conformance/regressions.json',
});
