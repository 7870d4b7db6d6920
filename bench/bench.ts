import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { SingleBar } from 'cli-progress';
import { InvalidArgumentError, Option } from 'commander';
import { command } from '../demos/support/command.ts';
import { Compiled } from './compile.ts';
import { keepResults, writeDocuments } from './document.ts';
import { goals } from './goals.ts';
import { goalsMet, goalsTable, misses } from './goals-table.ts';
import { explore, type Machine } from './machine.ts';
import { Bench, roundsOf, type Outcome, type Plan } from './measure.ts';
import { measureMemory, MEMORY_ROUNDS, type MemoryOutcome } from './memory.ts';
import { againstTable, markdown, rowOf, titles, type Report } from './report.ts';
import type { Run } from './results.ts';
import { contenderNames, rows, runtimeNames, type ContenderName, type RuntimeName } from './rows.ts';

/** `npm run bench`: measures this library against plain Node code and others. */

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly core: number;
  readonly only?: ContenderName[];
  readonly against?: string;
  readonly with?: RuntimeName[];
  readonly node?: string;
  readonly json?: string;
  readonly write?: true;
  readonly documents?: true;
}

/** What is measured otherwise than the rows. */
const apart = ['memory', 'tls-memory', 'queues', 'allocation'];

/** What can be measured. */
const names = [...rows.map(({ name }) => name), ...apart];

/** Stands for all rows that have a goal, but for those of TLS. */
const GOALS = 'goals';

const withGoals = rows.filter((row) => goals[row.name] !== undefined && row.group !== 'tls').map((row) => row.name);

/** Stands for all that is measured over TLS. */
const TLS = 'tls';
const tlsNames = names.filter((name) => name.startsWith('tls-'));

function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (number >= least) return number;
    throw new InvalidArgumentError(`It must be a number, ${least} or more.`);
  };
}

function name(text: string, before: readonly string[] = []): readonly string[] {
  if (text === TLS) return [...before, ...tlsNames];
  if (text === GOALS) return [...before, ...withGoals];
  if (names.includes(text)) return [...before, text];
  throw new InvalidArgumentError(`It must be one of ${[...names, GOALS, TLS].join(', ')}.`);
}

/** Reads a list of known names, separated by commas. */
function listOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((part) => {
      const found = known.find((one) => one === part);
      if (found === undefined) throw new InvalidArgumentError(`They must be among ${known.join(', ')}.`);
      return found;
    });
}

function planOf(bench: Bench, machine: Machine, options: Options): Plan {
  const { only, rounds, seconds, core, against } = options;
  const chosen = contenderNames.filter(
    (one) => bench.has(one) && (only === undefined || one === 'data' || only.includes(one)),
  );
  const who: Pick<Plan, 'contenders' | 'base'> =
    against === undefined
      ? { contenders: chosen, base: 'data' }
      : { contenders: ['data', 'before', 'await-socket'], base: 'data' };
  if (!machine.taskset) return { ...who, rounds, seconds, core: undefined, otherCore: undefined };
  return { ...who, rounds, seconds, core, otherCore: (core + 1) % availableParallelism() };
}

async function measure(bench: Bench, plan: Plan, asked: readonly string[]): Promise<Report> {
  const chosen = rows.filter((row) => asked.includes(row.name));
  const turns = chosen.map((row) => roundsOf(row, plan) * plan.contenders.length);
  const memories = ['memory', 'tls-memory'].filter((one) => asked.includes(one));
  const memoryTurns = memories.length * MEMORY_ROUNDS * plan.contenders.length;
  const bar = new SingleBar({ format: '{bar} {eta_formatted} {row}', stream: process.stderr, clearOnComplete: true });
  bar.start(
    turns.reduce((sum, one) => sum + one, memoryTurns),
    0,
    { row: '' },
  );
  const step = (row: string): void => bar.increment({ row });
  const outcomes: Outcome[] = [];
  for (const row of chosen) outcomes.push(await bench.measure(row, plan, step));
  const memoryOf = async (one: string): Promise<MemoryOutcome | undefined> =>
    memories.includes(one) ? await measureMemory(bench, plan, one === 'tls-memory', () => step(one)) : undefined;
  const memory = await memoryOf('memory');
  const tlsMemory = await memoryOf('tls-memory');
  const growths = asked.includes('queues') ? await bench.growths(plan) : undefined;
  const allocation = asked.includes('allocation') ? await bench.allocation() : undefined;
  bar.stop();
  return { outcomes, memory, tlsMemory, growths, allocation };
}

/** The machine, the time and the method of the measurement. */
function runOf(machine: Machine, { rounds, seconds }: Plan): Run {
  const given = process.argv.slice(2).filter((argument) => argument !== '--write');
  const rowsGiven = given.filter((argument) => names.includes(argument));
  // The tables show which rows they were.
  const shown = rowsGiven.length > 5 ? ['ROWS', ...given.filter((argument) => !names.includes(argument))] : given;
  const command = ['npm run bench', ...(shown.length > 0 ? ['--', ...shown] : [])].join(' ');
  const load = (loadavg()[2] ?? 0).toFixed(1);
  const date = new Date().toISOString().slice(0, 10);
  const how = `${date}, \`${command}\`, ${rounds} rounds of ${seconds} s, load ${load} on ${availableParallelism()} processors`;
  return { node: machine.nodeVersion.replace('v', ''), machine: machine.description, how };
}

/** Where the processes ran, and which program took the other side. */
function placesOf({ core }: Plan, outcomes: readonly Outcome[]): string[] {
  const place =
    core === undefined
      ? 'The processes are not bound to a processor: there is no `taskset`.'
      : `Both sides share processor ${core}; only at the rows of 10,000 connections they have one each.`;
  const peers = [...new Set(outcomes.map(({ peer }) => peer))].map((peer) => {
    const own = outcomes.filter((outcome) => outcome.peer === peer).map((outcome) => rowOf(outcome).title);
    return `The other side is ${titles[peer]}: ${own.join('; ')}.`;
  });
  return [place, ...peers];
}

/** Which goals are met, where any were measured. */
function goalsLines(major: string, report: Report): string[] {
  const sentence = goalsMet(major, report);
  return sentence === undefined ? [] : [goalsTable({ [major]: report }), '', sentence];
}

async function main(asked: readonly string[], options: Options): Promise<void> {
  if (options.documents === true) {
    await writeDocuments();
    return;
  }
  const isWhole = asked.length === 0;
  if (options.against !== undefined && apart.some((one) => asked.includes(one))) {
    throw new Error(`--against measures rows, and none of ${apart.join(', ')}`);
  }
  const machine = explore(options.node, options.with ?? []);
  const compiled = new Compiled();
  const before = options.against === undefined ? undefined : new Compiled(options.against);
  process.once('exit', () => [compiled, before].forEach((one) => one?.remove()));
  // The contenders' processes end by themselves once this one has ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const bench = new Bench(compiled, machine, before);
  const plan = planOf(bench, machine, options);
  const whole = before === undefined ? names : rows.map((row) => row.name);
  const report = await measure(bench, plan, isWhole ? whole : asked);
  const run = runOf(machine, plan);
  const conditions = [run.machine, run.how, ...placesOf(plan, report.outcomes)];
  const major = String(parseInt(run.node));
  const result =
    before === undefined
      ? [markdown(report), '', ...goalsLines(major, report), ...misses(report)]
      : [againstTable(report.outcomes)];
  console.log([...conditions, '', ...result].join('\n'));
  for (const { row, failures } of report.outcomes) {
    for (const [contender, failure] of Object.entries(failures)) {
      console.error(`${row}: ${contender}: ${failure}`);
      process.exitCode = 1;
    }
  }
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ conditions, ...report }, null, 2)}\n`);
  }
  if (options.write === true) await keepResults(report, run);
}

const program = command('bench', 'Measures this library against plain Node code and others.')
  .argument(
    '[rows...]',
    `what to measure: ${names.join(', ')}, ${GOALS} for the rows that have one, or ${TLS} for all over TLS; all if it is left out`,
    name,
  )
  .option('--rounds <n>', 'how many rounds count', numberFrom(1), 15)
  .option('--seconds <s>', "how long a contender's turn takes", numberFrom(0.001), 0.1)
  .option('--core <n>', 'the processor that all processes share', numberFrom(0), availableParallelism() - 1)
  .option('--only <names>', `beside the plain code, only these of ${contenderNames.join(', ')}`, listOf(contenderNames))
  .addOption(
    new Option('--against <revision>', 'measures the library beside itself at an earlier commit, in turns').conflicts([
      'only',
      'with',
      'write',
    ]),
  )
  .option('--with <names>', `also these, which npx fetches: ${runtimeNames.join(', ')}`, listOf(runtimeNames))
  .option('--node <version>', 'another Node, as `22`, which npx fetches')
  .option('--json <file>', 'writes all results to a file')
  .option('--write', 'keeps the results, and writes docs/performance.md and bench/README.md')
  .option('--documents', 'measures nothing, and writes the documents and charts from the results that are kept')
  .action(async (asked: readonly string[], options: Options) => {
    await main(asked, options);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
