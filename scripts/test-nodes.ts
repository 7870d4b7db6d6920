/**
 * Runs the tests on every Node that is supported, one after another: `npm run test:nodes`, or `npm run test:nodes -- 20
 * 26` for some of them. The npm package `node` has each version as a binary.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument } from 'commander';
import { command } from '../demos/support/command.ts';
import { nodePath, SUPPORTED_NODES } from './nodes.ts';

/**
 * The Node on which the coverage is measured: it has the newest calls of Node, and also those that stand in for them on
 * older Nodes.
 */
const COVERED = '24';

/**
 * The paths of specs that do not depend on Node's version: only `npm test` runs them, on one Node. Demos use calls that
 * other specs test on every Node; `npm start`, the textbook's pair and the file server are run on each.
 */
const ONCE = [
  // Types and documents; `npm run test:package` runs the examples on each Node.
  'spec/docs/(blocks|commands|python-names|recipes|tables)\\.',
  'spec/(exercises|index|types)\\.spec',
  // Recipes with other programs; those of Node's own ways are run on each Node.
  'spec/recipes/(footprint|parents|proxies)\\.',
  // Programs that use calls which other specs test on every Node; the REPL, which is Node's, is tried on each.
  'spec/cli/(completion|nc|python-lines)\\.',
  // The long runs in small start several processes each.
  'spec/soak/',
  // The benchmark is not part of the library.
  'spec/bench/',
  // The kernel's timers are the same for each, and so are the demos.
  'spec/harsh/(bounds|demos|floods|memory|network)',
  'spec/supply-chain\\.',
  // Every call with values of another context, and under restrictions: what depends on Node's version is tried on each.
  'spec/hostile/(realms|restricted-calls)\\.',
  // What the kernel is asked to close, what C calls it, and the order of the calls do not depend on Node.
  'spec/kernel/(descriptors|interleavings|layout)\\.',
  'spec/demos/(chat|command|determined-sender|drain-server|https?-get|kernel|multicast-chat|outbox|patient-receiver)\\.',
  // The page of a trace in a browser.
  'spec/trace/page\\.',
  'spec/demos/(port-scanner|selector-echo|starttls-mail|time|tls-echo|udp-echo)\\.',
];

/**
 * Those that do not depend on it either, and reach code that no other spec does: they also run where the coverage is
 * measured. The library's names, how often its own calls give way to the event loop, and what reads traces.
 */
const ONCE_BUT_COVERED = ['spec/(promises/fairness|python/names|trace/(pcapng|picture|scale))\\.'];

/**
 * The Node between two others that all specs run on, and those it runs: they are about the library's ways into Node. A
 * Node that differs from both its neighbours does so there.
 */
const BETWEEN = '22';
const WAYS_INTO_NODE = 'spec/(hostile|kernel|promises|select|serve|socket|ssl|streams|transports)/';

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

const asked = command('test:nodes', 'Runs the tests on each supported Node.')
  .addArgument(new Argument('[versions...]', 'only these; all if they are left out').choices(SUPPORTED_NODES))
  .parse().args;
const versions = asked.length > 0 ? asked : SUPPORTED_NODES;
const folder = mkdtempSync(join(tmpdir(), 'test-nodes-'));

/** The path of a Node and its exact version; null where it does not start. */
function find(version: string): { node: string; exact: string } | null {
  try {
    const node = nodePath(version);
    const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    return exact.startsWith(`v${version}.`) ? { node, exact } : null;
  } catch {
    return null;
  }
}

function test(version: string): Outcome {
  const found = find(version);
  if (found === null) return { passed: false, summary: `Node ${version}: did not start` };

  const { node, exact } = found;
  console.log(`\nNode ${exact}`);
  const file = join(folder, `${version}.json`);
  const jest = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', file];
  const left = version === COVERED ? ONCE : [...ONCE, ...ONCE_BUT_COVERED];
  jest.push(...left.map((path) => `--testPathIgnorePatterns=${path}`));
  if (version === BETWEEN) jest.push('--testPathPatterns', WAYS_INTO_NODE);
  if (version === COVERED) jest.push('--coverage', '--coverageReporters=text');
  // Jest prints its progress on standard error, and the coverage and the report on standard output; the report is in
  // the file too.
  const { status } = spawnSync(node, jest, {
    stdio: ['ignore', version === COVERED ? 'inherit' : 'ignore', 'inherit'],
  });
  const report = readReport(file);
  if (report === null) return { passed: false, summary: `Node ${exact}: Jest ended without a report` };

  const { numPassedTests, numFailedTests, numFailedTestSuites } = report;
  const skipped = report.numPendingTests + report.numTodoTests;
  const broken = numFailedTestSuites > 0 ? ` (test files: ${numFailedTestSuites})` : '';
  const passed = status === 0 && report.success;
  // Jest says above what else it misses, such as coverage.
  const missed = passed || !report.success ? '' : `, and Jest ended with ${status ?? 'a signal'}`;
  return {
    passed,
    summary: `Node ${exact}: ${numPassedTests} passed, ${numFailedTests} failed${broken}, ${skipped} skipped${missed}`,
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
