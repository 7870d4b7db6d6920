import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { Compiled } from './compile.ts';
import { explore } from './machine.ts';
import { Bench, type Outcome } from './measure.ts';
import { table } from './report.ts';
import { contenderNames, rows, type ContenderName, type Row } from './rows.ts';

/** `npm run bench`: measures this library against plain Node code and others. */

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly core: number;
  readonly only?: ContenderName[];
  readonly node?: string;
  readonly json?: string;
}

function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (number >= least) return number;
    throw new InvalidArgumentError(`It must be a number, ${least} or more.`);
  };
}

function row(name: string, before: readonly Row[] = []): readonly Row[] {
  const found = rows.find((one) => one.name === name);
  if (found === undefined) {
    throw new InvalidArgumentError(`It must be one of ${rows.map((one) => one.name).join(', ')}.`);
  }
  return [...before, found];
}

function contenders(text: string): ContenderName[] {
  return text.split(',').map((part) => {
    const found = contenderNames.find((name) => name === part);
    if (found === undefined) throw new InvalidArgumentError(`They must be of ${contenderNames.join(', ')}.`);
    return found;
  });
}

async function main(asked: readonly Row[], options: Options): Promise<void> {
  const machine = explore(options.node);
  const compiled = new Compiled();
  process.once('exit', () => compiled.remove());
  const bench = new Bench(compiled, machine);
  const names = contenderNames.filter(
    (name) => bench.has(name) && (options.only === undefined || name === 'data' || options.only.includes(name)),
  );
  const { rounds, seconds } = options;
  const core = machine.taskset ? options.core : undefined;
  const otherCore = core === undefined ? undefined : (core + 1) % availableParallelism();
  console.log(machine.description);
  console.log(core === undefined ? 'not bound to a processor: there is no taskset' : `all on processor ${core}`);

  const outcomes: Outcome[] = [];
  for (const one of asked) {
    const outcome = await bench.measure(one, { contenders: names, rounds, seconds, core, otherCore });
    for (const [name, failure] of Object.entries(outcome.failures)) console.error(`${one.name}: ${name}: ${failure}`);
    console.error(one.name);
    outcomes.push(outcome);
  }
  console.log(`\n${table(outcomes)}`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ machine: machine.description, outcomes }, null, 2)}\n`);
  }
}

const program = new Command('bench')
  .description('Measures this library against plain Node code and others.')
  .argument('[rows...]', 'which rows to measure; all if it is left out', row)
  .option('--rounds <n>', 'how many rounds count', numberFrom(1), 9)
  .option('--seconds <s>', "how long a contender's turn takes", numberFrom(0.001), 0.25)
  .option('--core <n>', 'the processor that all processes share', numberFrom(0), availableParallelism() - 1)
  .option('--only <names>', `beside the plain code, only these of ${contenderNames.join(', ')}`, contenders)
  .option('--node <version>', 'another Node, as `22`, which npx fetches')
  .option('--json <file>', 'writes all results to a file')
  .action(async (asked: readonly Row[], options: Options) => {
    await main(asked.length > 0 ? asked : rows, options);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
