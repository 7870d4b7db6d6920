/**
 * Runs the random tests with a new seed: `npm run test:fresh`, or `npm run test:fresh -- --seed 7 --runs 5000` for
 * those of an earlier run. `npm cit` runs the same ones with a fixed seed, so that it never fails by chance.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, integerFrom } from '../demos/support/command.ts';
import { freshSeed } from '../spec/conformance/search.ts';
import { hasPython } from '../spec/support/python.ts';

/** How often a failed spec is run again. One that does not fail again is reported, but does not count as a failure. */
const SECOND_LOOKS = 3;

/** The part of Jest's --json report that is read here. */
interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: 'passed' | 'failed' | 'pending' }[];
}

const { seed = freshSeed(), runs } = command(
  'test:fresh',
  'Runs the random tests, and the comparison with Python, with a new seed.',
)
  .option('--seed <number>', 'the seed of an earlier run', integerFrom(0, 2 ** 31 - 1))
  .option('--runs <number>', 'how many programs to compare with Python', integerFrom(1, 10_000_000), 1000)
  .parse()
  .opts<{ seed?: number; runs: number }>();
const folder = mkdtempSync(join(tmpdir(), 'test-fresh-'));

/** The specs that use the seed. The comparison with Python is a step of its own. */
function randomSpecs(): string[] {
  return readdirSync('spec', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spec.ts') && !name.startsWith(join('python', 'conformance')))
    .map((name) => join('spec', name))
    .filter((path) => /from '(fast-check|.*\/(random|seed)\.ts)'/.test(readFileSync(path, 'utf8')));
}

/** Runs specs, and returns those that failed; all of them where Jest has written no report. */
function failed(specs: readonly string[]): string[] {
  const file = join(folder, 'report.json');
  rmSync(file, { force: true });
  const jest = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', file, '--runTestsByPath', ...specs];
  const { status } = spawnSync(process.execPath, jest, {
    env: { ...process.env, SPEC_SEED: String(seed) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status === 0) return [];
  try {
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return testResults.filter((result) => result.status === 'failed').map(({ name }) => name);
  } catch {
    return [...specs];
  }
}

/** Whether a spec that failed fails again. */
function failsAgain(spec: string): boolean {
  for (let look = 0; look < SECOND_LOOKS; look += 1) if (failed([spec]).length > 0) return true;
  console.log(`Not seen again in ${SECOND_LOOKS} runs: ${spec}`);
  return false;
}

/** Whether programs have the same results as in Python; skipped where there is no Python. */
function conforms(): boolean {
  if (!hasPython) {
    console.log('Skipped: there is no python3 to compare with');
    return true;
  }
  const comparison = ['scripts/conformance.ts', '--runs', String(runs), '--seed', String(seed)];
  const { status } = spawnSync(process.execPath, ['node_modules/ts-node/dist/bin.js', ...comparison], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === 0;
}

function main(): void {
  console.log(`Seed ${seed}. To repeat: npm run test:fresh -- --seed ${seed} --runs ${runs}`);
  try {
    const confirmed = failed(randomSpecs()).filter(failsAgain);
    for (const spec of confirmed) console.log(`Failed again: SPEC_SEED=${seed} npx jest ${spec}`);
    if (confirmed.length > 0 || !conforms()) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
