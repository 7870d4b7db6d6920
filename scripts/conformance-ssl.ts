/**
 * Compares TLS with the real Python: `npm run conformance:ssl -- --runs 1000 --seed 1` makes 1,000 dialogues of a client
 * and a server, and runs each between Python's `ssl` and this one, in all roles. With `--keep`, the tests run those with
 * different results from then on.
 */
import { conformSsl } from '../spec/conformance/ssl/compare.ts';
import { keepDialogues } from '../spec/conformance/ssl/regressions.ts';
import { compareWithPython } from './compare-with-python.ts';

compareWithPython({
  name: 'conformance:ssl',
  does: "Runs random dialogues over TLS between Python's ssl and this one, and compares.",
  runs: 'dialogues',
  conform: conformSsl,
  keep: keepDialogues,
  kept: 'spec/conformance/ssl/regressions.json',
});
