/**
 * Runs the tests on every Node that is supported, one after another: `npm run test:nodes`, or `npm run test:nodes -- 20
 * 26` for some of them. The npm package `node` has each version as a binary.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the coverage is measured: this Node has both the documented ways and those that stand in for them on older
 * ones.
 */
const COVERED = '24';

/**
 * Specs that are none of Node's business, by their paths: `npm test` runs them, on one Node. A demo is a program over
 * calls that other specs test on every Node; `npm start`, the textbook's pair and the server of files are run on each.
 */
const ONCE = [
  // What the compiler and the documents say.
  'spec/docs/(declarations|python-names|tables)\\.',
  'spec/(index|types)\\.spec',
  // The benchmark is no part of the library.
  'spec/bench/',
  'spec/demos/(chat|command|determined-sender|http-get|multicast-chat|patient-receiver|port-scanner|time|udp-echo)\\.',
];

/** The part of Jest's --json report that is read here. */
interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numFailedTestSuites: number;
}

interface Outcome {
  passed: boolean;
  summary: string;
}

const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ['20', '22', '24', '26'];
const folder = mkdtempSync(join(tmpdir(), 'test-nodes-'));

/** How to start `node` of that version: first what to run, then the arguments that come before node's own. */
function nodeOf(version: string): [command: string, ...args: string[]] {
  return ['npx', '--yes', '--package', `node@${version}`, '--', 'node'];
}

function exactVersion(version: string): string | null {
  const [command, ...args] = nodeOf(version);
  const { stdout } = spawnSync(command, [...args, '--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exact = stdout.trim();
  return exact.startsWith(`v${version}.`) ? exact : null;
}

function test(version: string): Outcome {
  const exact = exactVersion(version);
  if (exact === null) return { passed: false, summary: `Node ${version}: did not start` };

  console.log(`\nNode ${exact}`);
  const file = join(folder, `${version}.json`);
  const [command, ...args] = nodeOf(version);
  const jest = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', file];
  jest.push(...ONCE.map((path) => `--testPathIgnorePatterns=${path}`));
  if (version === COVERED) jest.push('--coverage', '--coverageReporters=text');
  // Jest prints its progress on standard error; on standard output come the coverage and the report, which is in the
  // file too.
  const { status } = spawnSync(command, [...args, ...jest], {
    stdio: ['ignore', version === COVERED ? 'inherit' : 'ignore', 'inherit'],
  });
  const report = readReport(file);
  if (report === null) return { passed: false, summary: `Node ${exact}: Jest ended without a report` };

  const { numPassedTests, numFailedTests, numFailedTestSuites } = report;
  const skipped = report.numPendingTests + report.numTodoTests;
  const broken = numFailedTestSuites > 0 ? ` (test files: ${numFailedTestSuites})` : '';
  return {
    passed: status === 0 && report.success,
    summary: `Node ${exact}: ${numPassedTests} passed, ${numFailedTests} failed${broken}, ${skipped} skipped`,
  };
}

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}

const outcomes = versions.map(test);
rmSync(folder, { recursive: true });
console.log(`\n${outcomes.map((outcome) => outcome.summary).join('\n')}`);
if (!outcomes.every((outcome) => outcome.passed)) process.exitCode = 1;
